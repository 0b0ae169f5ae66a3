import { list, text } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';
import { readerStudyField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'reader study',
	plural: 'reader studies',
	collection: (gc) => gc.readerStudies,
	field: readerStudyField,
	simplify: (entity) => {
		const { pk, slug, description, url, api_url, is_educational, has_ground_truth, allow_answer_modification } = asData(entity);
		return {
			pk,
			slug,
			title: text(entity, 'title_safe') || text(entity, 'title'),
			description,
			url,
			api_url,
			questions: list(entity, 'questions').length,
			is_educational,
			has_ground_truth,
			allow_answer_modification,
		};
	},
};

export const readerStudy: ResourceOperations = {
	value: 'readerStudy',
	name: 'Reader Study',
	operations: [getOperation(readable), getManyOperation(readable)],
};
