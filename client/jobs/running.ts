import type { GrandChallenge } from '../grandChallenge';
import type { StartedJob } from './start';

const running = new WeakMap<GrandChallenge, Map<string, StartedJob>>();

/** The jobs that a client has started and has not seen to end, by pk. */
export const runningJobs = (gc: GrandChallenge): Map<string, StartedJob> => {
	const jobs = running.get(gc) ?? new Map<string, StartedJob>();
	running.set(gc, jobs);
	return jobs;
};
