import type { ByteStream } from '../ports';
import type { Slots } from '../slots';

const NOTHING = new Uint8Array();

/**
 * Cuts a stream into parts of exactly `size` bytes, the last one shorter. An empty stream gives one empty part, since
 * an upload cannot be completed without any. Chunks of the source may have any size; a part that lies within one is given as it is.
 * @param memory from which the bytes of each part are taken before they are read; who gets a part gives `reserved` back
 * @param total bytes of the stream, where they are known: a small file is held in less than a whole part
 */
export const parts = async function* (source: ByteStream, size: number, memory: Slots, total = Infinity): AsyncGenerator<{ bytes: Uint8Array; reserved: number }> {
	const chunks = source[Symbol.asyncIterator]();
	let chunk: Uint8Array = NOTHING;
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
	const read = async (length: number): Promise<Uint8Array> => {
		if (!(await hasMore())) return NOTHING;
		if (chunk.length >= length) return take(length);
		const bytes = Buffer.allocUnsafe(length);
		let filled = 0;
		while (filled < length && (await hasMore())) {
			const taken = take(length - filled);
			bytes.set(taken, filled);
			filled += taken.length;
		}
		return bytes.subarray(0, filled);
	};
	try {
		for (;;) {
			// Behind the last byte that was announced no room is needed; a stream that goes on is noticed by whoever counts its bytes.
			if (given >= total && !(await hasMore())) break;
			const length = total > given ? Math.min(size, total - given) : size;
			await memory.take(length);
			reserved = length;
			const bytes = await read(length);
			if (bytes.length === 0) break;
			given += bytes.length;
			yield { bytes, reserved };
			reserved = 0;
		}
		if (given === 0) yield { bytes: NOTHING, reserved: 0 };
	} finally {
		// Of a part that nobody got.
		if (reserved > 0) memory.give(reserved);
		await chunks.return?.();
	}
};
