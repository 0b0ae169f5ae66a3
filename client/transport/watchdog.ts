import type { Ports } from '../ports';
import { Stalled } from './failure';

export interface Watchdog {
	/** Aborted with `Stalled` when nothing was seen for too long, or with the outer signal. */
	signal: AbortSignal;
	/** Call it for every sign of life, and whenever one is waited for again. */
	seen(): void;
	/** Until the next `seen` nobody waits for the server: a slow reader is no silence. */
	rest(): void;
	/** Ends the request, for an answer that nobody reads to its end. */
	cut(): void;
	/** Always call it at the end. */
	stop(): void;
}

/**
 * Guards one request. n8n's own time-out is absolute until the headers and does nothing after them, and destroying a
 * stalled body leaves its reader hanging: aborting the request's signal is what ends both.
 * @param idleMs the longest silence, in ms
 */
export const watch = (ports: Pick<Ports, 'sleep' | 'now'>, outer: AbortSignal, idleMs: number): Watchdog => {
	const stalled = new AbortController();
	const done = new AbortController();
	let last = ports.now();
	let resting = false;
	const guard = async () => {
		for (let rest = idleMs; rest > 0; rest = resting ? idleMs : last + idleMs - ports.now()) await ports.sleep(rest, done.signal);
		stalled.abort(new Stalled(`Nothing came for ${Math.round(idleMs / 1000)} s`));
	};
	guard().catch(() => undefined);
	return {
		signal: AbortSignal.any([outer, stalled.signal]),
		seen: () => {
			last = ports.now();
			resting = false;
		},
		rest: () => {
			resting = true;
		},
		cut: () => stalled.abort(),
		stop: () => done.abort(),
	};
};
