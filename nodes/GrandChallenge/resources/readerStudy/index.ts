import { list } from '../../../../client/api/json';
import { safeText } from '../../../../client/readerStudies/question';
import { asData } from '../../../n8n/data';
import { readerStudyField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { exportAnswers } from './exportAnswers';
import { getGroundTruth } from './getGroundTruth';
import { getProgress } from './getProgress';

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
			title: safeText(entity, 'title'),
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
	operations: [exportAnswers, getOperation(readable), getGroundTruth, getManyOperation(readable), getProgress],
};
