import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { Slots } from '../slots';
import { GrandChallengeError, hasReason } from '../transport/errors';
import { settle, type Settled } from '../transport/transport';
import { bookOf } from './book';
import type { StartedJob } from './start';
import { jobState } from './status';
import { whileRunning } from './wait';

/** Of one account; the platform refuses more (API sheet, section 6). */
export const MOST_ACTIVE_JOBS = 16;

/**
 * Sends a request for a job.
 * @param final statuses that are not to be retried
 */
type Start = (final: number[]) => Promise<StartedJob>;

/** Lets the jobs of a client start in turn, as many at a time as the platform allows. */
class JobQueue {
	private starting = 0;
	private readonly requests = new Set<Promise<unknown>>();
	private readonly line = new Slots(1);
	/** By the pk of the algorithm that could not be paid for any more. */
	private readonly refused = new Map<string, GrandChallengeError>();

	constructor(private readonly gc: GrandChallenge) {}

	/** @throws GrandChallengeError (outOfCredits) when an earlier job of the algorithm was refused for that */
	checkCredits(algorithm: JsonObject): void {
		const refused = this.refused.get(text(algorithm, 'pk'));
		if (refused) throw notStarted(algorithm, refused);
	}

	/**
	 * Starts a job when there is room for it. When the platform says that there are too many, the next one that ends is waited for.
	 * @param most jobs of this client at the same time
	 * @throws GrandChallengeError (limit) when it still says so and none of this client's jobs runs
	 */
	async start(algorithm: JsonObject, most: number, start: Start): Promise<StartedJob> {
		await this.line.with(async () => {
			while (this.running.size > 0 && this.running.size + this.starting >= most) await this.oneEnded();
			this.starting++;
		});
		try {
			return await this.inTurn(() => this.request(algorithm, start));
		} finally {
			this.starting--;
		}
	}

	private get running(): Map<string, StartedJob> {
		return bookOf(this.gc).running;
	}

	private get isBusy(): boolean {
		return this.running.size > 0 || this.requests.size > 0;
	}

	private async inTurn(request: () => Promise<Settled<StartedJob>>): Promise<StartedJob> {
		const outcome = await request();
		if ('value' in outcome) return outcome.value;
		if (!this.mayWait(outcome.error)) throw outcome.error;
		return this.line.with(async () => {
			for (;;) {
				await this.oneEnded();
				const again = await request();
				if ('value' in again) return again.value;
				if (!this.mayWait(again.error)) throw again.error;
			}
		});
	}

	private mayWait(error: unknown): boolean {
		return hasReason(error, 'limit') && this.isBusy;
	}

	private async request(algorithm: JsonObject, start: Start): Promise<Settled<StartedJob>> {
		this.gc.transport.goOn();
		this.checkCredits(algorithm);
		// A patient strategy waits for other people's jobs, but not for our own.
		const sent = settle(start(this.isBusy ? [400] : []));
		this.requests.add(sent);
		const outcome = await sent;
		this.requests.delete(sent);
		if ('value' in outcome) {
			const { value: started } = outcome;
			if (jobState(text(started.job, 'status')) === 'running') this.running.set(text(started.job, 'pk'), started);
		} else if (hasReason(outcome.error, 'outOfCredits')) this.refused.set(text(algorithm, 'pk'), outcome.error);
		return outcome;
	}

	/** Waits until one of the jobs that run has ended, or one more runs. */
	private async oneEnded(): Promise<void> {
		const enough = new AbortController();
		const running = [...this.running.values()];
		try {
			// While others were waited for, all of them may have ended.
			if (this.isBusy) await Promise.race(running.length > 0 ? running.map((started) => whileRunning(this.gc, started, Infinity, enough.signal)) : this.requests);
		} finally {
			enough.abort();
		}
	}
}

const queues = new WeakMap<GrandChallenge, JobQueue>();

export const queueOf = (gc: GrandChallenge): JobQueue => {
	const queue = queues.get(gc) ?? new JobQueue(gc);
	queues.set(gc, queue);
	return queue;
};

const notStarted = (algorithm: JsonObject, { advice }: GrandChallengeError) =>
	new GrandChallengeError('outOfCredits', `No further job of ${text(algorithm, 'title') || text(algorithm, 'slug')} was started, since the account has run out of algorithm credits`, { advice });
