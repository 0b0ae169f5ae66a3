import { asFlag } from '../../../n8n/parameters';
import { answerField, asFilter, displaySetField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofReaderStudy, type Readable } from '../reading';
import { create } from './create';
import { simplify } from './simplify';
import { update } from './update';
import { uploadMask } from './uploadMask';

const readable: Readable = {
	singular: 'answer',
	plural: 'answers',
	collection: (gc) => gc.answers,
	listed: (gc, { onlyMine }) => (asFlag(onlyMine ?? false, 'Only Mine') ? gc.ownAnswers : gc.answers),
	field: answerField,
	simplify,
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
				displayName: 'Only Mine',
				name: 'onlyMine',
				type: 'boolean',
				default: true,
				description: 'Whether to return only what this account has answered as a reader, without ground truth',
			},
			query: () => ({}),
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
	operations: [create, getOperation(readable), getManyOperation(readable), update, uploadMask],
};
