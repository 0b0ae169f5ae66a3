import { text, type JsonObject } from '../api/json';
import type { Socket } from '../api/types';
import { baseName, uploadName } from '../files/names';
import { createSession, MOST_SESSION_FILES } from '../files/sessions';
import { uploadFile, uploadFiles } from '../files/upload';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import type { CheckedAssignment } from './check';
import { ready, type ReadySource } from './ready';

/** What is to be written for one socket, after its files went up. */
export interface PreparedValue {
	slug: string;
	/** For the request that writes it (API sheet, section 9.3). */
	body: JsonObject;
	/** pk of the upload session that imports its image, the only place where a reason for a failed import is shown. */
	session?: string;
	/** Whether the platform works on it in the background, so that it is not there when the request is answered. */
	pending: boolean;
	/** Names of the files that make it up. */
	files: string[];
}

/**
 * Brings the files of all values to the platform, when everything has been looked up. Images are put into an upload session of our own, so that a failed
 * import has a reason.
 * @throws GrandChallengeError; nothing is written into a case yet
 */
export const prepareValues = async (gc: GrandChallenge, assignments: CheckedAssignment[]): Promise<PreparedValue[]> => {
	const sources: Array<{ socket: Socket; source: ReadySource }> = [];
	for (const { socket, source } of assignments) sources.push({ socket, source: await ready(gc, socket, source) });
	const prepared: PreparedValue[] = [];
	for (const { socket, source } of sources) {
		const { body, ...value } = await prepare(gc, socket, source);
		prepared.push({ slug: socket.slug, body: { interface: socket.slug, ...body }, ...value });
	}
	return prepared;
};

const prepare = async (gc: GrandChallenge, socket: Socket, source: ReadySource): Promise<Omit<PreparedValue, 'slug'>> => {
	const at = (pk: string) => gc.transport.own(`${gc.uploadSessions.resource.path}${pk}/`);
	switch (source.from) {
		case 'image':
			return { body: { image: source.image }, pending: false, files: [] };
		case 'json':
			if (socket.superKind === 'Value') return { body: { value: source.value }, pending: false, files: [] };
			return { body: { user_upload: await uploadFile(gc.transport, jsonFile(socket.relativePath, source.value)) }, pending: true, files: [] };
		case 'upload':
			return { body: { user_upload: source.upload }, pending: true, files: [] };
		case 'session':
			return { body: { upload_session: at(source.session) }, session: source.session, pending: true, files: [] };
		case 'copy': {
			const { name } = source.file;
			const { stored } = await source.file.fetch(({ bytes, size }) => uploadFile(gc.transport, { name, size, open: () => (bytes instanceof Uint8Array ? once(bytes) : bytes) }));
			return { body: { user_upload: stored }, pending: true, files: [name] };
		}
		case 'files': {
			const files = source.files.map(({ name }) => uploadName(name));
			const uploads = await uploadFiles(gc.transport, source.files);
			if (socket.superKind === 'File') return { body: { user_upload: uploads[0] }, pending: true, files };
			// Files of a socket value may be more than a session takes.
			if (uploads.length > MOST_SESSION_FILES) return { body: { user_uploads: uploads }, pending: true, files };
			const session = text(await createSession(gc, uploads, `the files of the socket '${socket.slug}'`), 'pk');
			return { body: { upload_session: at(session) }, session, pending: true, files };
		}
	}
};

/** The base name only: the platform refuses upload names with a folder, which gcapi sends. */
const jsonFile = (relativePath: string, value: unknown): FileSource => {
	const bytes = Buffer.from(JSON.stringify(value));
	return { name: baseName(relativePath) || 'value.json', size: bytes.length, open: () => once(bytes) };
};

const once = async function* (bytes: Uint8Array) {
	yield bytes;
};
