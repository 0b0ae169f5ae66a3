import type { FileSource } from '../ports';
import { cancelled } from '../transport/errors';

/**
 * The bytes of a source, read only as fast as they are used. A source that says nothing any more, such as a stalled
 * network drive, is left when the signal is aborted.
 * @param whole whether all of it is wanted at once, where it is small
 * @throws GrandChallengeError (cancelled), and whatever the source throws
 */
export const chunksOf = async function* (source: FileSource, signal: AbortSignal, whole = false): AsyncGenerator<Uint8Array> {
	const stream = await orCancelled(Promise.resolve(source.open(whole)), signal);
	const iterator = stream[Symbol.asyncIterator]();
	let ended = false;
	try {
		for (;;) {
			const next = await orCancelled(iterator.next(), signal);
			ended = next.done === true;
			if (next.done) return;
			yield next.value;
		}
	} finally {
		// Not waited for: a source that hangs would not let go.
		if (!ended) iterator.return?.().catch(() => undefined);
	}
};

const orCancelled = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
	new Promise((resolve, reject) => {
		const stop = () => reject(cancelled());
		if (signal.aborted) stop();
		signal.addEventListener('abort', stop, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
	});
