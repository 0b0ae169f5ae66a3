import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until so many more bytes have come through. */
export type Pace = (bytes: number) => Promise<void>;

/** Ms that may be made up for, where timers or the other side were late. */
const grace = 50;

/** A connection of so many bytes per second. */
export const createPace = (bytesPerSecond: number): Pace => {
	/** When the bytes so far are through. */
	let free: number | undefined;
	return async (bytes) => {
		const now = performance.now();
		free = Math.max(free ?? now, now - grace) + (bytes / bytesPerSecond) * 1000;
		// Timers are no finer than that; what is left adds to the next wait.
		if (free - now >= 1) await delay(free - now);
	};
};
