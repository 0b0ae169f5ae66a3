import { groundTruthOf } from '../../../../client';
import { text } from '../../../../client/api/json';
import { answerInWords } from '../../../../client/readerStudies/answerValue';
import { safeText } from '../../../../client/readerStudies/question';
import { asData } from '../../../n8n/data';
import { displaySetField, readerStudyField } from '../../fields/locator';
import type { Operation } from '../../operation';

export const getGroundTruth: Operation = {
	value: 'getGroundTruth',
	name: 'Get Ground Truth',
	action: 'Get ground truth of reader study',
	description: 'Read the answers that readers of an educational study are measured by, for one display set, one output item per question',
	fields: [readerStudyField, displaySetField],
	execute: async ({ gc, parameters }) => {
		const { displaySet, truths } = await groundTruthOf(gc, parameters.text('readerStudy'), parameters.text('displaySet'));
		return truths.map(({ question, answer, explanation }) => ({
			json: asData({
				reader_study: question.study,
				display_set: text(displaySet, 'pk'),
				display_set_title: safeText(displaySet, 'title'),
				question: question.pk,
				question_text: question.text,
				answer_type: question.answerType,
				answer,
				answer_text: answerInWords(question, answer),
				options: question.options,
				explanation,
			}),
		}));
	},
};
