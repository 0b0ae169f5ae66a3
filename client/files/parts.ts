import type { ByteStream } from '../ports';

/**
 * Cuts a stream into parts of exactly `size` bytes, the last one shorter. An empty stream gives one empty part, since
 * an upload cannot be completed without any. Chunks of the source may have any size.
 */
export const parts = async function* (source: ByteStream, size: number): AsyncGenerator<Uint8Array> {
	let part = Buffer.alloc(0);
	let filled = 0;
	let any = false;
	for await (const chunk of source) {
		for (let from = 0; from < chunk.length; ) {
			if (part.length === 0) part = Buffer.allocUnsafe(size);
			const taken = Math.min(size - filled, chunk.length - from);
			part.set(chunk.subarray(from, from + taken), filled);
			filled += taken;
			from += taken;
			if (filled === size) {
				yield part;
				any = true;
				part = Buffer.alloc(0);
				filled = 0;
			}
		}
	}
	if (filled > 0 || !any) yield part.subarray(0, filled);
};
