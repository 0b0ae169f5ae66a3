import { MIB } from './files.mts';
import { collectGarbage } from './garbage.mts';

export interface Peak<T> {
	value: T;
	/** Resident memory of this process before, in MiB. */
	idle: number;
	/** The most that it was over that, in MiB. */
	peak: number;
	seconds: number;
}

/** What `work` costs this process. */
export const peakOver = async <T,>(work: () => Promise<T>): Promise<Peak<T>> => {
	await collectGarbage();
	const idle = process.memoryUsage.rss() / MIB;
	let peak = idle;
	const sampler = setInterval(() => {
		peak = Math.max(peak, process.memoryUsage.rss() / MIB);
	}, 10);
	const start = Date.now();
	try {
		const value = await work();
		return { value, idle, peak: peak - idle, seconds: (Date.now() - start) / 1000 };
	} finally {
		clearInterval(sampler);
	}
};
