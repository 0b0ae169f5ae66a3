import type { FastifyInstance } from 'fastify';

import { canViewStudy } from '../access.mts';
import { answerText } from '../answers.mts';
import { HtmlError, notFound } from '../errors.mts';
import { safe } from '../html.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, asUuid } from '../links.mts';
import { byCreation, filterText } from '../lists.mts';
import { isSince, siteOrigin, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type ReaderAnswer, type ReaderStudy } from '../store.mts';
import { mount, ok, type Call } from '../view.mts';
import { questionsOf, showQuestion } from './questions.mts';

/** `reader-studies/` and their ground truth. */
export const readerStudyRoutes = (app: FastifyInstance, platform: Platform): void => {
	const find = mountRead(app, platform, {
		path: 'reader-studies/',
		model: 'ReaderStudy',
		permission: ['change'],
		csv: true,
		list: (call) => {
			const slug = filterText(call, 'slug');
			const visible = filterMap(platform.store.readerStudies, (study) => canViewStudy(call.user, study));
			return byCreation(visible.filter((study) => slug === undefined || study.slug === slug));
		},
		show: showStudy,
	});
	mount(app, platform, 'reader-studies/:pk/ground-truth/:displaySet/', {
		permission: ['change'],
		methods: {
			GET: (call) => {
				const truths = groundTruth(platform, find(call));
				if (truths.length === 0) throw notFound();
				const displaySet = asUuid(call.params['displaySet'] ?? '');
				// The platform looks it up without checking it first.
				if (displaySet === undefined) throw new HtmlError(500);
				const shown = truths.filter((answer) => answer.displaySet === displaySet);
				return ok(Object.fromEntries(shown.map((answer) => [answer.question, showTruth(platform, answer)])));
			},
		},
	});
};

/** The answers that readers are measured by; none unless the study is educational. */
const groundTruth = (platform: Platform, study: ReaderStudy): ReaderAnswer[] =>
	study.isEducational ? truthsOf(platform, study) : [];

const truthsOf = (platform: Platform, study: ReaderStudy): ReaderAnswer[] =>
	filterMap(
		platform.store.answers,
		(answer) => answer.isGroundTruth && platform.store.questions.get(answer.question)?.readerStudy === study.pk,
	);

const showTruth = (platform: Platform, { question: pk, answer, explanation }: ReaderAnswer): JsonObject => {
	const question = platform.store.questions.get(pk);
	if (question === undefined) throw new Error('An answer without its question');
	return {
		answer,
		answer_text: answerText(question, answer),
		question_text: question.text,
		options: Object.fromEntries(question.options.map(({ id, title }) => [String(id), title])),
		explanation,
	};
};

const showStudy = (call: Call, study: ReaderStudy): JsonObject => {
	const { platform } = call;
	const hasTwins = !isSince(platform, 'C');
	return {
		api_url: apiUrl(platform, 'reader-studies', study.pk),
		url: `${siteOrigin(platform)}/reader-studies/${study.slug}/`,
		slug: study.slug,
		logo: `${siteOrigin(platform)}/static/logos/reader-study/${study.pk}/logo.png`,
		description: study.description,
		...(hasTwins ? { help_text: study.helpText } : {}),
		help_text_safe: study.helpText,
		pk: study.pk,
		questions: questionsOf(platform, study.pk).map((question) => showQuestion(call, question)),
		...(hasTwins ? { title: safe(study.title) } : {}),
		title_safe: safe(study.title),
		is_educational: study.isEducational,
		instant_verification: study.instantVerification,
		has_ground_truth: truthsOf(platform, study).length > 0,
		allow_answer_modification: study.allowAnswerModification,
		enable_autosaving: false,
		allow_case_navigation: true,
		allow_show_all_annotations: false,
		roll_over_answers_for_n_cases: 0,
		end_of_study_text_safe: study.endOfStudyText,
	};
};
