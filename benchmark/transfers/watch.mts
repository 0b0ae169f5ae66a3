import { readFileSync } from 'node:fs';

/** What a process takes from the machine. */
export interface Usage {
	/** Peak over what it held at first, in MiB. */
	memory: number;
	/** Seconds of processors, of its own and of the system for it. */
	processor: number;
}

/** Ticks per second, in which Linux counts processor time on every machine that we know of. */
const TICKS = 100;

/** MiB and seconds so far. @throws Error where the system has no /proc */
const usage = (pid: number): Usage => {
	const memory = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
	// Behind the name of the program, which may hold anything.
	const [, stat = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
	const [user = 0, system = 0] = stat.split(' ').slice(11, 13).map(Number);
	return { memory, processor: (user + system) / TICKS };
};

/** Watches a process. @returns a function that ends it; it gives nothing where the system does not tell such things */
export const watch = (pid: number): (() => Usage | undefined) => {
	let peak = 0;
	const look = (): Usage | undefined => {
		try {
			const now = usage(pid);
			peak = Math.max(peak, now.memory);
			return now;
		} catch {
			return undefined;
		}
	};
	const before = look();
	const sampler = setInterval(look, 10);
	return () => {
		clearInterval(sampler);
		const after = look();
		return before && after && { memory: peak - before.memory, processor: after.processor - before.processor };
	};
};
