import type { Collection } from '../api/collection';
import { text } from '../api/json';
import type { Socket, SocketValue } from '../api/types';
import { dicomToSend } from '../dicom/files';
import type { RemoteFile } from '../files/download';
import { filesOfValue } from '../files/remote';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { badInput } from '../transport/errors';
import { nameOf } from './check';
import { jsonIn, jsonOfRemote } from './jsonFile';
import type { ValueSource } from './source';

/** A source that is ready to be sent. */
export type ReadySource =
	| { from: 'json'; value: unknown }
	| { from: 'files'; files: FileSource[]; imageName?: string }
	/** API URL. */
	| { from: 'image'; image: string }
	/** API URL. */
	| { from: 'upload'; upload: string }
	/** pk. */
	| { from: 'session'; session: string }
	/** A file of the platform, which cannot be shared: it is fetched and sent again. */
	| { from: 'copy'; file: RemoteFile };

/**
 * Looks up what a source refers to, and reads the JSON file of a socket that holds a value: the last checks before files go up.
 * @throws GrandChallengeError (badInput, notFound)
 */
export const ready = async (gc: GrandChallenge, socket: Socket, source: ValueSource): Promise<ReadySource> => {
	switch (source.from) {
		case 'json':
			return source;
		case 'files':
			if (source.dicom) return { from: 'files', files: await dicomToSend(gc.transport, source.files, source.dicom.clean), imageName: source.dicom.imageName };
			if (socket.superKind !== 'Value') return source;
			return { from: 'json', value: await jsonIn(gc.transport, source.files[0], nameOf(socket)) };
		case 'image':
			return { from: 'image', image: text(await gc.images.getOnce(source.image), 'api_url') };
		case 'upload':
			return { from: 'upload', upload: text(await inState(gc.uploads, source.upload, 'Completed'), 'api_url') };
		case 'session':
			return { from: 'session', session: text(await inState(gc.uploadSessions, source.session, 'Queued'), 'pk') };
		case 'value':
			return copyOf(gc, socket, source.value);
	}
};

const inState = async (collection: Collection, identifier: string, status: string) => {
	const entity = await collection.get(identifier);
	const actual = text(entity, 'status');
	if (actual === status) return entity;
	throw badInput(`The ${collection.resource.singular} ${text(entity, 'pk')} is ${actual}, not ${status}`, 'Each one can be used once, when it is complete');
};

const copyOf = async (gc: GrandChallenge, socket: Socket, value: SocketValue): Promise<ReadySource> => {
	if (value.image !== undefined) return ready(gc, socket, { from: 'image', image: value.image });
	if (value.file === undefined) return { from: 'json', value: value.value };
	const [file] = await filesOfValue(gc.transport, value);
	if (file === undefined) throw badInput(`The socket '${value.socket.slug}' holds no file`);
	return socket.superKind === 'File' ? { from: 'copy', file } : { from: 'json', value: await jsonOfRemote(file, nameOf(socket)) };
};
