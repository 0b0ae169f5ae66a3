import { isObject } from '../../client/api/json';

/** Node.js' class of readable streams. Nodes may not import it; what n8n gives is made of it. */
export interface Streams {
	from(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, options: { objectMode: boolean }): unknown;
}

/** @returns the class of a stream that n8n gave; nothing where it is not one of Node.js */
export const streamsOf = (stream: unknown): Streams | undefined => {
	const made: unknown = typeof stream === 'object' ? stream?.constructor : undefined;
	return isStreams(made) ? made : undefined;
};

// An array has `from` too, but is none.
const isStreams = (made: unknown): made is Streams => typeof made === 'function' && 'from' in made && isObject(made.prototype) && 'pipe' in made.prototype;

/** The same memory as n8n wants it. */
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
