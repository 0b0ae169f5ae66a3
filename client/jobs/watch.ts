import { inSeconds } from '../api/duration';
import { text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { settle, unlessAway } from '../transport/transport';
import { bookOf } from './book';
import { newestJobs } from './list';
import { readJob, type StartedJob } from './start';
import { jobState } from './status';

/** Jobs per look at many. */
const PAGE = 200;

/** A job that is waited for. */
interface Watched {
	pk: string;
	/** Tells how the job was seen last. */
	started: StartedJob;
	/** Aborted when it was found that it has ended, whoever looked. */
	news: AbortController;
	/** Whether it is not among those of its algorithm that are listed together. */
	alone: boolean;
}

/** Jobs of one algorithm that are waited for at the same time: one list shows them all. */
class Group {
	readonly watched = new Set<Watched>();
	private asked: Promise<void> | undefined;
	/** Where in the list they are looked for. */
	private offset = 0;

	constructor(
		private readonly gc: GrandChallenge,
		private readonly algorithm: string,
	) {}

	/** Looks at one job, or with it at all of them. */
	async look(one: Watched): Promise<void> {
		const together = [...this.watched].filter(({ alone }) => !alone);
		if (one.alone || together.length < 2) return this.see(one, await unlessAway(readJob(this.gc, one.pk)));
		this.asked ??= this.list(together).finally(() => (this.asked = undefined));
		await this.asked;
	}

	private async list(together: Watched[]): Promise<void> {
		const outcome = await settle(unlessAway(this.newest()));
		if ('error' in outcome) {
			// Whatever is wrong with the list, a job by itself may still be read, or tells what is wrong.
			for (const watched of together) watched.alone = true;
			return;
		}
		const jobs = outcome.value && new Map(outcome.value.map((job) => [text(job, 'pk'), job]));
		for (const watched of together) {
			const job = jobs?.get(watched.pk);
			watched.alone = jobs !== undefined && job === undefined;
			if (!watched.alone) this.see(watched, job);
		}
	}

	private async newest(): Promise<JsonObject[]> {
		const { jobs, offset } = await newestJobs(this.gc, this.algorithm, this.offset, PAGE);
		this.offset = offset;
		return jobs;
	}

	/** @param job undefined while the platform is away */
	private see({ pk, started, news }: Watched, job: JsonObject | undefined): void {
		started.job = job ?? started.job;
		started.seenAt = this.gc.transport.connection.ports.now();
		if (jobState(text(started.job, 'status')) === 'running') return;
		const { ran, running } = bookOf(this.gc);
		running.delete(pk);
		const seconds = inSeconds(started.job.exec_duration);
		if (seconds !== null) ran.set(this.algorithm, seconds);
		news.abort();
	}
}

const groups = new WeakMap<GrandChallenge, Map<string, Group>>();

const groupOf = (gc: GrandChallenge, algorithm: string): Group => {
	const all = groups.get(gc) ?? new Map<string, Group>();
	groups.set(gc, all);
	const group = all.get(algorithm) ?? new Group(gc, algorithm);
	all.set(algorithm, group);
	return group;
};

/**
 * Watches a job while `work` runs.
 * @param work is given what looks at the job, and a signal for that it has ended
 */
export const watching = async <T>(gc: GrandChallenge, started: StartedJob, work: (look: () => Promise<void>, ended: AbortSignal) => Promise<T>): Promise<T> => {
	const algorithm = pkOf(text(started.job, 'algorithm'));
	const group = groupOf(gc, algorithm);
	const watched: Watched = { pk: text(started.job, 'pk'), started, news: new AbortController(), alone: algorithm === '' };
	group.watched.add(watched);
	try {
		return await work(() => group.look(watched), watched.news.signal);
	} finally {
		group.watched.delete(watched);
	}
};
