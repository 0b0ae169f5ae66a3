import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { ByteStream, FileSink, FileSource, IncomingFile } from '../../client';
import { inWords } from '../../client/tally';
import { badInput, GrandChallengeError } from '../../client/transport/errors';
import { asBuffer, streamsOf } from './streams';

type BinaryInput = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/** Bytes per chunk that n8n is asked for; a wish, not a promise. */
const CHUNK = 1024 * 1024;

/**
 * Binary data of an input item as a file to send. Nothing is read yet.
 * @param field the name of a field, or binary data from an expression
 * @throws GrandChallengeError (badInput) when the item has no such field
 */
export const binarySource = (context: IExecuteFunctions, itemIndex: number, field: string | IBinaryData): FileSource => {
	const data = assertBinary(context, itemIndex, field);
	const { id } = data;
	return {
		name: data.fileName || (data.fileExtension ? `file.${data.fileExtension}` : 'file'),
		place: typeof field === 'string' ? `binary field '${field}' of item ${itemIndex}` : `binary data from an expression, item ${itemIndex}`,
		size: data.bytes,
		// In n8n's memory mode there is no id, and the data itself is at hand.
		open: async (whole) => (id === undefined || whole ? once(await context.helpers.getBinaryDataBuffer(itemIndex, data)) : context.helpers.getBinaryStream(id, CHUNK)),
	};
};

const assertBinary = (context: IExecuteFunctions, itemIndex: number, field: string | IBinaryData): IBinaryData => {
	try {
		return context.helpers.assertBinaryData(itemIndex, field);
	} catch {
		throw missing(field);
	}
};

const missing = (field: string | IBinaryData) =>
	badInput(
		typeof field === 'string' ? `The input item has no binary data in the field '${field}'` : 'The expression gives no binary data',
		"Name the field that holds the file in 'Input Data Field Name'; it is shown in the Binary tab of the node before",
	);

const once = async function* (bytes: Uint8Array) {
	yield bytes;
};

/** Stores files as n8n's binary data, streaming; the large ones only if n8n can hold them. */
export const binarySink =
	(context: IExecuteFunctions): FileSink<IBinaryData> =>
	async (file) => {
		if ((file.size ?? 0) >= LARGE) await checkRoom(context, file);
		return context.helpers.prepareBinaryData(asInput(file), file.name, file.mimeType);
	};

/** Bytes from which it matters where n8n keeps a file. */
const LARGE = 100_000_000;

/** Bytes. In memory a file is base64 in one string, which cannot be longer; a database takes no more whatever is set. */
const MOST = { memory: 402_653_166, database: 1024 * 1024 * 1024 };

/** @throws GrandChallengeError (limit) before a byte of a file is read that n8n cannot keep */
const checkRoom = async (context: IExecuteFunctions, { name, size = 0 }: Pick<IncomingFile, 'name' | 'size'>): Promise<void> => {
	const { place, said } = await placeOf(context);
	if (place === 'filesystem') return;
	const most = place === 'memory' || place === 'database' ? MOST[place] : Infinity;
	const where = place === 'memory' ? 'in memory' : place === 'database' ? 'in its database' : `in '${place}'`;
	if (size > most) {
		throw new GrandChallengeError('limit', `n8n keeps files ${where} here, which cannot hold '${name}' (${inWords(size)})`, {
			advice: `Let n8n keep them on disk: set N8N_DEFAULT_BINARY_DATA_MODE=filesystem. The most it holds ${where} is ${inWords(most)} a file`,
		});
	}
	if (said.done) return;
	said.done = true;
	const message = `n8n keeps files ${where} here and holds each one whole in memory meanwhile, such as '${name}' (${inWords(size)}). With N8N_DEFAULT_BINARY_DATA_MODE=filesystem it does not`;
	context.logger.warn(`Grand Challenge: ${message}`);
	context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
};

interface Place {
	/** `memory`, or what n8n calls the place. */
	place: string;
	/** Whether the person was warned. */
	said: { done: boolean };
}

const places = new WeakMap<IExecuteFunctions, Promise<Place>>();

/** Where n8n keeps the files of an execution: it does not say so, but the id of a file begins with it. */
const placeOf = (context: IExecuteFunctions): Promise<Place> => {
	const known = places.get(context) ?? ask(context);
	places.set(context, known);
	return known;
};

const ask = async (context: IExecuteFunctions): Promise<Place> => {
	const { id } = await context.helpers.prepareBinaryData(Buffer.from(' '), 'place', 'text/plain');
	return { place: id === undefined ? 'memory' : (/^[a-z0-9]+/i.exec(id)?.[0] ?? id), said: { done: false } };
};

/**
 * Stores a file that is made of another one, as it is read.
 * @param from what `open` of a `binarySource` gave
 */
export const storeBinary = async (context: IExecuteFunctions, name: string, mimeType: string, bytes: AsyncIterable<Uint8Array>, from: ByteStream): Promise<IBinaryData> => {
	// In n8n's memory mode there is no stream.
	if (isStream(from)) return binarySink(context)({ name, mimeType, bytes, body: from });
	const all: Uint8Array[] = [];
	for await (const chunk of bytes) all.push(chunk);
	return binarySink(context)({ name, mimeType, bytes: Buffer.concat(all) });
};

/** n8n takes its own kind of stream only, so the bytes get the class of the body they came in. */
const asInput = ({ bytes, body }: IncomingFile): BinaryInput => {
	if (bytes instanceof Uint8Array) return asBuffer(bytes);
	const stream = streamsOf(body)?.from(bytes, { objectMode: false }) ?? bytes;
	if (!isStream(stream)) throw new TypeError('n8n gave no stream');
	return stream;
};

const isStream = (stream: unknown): stream is BinaryInput => typeof stream === 'object' && stream !== null && 'pipe' in stream;
