import { list, text } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { safeText } from '../../../../client/readerStudies/question';
import { asData } from '../../../n8n/data';
import { questionField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofReaderStudy, type Readable } from '../reading';

const readable: Readable = {
	singular: 'question',
	plural: 'questions',
	collection: (gc) => gc.questions,
	field: questionField,
	simplify: (entity) => {
		const { pk, api_url, answer_type, required } = asData(entity);
		return {
			pk,
			api_url,
			question_text: safeText(entity, 'question_text'),
			help_text: safeText(entity, 'help_text'),
			answer_type,
			required,
			options: list(entity, 'options').map((option) => ({ id: asData(option).id, title: text(option, 'title') })),
			reader_study: pkOf(text(entity, 'reader_study')),
		};
	},
	scope: [ofReaderStudy('reader_study')],
};

export const question: ResourceOperations = {
	value: 'question',
	name: 'Question',
	operations: [getOperation(readable), getManyOperation(readable)],
};
