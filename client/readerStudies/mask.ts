import { text, type JsonObject } from '../api/json';
import { checkNames } from '../files/names';
import { createSession, importFailed, importFailure } from '../files/sessions';
import { uploadFiles } from '../files/upload';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { asIs, badInput, GrandChallengeError, hasReason, withLeft } from '../transport/errors';
import { unlessAway } from '../transport/transport';
import { until } from '../until';
import { ownAnswer, postAnswer, readPlace, type AnswerPlace } from './answer';
import { named } from './answerValue';

export interface NewMask extends AnswerPlace {
	/** All files of one image. */
	files: FileSource[];
	/** How long it took to draw it, in s. */
	seconds?: number;
	/** ms to wait until the image is there; 0 returns at once. */
	waitMs: number;
	/** pk of the answer that an earlier try has made, whose image may be on its way. */
	made?: string;
}

/**
 * Answers a question with a mask. The files go up first, so that what fails then leaves no answer behind; later failures
 * name the answer, and a next try fills it.
 * @returns the answer as the platform shows it at the end
 * @throws GrandChallengeError
 * @see the API sheet, sections 8.6 and 10.3
 */
export const uploadMask = async (gc: GrandChallenge, wanted: NewMask): Promise<JsonObject> => {
	const { question, displaySet } = await readPlace(gc, wanted);
	const about = named(question);
	if (question.answerType !== 'Mask') throw badInput(`${about} is not answered with an image`, 'Use Answer: Create');
	if (wanted.files.length === 0) throw badInput(`No file is given for ${about}`, "Name the field that holds it in 'Input Data Field Name'");
	checkNames(about, wanted.files);
	const existing = await ownAnswer(gc, question, displaySet);
	const isTaken = existing !== undefined && existing.answer !== null;
	if (isTaken && existing.pk !== wanted.made) {
		throw badInput(
			`This account has already answered ${about} for this display set, with the answer ${text(existing, 'pk')}`,
			'Where the study allows changes, Answer: Update with an empty answer makes room for another mask. Elsewhere an editor has to delete the answer on the site',
		);
	}
	const uploads = isTaken ? undefined : await uploadFiles(gc.transport, wanted.files);
	const answer = text(existing ?? (await postAnswer(gc, question, displaySet, null, wanted.seconds)), 'pk');
	try {
		if (uploads) await assign(gc, answer, uploads, `the mask for ${about}`);
		return await arrived(gc, answer, uploads ? text(existing, 'answer_image') : '', wanted.waitMs);
	} catch (error) {
		throw withLeft(error, { answer }, `The answer ${answer} was made`);
	}
};

const assign = async (gc: GrandChallenge, answer: string, uploads: string[], subject: string) => {
	try {
		await createSession(gc, uploads, subject, { answer });
	} catch (error) {
		// The answer names the session that brings its image.
		const isAssigned = hasReason(error, 'outcomeUnknown') && sessionOf(await gc.answers.get(answer)) !== '';
		if (!isAssigned) throw asIs(error);
	}
};

/** pk of the upload session that brings the image of an answer; empty where there is none. */
const sessionOf = (answer: JsonObject): string => text(answer.answer, 'upload_session_pk');

/**
 * @param before the image that the answer had, as it is with one that was emptied
 * @returns the answer with its image, or as it is where nothing is to be waited for
 */
const arrived = async (gc: GrandChallenge, pk: string, before: string, limitMs: number): Promise<JsonObject> => {
	if (limitMs === 0) return gc.answers.get(pk);
	const complete = await until(gc.transport, limitMs, async () => {
		const answer = await unlessAway(gc.answers.get(pk));
		if (answer === undefined || ![before, ''].includes(text(answer, 'answer_image'))) return answer;
		const pending = sessionOf(answer);
		const session = pending ? await unlessAway(gc.uploadSessions.get(pending)) : undefined;
		const why = session && importFailure(session);
		if (why !== undefined) throw importFailed(`the files of the answer ${pk}`, why);
		return undefined;
	});
	if (complete !== undefined) return complete;
	throw new GrandChallengeError('timeLimit', `The answer ${pk} does not show its image yet`, {
		advice: "It may still come; Answer: Get shows it then. 'Longest Wait' sets the time",
	});
};
