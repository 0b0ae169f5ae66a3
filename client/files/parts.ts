import type { ByteStream } from '../ports';
import type { Slots } from '../slots';

const NOTHING = new Uint8Array();

/** A part of a file. */
export interface Part {
	bytes: Uint8Array;
	/** Whoever gets a part calls this when its bytes are not needed any more: others are read in their place. */
	release: () => void;
}

/**
 * Cuts a stream into parts of exactly `size` bytes, the last one shorter. An empty stream gives one empty part, since
 * an upload cannot be completed without any. Chunks of the source may have any size; a part that lies within one is given as it is.
 * @param memory from which the bytes of each part are taken before they are read
 * @param total bytes of the stream, where they are known: a small file is held in less than a whole part
 */
export const parts = async function* (source: ByteStream, size: number, memory: Slots, total = Infinity): AsyncGenerator<Part> {
	const chunks = source[Symbol.asyncIterator]();
	let chunk: Uint8Array = NOTHING;
	/** Of earlier parts. Buffers that wait for the garbage collector would take as much memory again. */
	const spare: Buffer[] = [];
	let given = 0;
	let reserved = 0;
	const hasMore = async () => {
		while (chunk.length === 0) {
			const next = await chunks.next();
			if (next.done) return false;
			chunk = next.value;
		}
		return true;
	};
	const take = (most: number) => {
		const taken = chunk.subarray(0, most);
		chunk = chunk.subarray(taken.length);
		return taken;
	};
	/** Fewer bytes only at the end. */
	const read = async (length: number): Promise<Part> => {
		const giveBack = () => memory.give(length);
		if (!(await hasMore())) return { bytes: NOTHING, release: giveBack };
		if (chunk.length >= length) return { bytes: take(length), release: giveBack };
		const bytes = (length === size ? spare.pop() : undefined) ?? Buffer.allocUnsafe(length);
		let filled = 0;
		while (filled < length && (await hasMore())) {
			const taken = take(length - filled);
			bytes.set(taken, filled);
			filled += taken.length;
		}
		const release = () => {
			if (length === size) spare.push(bytes);
			giveBack();
		};
		return { bytes: bytes.subarray(0, filled), release };
	};
	try {
		for (;;) {
			// Behind the last byte that was announced no room is needed; a stream that goes on is noticed by whoever counts its bytes.
			if (given >= total && !(await hasMore())) break;
			const length = total > given ? Math.min(size, total - given) : size;
			await memory.take(length);
			reserved = length;
			const part = await read(length);
			if (part.bytes.length === 0) break;
			given += part.bytes.length;
			yield part;
			reserved = 0;
		}
		if (given === 0) yield { bytes: NOTHING, release: () => undefined };
	} finally {
		// Of a part that nobody got.
		if (reserved > 0) memory.give(reserved);
		await chunks.return?.();
	}
};
