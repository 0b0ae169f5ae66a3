import { text, type JsonObject } from '../api/json';
import type { Socket } from '../api/types';
import type { RemoteFile } from '../files/download';
import { baseName, uploadName } from '../files/names';
import { createSession, MOST_SESSION_FILES } from '../files/sessions';
import { uploadFile, uploadFiles } from '../files/upload';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { isDicomSet, type CheckedAssignment } from './check';
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
	/** Whether its socket holds DICOM image sets. */
	dicom: boolean;
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
		prepared.push({ slug: socket.slug, dicom: isDicomSet(socket), body: { interface: socket.slug, ...body }, ...value });
	}
	return prepared;
};

const prepare = async (gc: GrandChallenge, socket: Socket, source: ReadySource): Promise<Omit<PreparedValue, 'slug' | 'dicom'>> => {
	switch (source.from) {
		case 'image':
			return { body: { image: source.image }, pending: false, files: [] };
		case 'json':
			if (socket.superKind === 'Value') return { body: { value: source.value }, pending: false, files: [] };
			return { body: { user_upload: await uploadFile(gc.transport, jsonFile(socket.relativePath, source.value)) }, pending: true, files: [] };
		case 'upload':
			return { body: { user_upload: source.upload }, pending: true, files: [] };
		case 'session':
			return { body: { upload_session: sessionUrl(gc, source.session) }, session: source.session, pending: true, files: [] };
		case 'copy':
			return { body: { user_upload: await copyFile(gc, source.file) }, pending: true, files: [source.file.name] };
		case 'files': {
			const files = source.files.map(({ name }) => uploadName(name));
			const uploads = await uploadFiles(gc.transport, source.files);
			if (socket.superKind === 'File') return { body: { user_upload: uploads[0] }, pending: true, files };
			if (source.imageName) return { body: { user_uploads: uploads, image_name: source.imageName }, pending: true, files };
			// Files of a socket value may be more than a session takes.
			if (uploads.length > MOST_SESSION_FILES) return { body: { user_uploads: uploads }, pending: true, files };
			return inSession(gc, socket.slug, uploads, files);
		}
	}
};

const sessionUrl = (gc: GrandChallenge, pk: string): string => gc.transport.own(`${gc.uploadSessions.resource.path}${pk}/`);

/**
 * An image that is made of uploads.
 * @param uploads API URLs
 */
export const inSession = async (gc: GrandChallenge, slug: string, uploads: string[], files: string[]): Promise<Omit<PreparedValue, 'slug' | 'dicom'>> => {
	const session = text(await createSession(gc, uploads, `the files of the socket '${slug}'`), 'pk');
	return { body: { interface: slug, upload_session: sessionUrl(gc, session) }, session, pending: true, files };
};

/** Uploads a file of the platform again. @returns the API URL of the upload */
export const copyFile = async (gc: GrandChallenge, file: RemoteFile): Promise<string> => {
	const { name } = file;
	const { stored } = await file.fetch(({ bytes, size }) => uploadFile(gc.transport, { name, size, open: () => (bytes instanceof Uint8Array ? once(bytes) : bytes) }));
	return stored;
};

/** The base name only: the platform refuses upload names with a folder, which gcapi sends. */
const jsonFile = (relativePath: string, value: unknown): FileSource => {
	const bytes = Buffer.from(JSON.stringify(value));
	return { name: baseName(relativePath) || 'value.json', size: bytes.length, open: () => once(bytes) };
};

const once = async function* (bytes: Uint8Array) {
	yield bytes;
};
