import { inSeconds } from '../../../../client/api/duration';
import { text } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';
import { asFlag } from '../../../n8n/parameters';
import { answerField, asFilter, displaySetField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofReaderStudy, type Readable } from '../reading';

const readable: Readable = {
	singular: 'answer',
	plural: 'answers',
	collection: (gc) => gc.answers,
	field: answerField,
	simplify: (entity) => {
		const { pk, answer, creator, created, modified, is_ground_truth } = asData(entity);
		return {
			pk,
			answer,
			question: pkOf(text(entity, 'question')),
			display_set: pkOf(text(entity, 'display_set')),
			creator,
			created,
			modified,
			is_ground_truth,
			answer_image: pkOf(text(entity, 'answer_image')) || null,
			last_edit_seconds: inSeconds(entity.last_edit_duration),
			total_edit_seconds: inSeconds(entity.total_edit_duration),
		};
	},
	scope: [ofReaderStudy('question__reader_study')],
	filters: [
		{ field: asFilter(displaySetField), query: async (gc, value) => ({ display_set: await gc.displaySets.pk(value) }) },
		{
			field: {
				displayName: 'Ground Truth',
				name: 'groundTruth',
				type: 'boolean',
				default: false,
				description: 'Whether to return the ground truth, or only what readers have answered. Without this filter both come.',
			},
			query: (_gc, value) => ({ is_ground_truth: String(asFlag(value, 'Ground Truth')) }),
		},
		{
			field: {
				displayName: 'Reader',
				name: 'reader',
				type: 'string',
				default: '',
				placeholder: 'e.g. jdoe',
				description: 'Only answers of the account with this user name',
			},
			query: (_gc, value) => ({ creator: value }),
		},
	],
};

export const answer: ResourceOperations = {
	value: 'answer',
	name: 'Answer',
	operations: [getOperation(readable), getManyOperation(readable)],
};
