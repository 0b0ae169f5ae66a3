import type { Transport } from './transport/transport';

/** ms; the waits grow from the first to the longest. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Looks again and again, less and less often, until there is something to see or the time is over.
 * @param limitMs the longest time, in ms
 * @param look gives undefined while there is nothing yet
 * @returns undefined when the time is over
 * @throws GrandChallengeError (cancelled), and what `look` throws
 */
export const until = async <Seen>(transport: Transport, limitMs: number, look: () => Promise<Seen | undefined>): Promise<Seen | undefined> => {
	const { ports } = transport.connection;
	const end = ports.now() + limitMs;
	for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 1.5, LONGEST_WAIT)) {
		const seen = await look();
		if (seen !== undefined) return seen;
		const left = end - ports.now();
		if (left <= 0) return undefined;
		await transport.rest(Math.min(wait * (1 + ports.random() / 4), left));
	}
};
