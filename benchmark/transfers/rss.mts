import { readFileSync } from 'node:fs';

/** MiB; undefined where the system has no /proc. */
const residentMemory = (pid: number): number | undefined => {
	try {
		return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
	} catch {
		return undefined;
	}
};

/** Watches the memory of a process. @returns a function that ends it and gives the peak over what the process held at first, in MiB */
export const watchMemory = (pid: number): (() => number | undefined) => {
	const idle = residentMemory(pid);
	let peak = idle ?? 0;
	const sampler = setInterval(() => {
		peak = Math.max(peak, residentMemory(pid) ?? 0);
	}, 10);
	return () => {
		clearInterval(sampler);
		return idle === undefined ? undefined : peak - idle;
	};
};
