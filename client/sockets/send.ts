import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { createSession } from '../files/sessions';
import { uploadFile } from '../files/upload';
import { baseName } from '../files/names';
import type { FileSource } from '../ports';
import type { CheckedAssignment } from './check';

/** What is to be written for one socket, after its files went up. */
export interface PreparedValue {
	slug: string;
	/** For the request that writes it (API sheet, section 9.3). */
	body: JsonObject;
	/** pk of the upload session that imports its image, the only place where a reason for a failed import is shown. */
	session?: string;
	/** Whether the platform works on it in the background, so that it is not there when the request is answered. */
	pending: boolean;
}

/**
 * Brings the files of all values to the platform. Images are put into an upload session of our own, so that a failed
 * import has a reason.
 * @throws GrandChallengeError; nothing is written into a case yet
 */
export const prepareValues = async (gc: GrandChallenge, assignments: CheckedAssignment[]): Promise<PreparedValue[]> => {
	// Images are looked up before any file goes up: the cheap checks first.
	const images = new Map<string, string>();
	for (const { socket, source } of assignments) {
		if (source.from === 'image') images.set(socket.slug, text(await gc.images.getOnce(source.image), 'api_url'));
	}
	const prepared: PreparedValue[] = [];
	for (const { socket, source } of assignments) {
		const { slug } = socket;
		const write = (body: JsonObject, pending: boolean, session?: string) =>
			prepared.push({ slug, body: { interface: slug, ...body }, pending, session });
		if (source.from === 'image') write({ image: images.get(slug) }, false);
		else if (source.from === 'json' && socket.superKind === 'Value') write({ value: source.value }, false);
		else if (source.from === 'json') write({ user_upload: await uploadFile(gc.transport, jsonFile(socket.relativePath, source.value)) }, true);
		else if (socket.superKind === 'File') write({ user_upload: (await uploadAll(gc, source.files))[0] }, true);
		else {
			const session = await createSession(gc, await uploadAll(gc, source.files), `the files of the socket '${slug}'`);
			write({ upload_session: session.api_url }, true, text(session, 'pk'));
		}
	}
	return prepared;
};

const uploadAll = async (gc: GrandChallenge, files: FileSource[]): Promise<string[]> => {
	const uploads: string[] = [];
	for (const file of files) uploads.push(await uploadFile(gc.transport, file));
	return uploads;
};

/** The base name only: the platform refuses upload names with a folder, which gcapi sends. */
const jsonFile = (relativePath: string, value: unknown): FileSource => {
	const bytes = Buffer.from(JSON.stringify(value));
	const open = async function* () {
		yield bytes;
	};
	return { name: baseName(relativePath) || 'value.json', size: bytes.length, open };
};
