import { performance } from 'node:perf_hooks';

/** `auto`: real time times `speed`; `manual`: only `advance` moves it. */
export type ClockMode = 'auto' | 'manual';

/** The clock of the background worker, in milliseconds of the platform's own time. */
export interface Clock {
	readonly mode: ClockMode;
	readonly speed: number;
	/** Tasks that wait for their time. */
	pending(): number;
	/** Wall time in ms since the epoch: real time plus everything that was advanced. Dates and signatures use it. */
	wall(): number;
	/** Runs the task so many platform ms from now. */
	schedule(afterMs: number, task: () => Promise<void> | void): void;
	/** Moves the clock on and runs what falls due, in order; resolves when that is done. */
	advance(ms: number): Promise<void>;
	/** Runs everything that is scheduled, and what that schedules, whatever its time. */
	settle(): Promise<void>;
	configure(change: { mode?: ClockMode; speed?: number }): void;
	/** Forgets all tasks and goes back to time zero. */
	reset(): Promise<void>;
}

interface Task {
	due: number;
	order: number;
	run: () => Promise<void> | void;
}

/** Creates a clock. `speed` is platform ms per real ms in mode `auto`. */
export const createClock = (initial: { mode: ClockMode; speed: number }): Clock => {
	let { mode, speed } = initial;
	let tasks: Task[] = [];
	let order = 0;
	let virtual = 0;
	let anchor = performance.now();
	let advanced = 0;
	let taskTime: number | undefined;
	let timer: NodeJS.Timeout | undefined;
	let running: Promise<void> = Promise.resolve();
	let generation = 0;

	const sync = () => {
		const real = performance.now();
		if (mode === 'auto') virtual += (real - anchor) * speed;
		anchor = real;
	};
	const takeDue = (limit: number): Task | undefined => {
		const first = tasks.reduce<Task | undefined>(
			(best, task) =>
				best === undefined || task.due < best.due || (task.due === best.due && task.order < best.order) ? task : best,
			undefined,
		);
		if (first === undefined || first.due > limit) return undefined;
		tasks = tasks.filter((task) => task !== first);
		return first;
	};
	const runUntil = (limit: () => number): Promise<void> => {
		running = running.then(async () => {
			const mine = generation;
			for (let task = takeDue(limit()); task !== undefined; task = takeDue(limit())) {
				taskTime = task.due;
				try {
					await task.run();
				} catch (error) {
					if (mine === generation) process.stderr.write(`sandbox worker: ${String(error)}\n`);
				} finally {
					taskTime = undefined;
				}
			}
		});
		return running.finally(arm);
	};
	const arm = () => {
		clearTimeout(timer);
		if (mode !== 'auto' || tasks.length === 0) return;
		sync();
		const next = Math.min(...tasks.map((task) => task.due));
		timer = setTimeout(
			() => {
				sync();
				void runUntil(() => virtual);
			},
			Math.max(0, (next - virtual) / speed),
		);
		timer.unref();
	};

	return {
		get mode() {
			return mode;
		},
		get speed() {
			return speed;
		},
		pending: () => tasks.length,
		wall: () => Date.now() + advanced,
		schedule: (afterMs, run) => {
			sync();
			tasks.push({ due: (taskTime ?? virtual) + afterMs, order: (order += 1), run });
			arm();
		},
		advance: async (ms) => {
			sync();
			const target = virtual + ms;
			advanced += ms;
			await runUntil(() => target);
			sync();
			virtual = Math.max(virtual, target);
			arm();
		},
		settle: async () => {
			await runUntil(() => Number.POSITIVE_INFINITY);
		},
		configure: (change) => {
			sync();
			mode = change.mode ?? mode;
			speed = change.speed ?? speed;
			arm();
		},
		reset: async () => {
			generation += 1;
			tasks = [];
			clearTimeout(timer);
			await running;
			tasks = [];
			virtual = 0;
			advanced = 0;
			order = 0;
			({ mode, speed } = initial);
			anchor = performance.now();
		},
	};
};
