import { parseJson } from '../api/json';
import { chunksOf } from '../files/chunks';
import type { RemoteFile } from '../files/download';
import { inPlace } from '../files/names';
import type { ByteStream, FileSource } from '../ports';
import { badInput } from '../transport/errors';
import type { Transport } from '../transport/transport';

/** Bytes. The platform refuses requests beyond that (API sheet, section 6). */
const LARGEST_VALUE = 16 * 1024 * 1024;

/**
 * The value in a JSON file of the input.
 * @param named what it is for, as "The socket 'x' (Float)", for messages
 * @throws GrandChallengeError (badInput)
 */
export const jsonIn = async (transport: Transport, file: FileSource | undefined, named: string): Promise<unknown> => {
	if (file === undefined) return undefined;
	const which = inPlace('file', [file], 0);
	return parsed(await smallBytes(chunksOf(file, transport.connection.signal), which, named), which, named);
};

/** As `jsonIn`, of a file of the platform. */
export const jsonOfRemote = async (file: RemoteFile, named: string): Promise<unknown> => {
	const which = `file '${file.name}'`;
	const { stored } = await file.fetch(({ bytes }) => (bytes instanceof Uint8Array ? Promise.resolve(Buffer.from(bytes)) : smallBytes(bytes, which, named)));
	return parsed(stored, which, named);
};

const smallBytes = async (bytes: ByteStream, which: string, named: string): Promise<Buffer> => {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of bytes) {
		length += chunk.length;
		if (length > LARGEST_VALUE) throw badInput(`${named} takes a JSON value, and the ${which} is larger than the 16 MiB that Grand Challenge takes for one`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
};

const parsed = (bytes: Buffer, which: string, named: string): unknown => {
	// Some programs put a mark in front that says it is UTF-8.
	const json = parseJson(bytes.toString('utf8').replace(/^\uFEFF/, ''));
	if (json && json.value !== null) return json.value;
	throw badInput(`${named} takes a JSON value, and the ${which} holds none`, "Give a JSON file, or read the value out of the file with n8n's node 'Extract from File' and use 'JSON Value'");
};
