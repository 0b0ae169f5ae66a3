import { text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import { importFailure } from '../files/sessions';
import type { GrandChallenge } from '../grandChallenge';
import { GrandChallengeError, withLeft } from '../transport/errors';
import { settle, unlessAway } from '../transport/transport';
import { nextLook, type Progress } from './looks';
import { bookOf } from './book';
import type { StartedJob } from './start';
import { hasBegun, jobState } from './status';
import { watching } from './watch';

/**
 * Waits until a job has ended, or the time is over: then the job is returned as it is, still running.
 * @param limitMs the longest wait, in ms
 * @throws GrandChallengeError (failedThere) for a job that failed or was cancelled, with its page, and for one that never starts since
 * its images could not be imported; (cancelled)
 */
export const waitForJob = async (gc: GrandChallenge, started: StartedJob, limitMs: number): Promise<JsonObject> => {
	await whileRunning(gc, started, limitMs);
	const { job, sessions } = started;
	const state = jobState(text(job, 'status'));
	if (state === 'succeeded') return job;
	if (state === 'running' && !isValidating(job)) return job;
	// That the job has ended is known, whether or not a session tells why.
	const failures = await settle(importFailures(gc, sessions));
	const why = 'value' in failures ? failures.value.join('; ') : '';
	if (state !== 'running') throw jobEnded(job, state, why);
	if (why !== '') throw neverStarts(job, why);
	return job;
};

/**
 * Looks at a job until it has ended, an import for it has failed, or the time is over; `started` tells then how it was seen last.
 * @param enough ends it when aborted
 * @throws GrandChallengeError
 */
export const whileRunning = (gc: GrandChallenge, started: StartedJob, limitMs: number, enough?: AbortSignal): Promise<void> =>
	watching(gc, started, async (look, ended) => {
		const { ports } = gc.transport.connection;
		const { begunAt } = started;
		const algorithm = pkOf(text(started.job, 'algorithm'));
		const limit = ports.now() + limitMs;
		const news = enough ? AbortSignal.any([ended, enough]) : ended;
		const progress: Progress = { elapsed: 0, looks: 1, before: 0 };
		while (jobState(text(started.job, 'status')) === 'running' && !enough?.aborted && ports.now() < limit) {
			const { seenAt } = started;
			progress.elapsed = seenAt - begunAt;
			if (hasBegun(text(started.job, 'status'))) progress.since ??= progress.elapsed;
			else progress.before = progress.elapsed;
			// Of an algorithm that was never run before, the jobs of this client tell.
			const usual = started.averageDuration ?? bookOf(gc).ran.get(algorithm);
			if (usual !== undefined) progress.average = usual * 1000;
			const due = seenAt + nextLook(progress) * (0.95 + ports.random() / 20);
			await naming(started, gc.transport.rest(Math.max(0, Math.min(due, limit) - ports.now()), news));
			// Somebody else may have looked first.
			if (news.aborted || started.seenAt !== seenAt) continue;
			await look();
			progress.looks++;
			if (isValidating(started.job) && (await naming(started, importFailures(gc, started.sessions))).length > 0) {
				await look();
				bookOf(gc).running.delete(text(started.job, 'pk'));
				return;
			}
		}
	});

/** Whatever goes wrong while a job is waited for, the error names it. */
const naming = async <T>({ job }: StartedJob, work: Promise<T>): Promise<T> => {
	try {
		return await work;
	} catch (error) {
		throw withLeft(error, { job: text(job, 'pk') }, `The job ${text(job, 'pk')} goes on`);
	}
};

/** The platform may leave a job at this for good when an input never arrives (API sheet, section 10.2). */
const isValidating = (job: JsonObject) => text(job, 'status').toLowerCase() === 'validating inputs';

const importFailures = async (gc: GrandChallenge, sessions: string[]): Promise<string[]> => {
	const reasons: string[] = [];
	for (const session of sessions) {
		const answer = await unlessAway(gc.uploadSessions.get(session));
		const why = answer && importFailure(answer);
		if (why !== undefined) reasons.push(why);
	}
	return reasons;
};

const jobEnded = (job: JsonObject, state: 'failed' | 'cancelled', why: string) =>
	new GrandChallengeError('failedThere', `The job ${text(job, 'pk')} ${state === 'failed' ? 'failed' : 'was cancelled'}${why ? `: ${why}` : ''}`, {
		advice: `Its page shows the reason and the log: ${text(job, 'url')}`,
		left: { job: text(job, 'pk') },
	});

const neverStarts = (job: JsonObject, why: string) =>
	new GrandChallengeError('failedThere', `The job ${text(job, 'pk')} does not start, since its inputs could not be imported: ${why}`, {
		advice: `Check that the files are of a format that Grand Challenge imports, and that they make up one image. The page of the job is ${text(job, 'url')}`,
		left: { job: text(job, 'pk') },
	});
