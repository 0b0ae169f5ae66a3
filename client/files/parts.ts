import type { ByteStream } from '../ports';
import type { Slots } from '../slots';

/**
 * Cuts a stream into parts of exactly `size` bytes, the last one shorter. An empty stream gives one empty part, since
 * an upload cannot be completed without any. Chunks of the source may have any size.
 * @param memory from which the bytes of each part are taken before it is filled; who gets a part gives `reserved` back
 * @param total bytes of the stream, where they are known: a small file is held in less than a whole part
 */
export const parts = async function* (source: ByteStream, size: number, memory: Slots, total = Infinity): AsyncGenerator<{ bytes: Uint8Array; reserved: number }> {
	let part = Buffer.alloc(0);
	let filled = 0;
	let given = 0;
	let reserved = 0;
	const begin = async () => {
		// A stream that is longer than it said is noticed by whoever counts its bytes.
		reserved = total > given ? Math.min(size, total - given) : size;
		await memory.take(reserved);
		part = Buffer.allocUnsafe(reserved);
		filled = 0;
	};
	const cut = () => {
		given += filled;
		return { bytes: part.subarray(0, filled), reserved };
	};
	try {
		for await (const chunk of source) {
			for (let from = 0; from < chunk.length; ) {
				if (reserved === 0) await begin();
				const taken = Math.min(part.length - filled, chunk.length - from);
				part.set(chunk.subarray(from, from + taken), filled);
				filled += taken;
				from += taken;
				if (filled === part.length) {
					yield cut();
					reserved = 0;
				}
			}
		}
		if (reserved > 0 || given === 0) {
			yield cut();
			reserved = 0;
		}
	} finally {
		// Of a part that nobody got.
		if (reserved > 0) memory.give(reserved);
	}
};
