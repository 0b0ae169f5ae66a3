import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { importFailure } from '../files/sessions';
import { GrandChallengeError, withLeft } from '../transport/errors';
import { readJob, type StartedJob } from './start';
import { settle, unlessAway } from '../transport/transport';
import { jobState } from './status';

/** ms */
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 60_000;

/**
 * The time until the next look: a fraction of how long the job has run already, so that long jobs are not asked often,
 * and at first a fraction of what the algorithm usually takes.
 * @param elapsedMs since the start
 * @param averageS the algorithm's average, in s
 */
export const nextWait = (elapsedMs: number, averageS: number | undefined): number => {
	const untilAverage = averageS === undefined ? 0 : (averageS * 1000 - elapsedMs) / 2;
	return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, elapsedMs / 5, untilAverage));
};

/**
 * Waits until a job has ended, or the time is over: then the job is returned as it is, still running.
 * @param limitMs the longest wait, in ms
 * @throws GrandChallengeError (failedThere) for a job that failed or was cancelled, with its page; (cancelled)
 */
export const waitForJob = async (gc: GrandChallenge, started: StartedJob, limitMs: number): Promise<JsonObject> => {
	const { ports } = gc.transport.connection;
	const pk = text(started.job, 'pk');
	const start = ports.now();
	for (let job = started.job; ; job = (await unlessAway(readJob(gc, pk))) ?? job) {
		const state = jobState(text(job, 'status'));
		if (state === 'succeeded') return job;
		if (state !== 'running') throw jobEnded(job, state, await importFailures(gc, started));
		const elapsed = ports.now() - start;
		if (elapsed >= limitMs) return job;
		const wait = nextWait(elapsed, started.averageDuration) * (1 + ports.random() / 10);
		try {
			await gc.transport.rest(Math.min(wait, limitMs - elapsed));
		} catch (error) {
			throw withLeft(error, { job: pk }, `The job ${pk} goes on`);
		}
	}
};

const importFailures = async (gc: GrandChallenge, { sessions }: StartedJob): Promise<string> => {
	const reasons: string[] = [];
	for (const session of sessions) {
		// That the job has ended is known, whether or not a session tells why.
		const outcome = await settle(gc.uploadSessions.get(session));
		const why = 'value' in outcome ? importFailure(outcome.value) : undefined;
		if (why !== undefined) reasons.push(why);
	}
	return reasons.join('; ');
};

const jobEnded = (job: JsonObject, state: 'failed' | 'cancelled', why: string) =>
	new GrandChallengeError('failedThere', `The job ${text(job, 'pk')} ${state === 'failed' ? 'failed' : 'was cancelled'}${why ? `: ${why}` : ''}`, {
		advice: `Its page shows the reason and the log: ${text(job, 'url')}`,
		left: { job: text(job, 'pk') },
	});
