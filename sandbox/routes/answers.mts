import type { FastifyInstance } from 'fastify';

import { canReadPart, canViewAnswer } from '../access.mts';
import { answerProblem, saveAnswer } from '../answers.mts';
import { fitsAnyType } from '../answerTypes.mts';
import { clockDuration } from '../durations.mts';
import { forbidden, HtmlError, noMatch, nonField } from '../errors.mts';
import { durationField, FieldErrors, linkField } from '../fields.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, related } from '../links.mts';
import { byCreation, filterBoolean, filterPk, filterText, paginated } from '../lists.mts';
import { apiDate, isSince, usernameOf, type Platform } from '../platform.mts';
import { filterMap, type DisplaySet, type Question, type ReaderAnswer, type User } from '../store.mts';
import { signedIn } from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';

/** `reader-studies/answers/` and `mine/`. */
export const answerRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) =>
		filterMap(platform.store.answers, (answer) => canViewAnswer(platform, user, answer));
	const find = (call: Call): ReaderAnswer => {
		const pk = uuidParam(call);
		const answer = visible(call).find((candidate) => candidate.pk === pk);
		if (answer === undefined) throw noMatch('Answer');
		return answer;
	};
	const list = (call: Call, answers: ReaderAnswer[]) =>
		paginated(call, byCreation(filtered(call, answers)), (answer) => showAnswer(call, answer));
	const permission = ['add', 'change'] as const;
	mount(app, platform, 'reader-studies/answers/', {
		permission,
		csv: true,
		methods: { GET: (call) => list(call, visible(call)), POST: createAnswer },
	});
	mount(app, platform, 'reader-studies/answers/mine/', {
		permission,
		csv: true,
		methods: {
			GET: (call) =>
				list(
					call,
					visible(call).filter((answer) => answer.creator === call.user?.id && !answer.isGroundTruth),
				),
		},
	});
	mount(app, platform, 'reader-studies/answers/:pk/', {
		permission,
		csv: true,
		methods: {
			GET: (call) => ok(showAnswer(call, find(call))),
			PATCH: (call) => updateAnswer(call, find(call), 'patch'),
			PUT: (call) => updateAnswer(call, find(call), 'replace'),
		},
	});
};

const filtered = (call: Call, answers: ReaderAnswer[]): ReaderAnswer[] => {
	const { store } = call.platform;
	const creator = filterText(call, 'creator');
	const study = filterPk(call, 'question__reader_study', (pk) => store.readerStudies.has(pk));
	const displaySet = filterPk(call, 'display_set', (pk) => store.displaySets.has(pk));
	const isGroundTruth = filterBoolean(call, 'is_ground_truth');
	return answers.filter(
		(answer) =>
			(creator === undefined || usernameOf(call.platform, answer.creator) === creator) &&
			(study === undefined || store.questions.get(answer.question)?.readerStudy === study) &&
			(displaySet === undefined || answer.displaySet === displaySet) &&
			(isGroundTruth === undefined || answer.isGroundTruth === isGroundTruth),
	);
};

interface Fields {
	question: Question | undefined;
	displaySet: DisplaySet | undefined;
	lastEditMs: number | null;
}

/** Reads the fields; any question will do, but only display sets that the user sees. */
const readFields = (call: Call, user: User, body: JsonObject, isQuestionRequired: boolean): Fields => {
	const { platform } = call;
	const { store } = platform;
	const errors = new FieldErrors();
	const readable = (pk: string) => {
		const displaySet = store.displaySets.get(pk);
		return displaySet !== undefined && canReadPart(platform, user, displaySet) ? displaySet : undefined;
	};
	const { answer } = body;
	if (answer !== undefined && !fitsAnyType(answer)) {
		errors.add('answer', ['JSON does not fulfill schema: instance is not valid under any of the given schemas']);
	}
	const displaySet = linkField(body, 'display_set', errors, 'reader-studies/display-sets', readable);
	const question = linkField(body, 'question', errors, 'reader-studies/questions', (pk) => store.questions.get(pk), {
		required: isQuestionRequired,
	});
	const lastEditMs = durationField(body, 'last_edit_duration', errors) ?? null;
	errors.throwIfAny();
	return { question, displaySet, lastEditMs };
};

const createAnswer = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const { question, displaySet, lastEditMs } = readFields(call, user, body, true);
	if (question === undefined) throw new Error('unreachable: the question is required');
	const given = body['answer'] ?? null;
	// The platform takes it for granted in spite of calling it optional.
	if (displaySet === undefined) throw new HtmlError(500);
	const problem = answerProblem(platform, { creator: user, question, displaySet, answer: given });
	if (problem !== undefined) throw nonField(problem);
	const now = platform.clock.wall();
	const answer: ReaderAnswer = {
		pk: platform.random.uuid(),
		question: question.pk,
		displaySet: displaySet.pk,
		creator: user.id,
		created: now,
		modified: now,
		answer: given,
		image: null,
		lastEditMs,
		totalEditMs: lastEditMs,
		isGroundTruth: false,
		score: null,
		explanation: '',
	};
	saveAnswer(platform, answer);
	return created(showAnswer(call, answer));
};

// A PUT needs the question, which it may not change: it cannot succeed.
const updateAnswer = async (call: Call, answer: ReaderAnswer, how: 'patch' | 'replace'): Promise<Answer> => {
	const { platform } = call;
	const { store } = platform;
	const user = signedIn(call.user);
	if (answer.creator !== user.id) throw forbidden();
	const body = await bodyObject(call);
	const { lastEditMs } = readFields(call, user, body, how === 'replace');
	const question = store.questions.get(answer.question);
	const displaySet = store.displaySets.get(answer.displaySet);
	if (question === undefined || displaySet === undefined) throw new Error('An answer without its question');
	if (store.readerStudies.get(question.readerStudy)?.allowAnswerModification !== true)
		throw nonField('This reader study does not allow answer modification.');
	const fixed = ['question', 'display_set', ...(isSince(platform, 'C') ? ['score'] : [])];
	if (fixed.some((key) => body[key] !== undefined))
		throw nonField('Only the answer and last_edit_duration field can be modified.');
	// What is left out counts as null.
	const given = body['answer'] ?? null;
	const problem = answerProblem(platform, { creator: user, question, displaySet, answer: given, instance: answer });
	if (problem !== undefined) throw nonField(problem);
	answer.answer = given;
	answer.totalEditMs = answer.totalEditMs === null || lastEditMs === null ? null : answer.totalEditMs + lastEditMs;
	answer.lastEditMs = lastEditMs;
	saveAnswer(platform, answer);
	return ok(showAnswer(call, answer));
};

const showAnswer = ({ platform, requestOrigin }: Call, answer: ReaderAnswer): JsonObject => ({
	answer: answer.answer,
	api_url: apiUrl(platform, 'reader-studies/answers', answer.pk),
	created: apiDate(answer.created),
	creator: usernameOf(platform, answer.creator),
	display_set: related(requestOrigin, 'reader-studies/display-sets', answer.displaySet),
	pk: answer.pk,
	question: related(requestOrigin, 'reader-studies/questions', answer.question),
	modified: apiDate(answer.modified),
	answer_image: answer.image === null ? null : related(requestOrigin, 'cases/images', answer.image),
	last_edit_duration: clockDuration(answer.lastEditMs),
	total_edit_duration: clockDuration(answer.totalEditMs),
	is_ground_truth: answer.isGroundTruth,
	...(isSince(platform, 'C') ? { score: answer.score } : {}),
});
