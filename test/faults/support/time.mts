// Makes the node's pauses short, and keeps how long they would have been. n8n's own sleep is what nodes wait with; the clock goes on
// by what was left out, so that a time limit comes as it would.

const TIMES_FASTER = 5000;

export interface ShortTime {
	/** What was waited for, in ms, but for the guards against silence. */
	waits(): number[];
	clear(): void;
	/** How long silence is borne until the next `clear`, in real ms; as long as the node wants unless given. */
	bear(ms: number): void;
	end(): void;
}

/** The files that lead to the call, without the source maps of jest, which take their time. */
const callers = (): string => {
	const { prepareStackTrace } = Error;
	Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName() ?? '').join('\n');
	const { stack = '' } = new Error();
	Error.prepareStackTrace = prepareStackTrace;
	return stack;
};

/** From now on n8n's sleep is 5000 times as fast. */
export const shortenTime = (): ShortTime => {
	const { setTimeout: setReal } = globalThis;
	const { now } = Date;
	let waited: number[] = [];
	let idle: number | undefined;
	let leftOut = 0;
	const shortened = (ms: number, files: string): number => {
		if (!/[\\/]n8n-workflow[\\/]/.test(files)) return ms;
		// The guard against silence waits beside a request, everything else instead of one.
		if (/[\\/]watchdog\.js/.test(files)) return idle ?? ms;
		waited.push(ms);
		return ms / TIMES_FASTER;
	};
	const setShortened = <Args extends unknown[]>(callback: (...args: Args) => void, ms = 0, ...args: Args) => {
		const real = shortened(ms, callers());
		const fire = () => {
			leftOut += ms - real;
			callback(...args);
		};
		return setReal(fire, real);
	};
	const replace = (setTimeout: unknown, nowOrLater: () => number) => {
		Object.assign(globalThis, { setTimeout });
		Date.now = nowOrLater;
	};
	replace(setShortened, () => now() + leftOut);
	return {
		waits: () => waited,
		clear: () => {
			waited = [];
			idle = undefined;
		},
		bear: (ms) => {
			idle = ms;
		},
		end: () => {
			replace(setReal, now);
		},
	};
};
