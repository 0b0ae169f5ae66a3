import { sameJson, text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { badInput, GrandChallengeError, hasReason } from '../transport/errors';
import { settle } from '../transport/transport';
import { answerValue } from './answerValue';
import { quoted, readQuestion, type Question } from './question';

/** Where an answer belongs. pk or URL each. */
export interface AnswerPlace {
	question: string;
	displaySet: string;
}

export interface NewAnswer extends AnswerPlace {
	/** As a person gives it: options by their titles, values as text. */
	answer: unknown;
	/** How long it took to give it, in s. */
	seconds?: number;
}

/**
 * Answers a question for a display set, as the account that the token belongs to.
 * @returns the answer as the platform shows it
 * @throws GrandChallengeError; badInput, before anything is sent, where the question does not allow the answer
 * @see the API sheet, section 8.14
 */
export const createAnswer = async (gc: GrandChallenge, wanted: NewAnswer): Promise<JsonObject> => {
	const { question, displaySet } = await readPlace(gc, wanted);
	return postAnswer(gc, question, displaySet, answerValue(question, wanted.answer), wanted.seconds);
};

/**
 * Reads a question and a display set once.
 * @throws GrandChallengeError (badInput) where they belong to different reader studies
 */
export const readPlace = async (gc: GrandChallenge, place: AnswerPlace): Promise<{ question: Question; displaySet: JsonObject }> => {
	const question = readQuestion(await gc.questions.getOnce(place.question));
	const displaySet = await gc.displaySets.getOnce(place.displaySet);
	if (pkOf(text(displaySet, 'reader_study')) === question.study) return { question, displaySet };
	throw badInput(
		`The display set ${text(displaySet, 'pk')} is not of the reader study that asks ${quoted(question.text)}`,
		"Choose a 'Question' and a 'Display Set' of the same reader study",
	);
};

/**
 * @param value as the platform takes it
 * @param seconds how long it took
 */
export const postAnswer = async (gc: GrandChallenge, question: Question, displaySet: JsonObject, value: unknown, seconds?: number): Promise<JsonObject> => {
	const body = { question: question.apiUrl, display_set: text(displaySet, 'api_url'), answer: value, last_edit_duration: seconds };
	const subject = `the answer to ${quoted(question.text)}`;
	try {
		// The platform takes one answer per person, question and display set: a repeat is refused, and makes no second one.
		return await gc.transport.entity({ method: 'POST', path: gc.answers.resource.path, body, subject, repeatable: true });
	} catch (error) {
		const found = mayBeThere(error) ? await settle(ownAnswer(gc, question, displaySet)) : undefined;
		const made = found && 'value' in found ? found.value : undefined;
		if (made === undefined || !sameJson(made.answer, value)) throw withFormat(error, question);
		return made;
	}
};

/** The platform does not say which format a text does not have. */
const withFormat = (error: unknown, { pattern }: Question): unknown =>
	hasReason(error, 'notAccepted') && /requested format/i.test(error.message)
		? new GrandChallengeError('notAccepted', error.message, { status: error.status, advice: `It takes texts that match the regular expression ${pattern}`, cause: error })
		: error;

/** Whether the answer may be on record, though the last that was heard of it is an error. */
const mayBeThere = (error: unknown): boolean =>
	error instanceof GrandChallengeError && (error.answerLost || hasReason(error, 'notReachable', 'unavailable', 'unexpectedAnswer'));

/** What the account has answered to a question for a display set. */
export const ownAnswer = async (gc: GrandChallenge, question: Question, displaySet: JsonObject): Promise<JsonObject | undefined> => {
	const place = { question__reader_study: question.study, display_set: text(displaySet, 'pk') };
	for await (const answer of gc.ownAnswers.iterate(place)) {
		if (pkOf(text(answer, 'question')) === question.pk) return answer;
	}
	return undefined;
};

export interface ChangedAnswer {
	/** pk or URL of the answer. */
	answer: string;
	/** As a person gives it. */
	value: unknown;
	/** How long it took to change it, in s; what is on record stays unless given. */
	seconds?: number;
}

/**
 * Changes an answer that the account has given.
 * @returns the answer as the platform shows it
 * @throws GrandChallengeError; badInput, before anything is sent, where question or study do not allow it
 * @see the API sheet, section 8.14
 */
export const updateAnswer = async (gc: GrandChallenge, wanted: ChangedAnswer): Promise<JsonObject> => {
	const before = await gc.answers.get(wanted.answer);
	const question = readQuestion(await gc.questions.getOnce(pkOf(text(before, 'question'))));
	const study = await gc.readerStudies.getOnce(question.study);
	if (study.allow_answer_modification === false) {
		throw badInput(`The reader study '${text(study, 'slug')}' does not allow answers to be changed`, 'Its editors can allow it on the site, in the settings of the study');
	}
	const answer = answerValue(question, wanted.value);
	// The platform adds each duration to the total, and forgets both where none is sent. Without a total the last one may stay.
	const total = before.total_edit_duration ?? null;
	const kept = total === null ? before.last_edit_duration : 0;
	const pk = text(before, 'pk');
	try {
		return await gc.transport.entity({
			method: 'PATCH',
			path: `${gc.answers.resource.path}${pk}/`,
			body: { answer, last_edit_duration: wanted.seconds ?? kept ?? null },
			subject: `the answer to ${quoted(question.text)}`,
			// A second time it would be added twice.
			repeatable: total === null || (wanted.seconds ?? 0) === 0,
		});
	} catch (error) {
		if (hasReason(error, 'noPermission')) throw notYours(error, before);
		const now = hasReason(error, 'outcomeUnknown') ? await settle(gc.answers.get(pk)) : undefined;
		if (now === undefined || !('value' in now) || now.value.modified === before.modified || !sameJson(now.value.answer, answer)) throw withFormat(error, question);
		return now.value;
	}
};

const notYours = (error: GrandChallengeError, answer: JsonObject) =>
	new GrandChallengeError('noPermission', `This account may not change the answer ${text(answer, 'pk')}`, {
		status: error.status,
		advice: `Only the reader who gave an answer can change it, here '${text(answer, 'creator')}'; editors cannot`,
		cause: error,
	});
