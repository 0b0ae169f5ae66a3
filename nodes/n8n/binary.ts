import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { ByteStream, FileSink, FileSource, IncomingFile } from '../../client';
import { badInput } from '../../client/transport/errors';

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
		size: data.bytes,
		// In n8n's memory mode there is no id, and the data itself is at hand.
		open: () => (id === undefined ? once(Buffer.from(data.data, 'base64')) : context.helpers.getBinaryStream(id, CHUNK)),
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

/** Stores files as n8n's binary data, streaming. */
export const binarySink =
	(context: IExecuteFunctions): FileSink<IBinaryData> =>
	(file) =>
		context.helpers.prepareBinaryData(asInput(file), file.name, file.mimeType);

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
	if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const kind: unknown = body?.constructor;
	const stream: unknown = canWrap(kind) ? kind.from(bytes, { objectMode: false }) : bytes;
	if (!isStream(stream)) throw new TypeError('n8n gave no stream');
	return stream;
};

const canWrap = (kind: unknown): kind is { from: (bytes: AsyncIterable<Uint8Array>, options: object) => unknown } =>
	typeof kind === 'function' && 'from' in kind;

const isStream = (stream: unknown): stream is BinaryInput => typeof stream === 'object' && stream !== null && 'pipe' in stream;
