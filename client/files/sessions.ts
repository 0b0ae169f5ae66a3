import { list, text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { asIs, badInput, GrandChallengeError, hasReason } from '../transport/errors';
import { cleanText } from '../transport/explain';
import { unlessAway } from '../transport/transport';
import { until } from '../until';
import { checkNames } from './names';
import { uploadFiles } from './upload';

/** The platform refuses sessions of more (API sheet, section 6). */
export const MOST_SESSION_FILES = 100;

/**
 * Makes an upload session of completed uploads. Without a target it is only registered, until a socket value refers to it.
 * @param uploads API URLs
 * @param subject in words, for messages
 * @param target where its images go to, e.g. `{ archive: '<slug>' }`
 * @returns the session as the platform shows it
 * @throws GrandChallengeError
 * @see the API sheet, section 8.6
 */
export const createSession = async (gc: GrandChallenge, uploads: string[], subject: string, target: JsonObject = {}): Promise<JsonObject> => {
	try {
		// A session that nothing refers to is only registered, so a second one does no harm.
		const repeatable = Object.keys(target).length === 0;
		return await gc.transport.entity({ method: 'POST', path: gc.uploadSessions.resource.path, body: { uploads, ...target }, subject, repeatable });
	} catch (error) {
		const made = hasReason(error, 'outcomeUnknown') ? await sessionOf(gc, uploads) : undefined;
		if (made === undefined) throw asIs(error);
		return made;
	}
};

/**
 * Brings files to the platform and makes an upload session of them.
 * @param subject and target as for `createSession`
 * @throws GrandChallengeError; (badInput) before anything is sent
 */
export const uploadSession = async (gc: GrandChallenge, files: FileSource[], subject: string, target: JsonObject = {}): Promise<JsonObject> => {
	if (files.length === 0) throw badInput('No file is given', "Name the fields of the input item that hold files in 'Input Data Field Name'");
	if (files.length > MOST_SESSION_FILES) {
		throw badInput(`${files.length} files are too many for one upload session`, `Grand Challenge takes ${MOST_SESSION_FILES} at a time. Put them into one zip file, or send them in several sessions`);
	}
	checkNames('The upload session', files);
	return createSession(gc, await uploadFiles(gc.transport, files), subject, target);
};

/** Each upload is used once, so the session that holds the first one is the one that the lost request made. */
const sessionOf = async (gc: GrandChallenge, [upload]: string[]): Promise<JsonObject | undefined> => {
	for await (const session of gc.uploadSessions.iterate()) {
		if (list(session, 'user_uploads').includes(pkOf(upload))) return session;
	}
	return undefined;
};

/** What an upload session says when its import failed, in one sentence; undefined while it has not failed. */
export const importFailure = (session: JsonObject): string | undefined => {
	const status = text(session, 'status');
	if (status !== 'Failed' && status !== 'Cancelled') return undefined;
	return cleanText(text(session, 'error_message')) || `the import was ${status.toLowerCase()}`;
};

/**
 * Waits until an upload session has imported its files.
 * @param pk of the session
 * @param limitMs the longest wait, in ms; 0 for one look
 * @returns the session as it is then
 * @throws GrandChallengeError (failedThere, timeLimit, cancelled)
 */
export const waitForSession = async (gc: GrandChallenge, pk: string, limitMs: number): Promise<JsonObject> => {
	const ended = await until(gc.transport, limitMs, () => imported(gc, pk));
	if (ended !== undefined) return ended;
	throw notYet(pk);
};

/**
 * As `waitForSession`, and then until its images can be seen where they went to: the session says "Succeeded" before.
 * @returns the session and its images
 */
export const waitForImages = async (gc: GrandChallenge, pk: string, limitMs: number): Promise<{ session: JsonObject; images: JsonObject[] }> => {
	const ended = await until(gc.transport, limitMs, async () => {
		const session = await imported(gc, pk);
		if (session === undefined) return undefined;
		const images = await unlessAway(imagesOf(gc, pk));
		return images && images.length >= list(session, 'image_set').length ? { session, images } : undefined;
	});
	if (ended !== undefined) return ended;
	throw notYet(pk);
};

/** The session once it has imported its files, undefined before. */
const imported = async (gc: GrandChallenge, pk: string): Promise<JsonObject | undefined> => {
	const session = await unlessAway(gc.uploadSessions.get(pk));
	if (session === undefined) return undefined;
	const why = importFailure(session);
	if (why !== undefined) throw importFailed(`the files of the upload session ${pk}`, why);
	return text(session, 'status') === 'Succeeded' ? session : undefined;
};

const imagesOf = async (gc: GrandChallenge, session: string): Promise<JsonObject[]> => {
	const images: JsonObject[] = [];
	for await (const image of gc.images.iterate({ origin: session })) images.push(image);
	return images;
};

const notYet = (pk: string) =>
	new GrandChallengeError('timeLimit', `The upload session ${pk} has not imported its files yet`, {
		advice: "It may still do so. 'Longest Wait' sets the time",
		left: { uploadSession: pk },
	});

/** @param what could not be imported, in words */
export const importFailed = (what: string, why: string) =>
	new GrandChallengeError('failedThere', `Grand Challenge could not import ${what}: ${why}`, {
		advice: 'Check that the files are of a format that Grand Challenge imports, and that they make up one image',
	});
