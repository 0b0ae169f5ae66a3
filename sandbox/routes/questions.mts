import type { FastifyInstance } from 'fastify';

import { canReadPart } from '../access.mts';
import { decimal } from '../answers.mts';
import { safe } from '../html.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, related } from '../links.mts';
import { byOrder, filterPk } from '../lists.mts';
import { isSince, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type Question } from '../store.mts';
import { showSocket } from '../values.mts';
import type { Call } from '../view.mts';

/** `reader-studies/questions/`. */
export const questionRoutes = (app: FastifyInstance, platform: Platform): void => {
	mountRead(app, platform, {
		path: 'reader-studies/questions/',
		model: 'Question',
		permission: [],
		csv: true,
		list: (call) => {
			const study = filterPk(call, 'reader_study', (pk) => platform.store.readerStudies.has(pk));
			const visible = filterMap(platform.store.questions, (question) => canReadPart(platform, call.user, question));
			return byOrder(visible.filter((question) => study === undefined || question.readerStudy === study));
		},
		show: showQuestion,
	});
};

/** The questions of a study in their order. */
export const questionsOf = (platform: Platform, study: string): Question[] =>
	byOrder(filterMap(platform.store.questions, (question) => question.readerStudy === study));

/** A question as the API shows it. */
export const showQuestion = ({ platform, requestOrigin }: Call, question: Question): JsonObject => {
	const hasTwins = !isSince(platform, 'C');
	return {
		answer_type: question.answerType.name,
		api_url: apiUrl(platform, 'reader-studies/questions', question.pk),
		form_direction: question.vertical ? 'Vertical' : 'Horizontal',
		...(hasTwins ? { help_text: question.helpText } : {}),
		help_text_safe: question.helpText,
		image_port: question.imagePort,
		default_annotation_color: question.annotationColor,
		pk: question.pk,
		...(hasTwins ? { question_text: safe(question.text) } : {}),
		question_text_safe: safe(question.text),
		reader_study: related(requestOrigin, 'reader-studies', question.readerStudy),
		required: question.required,
		options: question.options.map(({ id, title, default: isDefault }) => ({ id, title, default: isDefault })),
		interface: question.socket === null ? null : showSocket(question.socket),
		overlay_segments: question.overlaySegments,
		look_up_table: null,
		widget: question.widget,
		answer_min_value: question.minValue,
		answer_max_value: question.maxValue,
		answer_step_size: question.stepSize === null ? null : decimal(question.stepSize),
		answer_min_length: question.minLength,
		answer_max_length: question.maxLength,
		answer_match_pattern: question.matchPattern,
		empty_answer_confirmation: question.emptyAnswerConfirmation,
		...(hasTwins
			? {
					empty_answer_confirmation_label: safe(question.emptyAnswerConfirmationLabel),
				}
			: {}),
		empty_answer_confirmation_label_safe: safe(question.emptyAnswerConfirmationLabel),
		interactive_algorithms: [],
		...(hasTwins ? {} : { algorithms: [] }),
	};
};
