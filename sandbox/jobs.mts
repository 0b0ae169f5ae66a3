import type { Platform } from './platform.mts';
import { computeOutputs } from './results.mts';
import type { Algorithm, AlgorithmImage, Job, SocketValue, User } from './store.mts';
import { attach, type SubmittedValue } from './values.mts';
import { submit, type Receiver } from './worker.mts';

const finalStatuses = new Set<Job['status']>(['Failed', 'Succeeded', 'Cancelled']);

/** True for a job that will not change any more. */
export const isFinal = (job: Job): boolean => finalStatuses.has(job.status);

/** Starts a job: values and existing images are inputs at once, the rest is waited for. */
export const startJob = (
	platform: Platform,
	user: User,
	algorithm: Algorithm,
	container: AlgorithmImage,
	used: number,
	inputs: SubmittedValue[],
): Job => {
	const job: Job = {
		pk: platform.random.uuid(),
		algorithm: algorithm.pk,
		algorithmImage: container.pk,
		creator: user.id,
		created: platform.clock.wall(),
		public: false,
		viewers: new Set(),
		status: 'Validating inputs',
		interface: used,
		inputs: { values: [] },
		outputs: { values: [] },
		pendingInputs: inputs.length,
		execMs: null,
		invokeMs: null,
	};
	platform.store.jobs.set(job.pk, job);
	const receiver: Receiver = {
		take: (value) => {
			attach(platform, job.inputs, value);
			job.pendingInputs -= 1;
			if (job.pendingInputs === 0 && job.status === 'Validating inputs') enqueue(platform, job, algorithm);
		},
		fail: () => {
			job.status = 'Cancelled';
		},
	};
	for (const input of inputs) submit(platform, user, input, receiver);
	return job;
};

const runningJobs = (platform: Platform) =>
	[...platform.store.jobs.values()].filter((job) => !isFinal(job) && job.status !== 'Validating inputs').length;

const enqueue = (platform: Platform, job: Job, algorithm: Algorithm) => {
	const { clock, settings } = platform;
	const tenth = (algorithm.durationMs * settings.jobDurationFactor) / 10;
	const later = (tenths: number, step: () => Promise<void> | void) =>
		clock.schedule(tenths * tenth, async () => {
			if (!isFinal(job)) await step();
		});
	later(1, () => {
		if (runningJobs(platform) >= settings.maxSystemJobs) {
			enqueue(platform, job, algorithm);
			return;
		}
		job.status = 'Queued';
		later(1, () => {
			job.status = 'Provisioned';
		});
		later(2, () => {
			job.status = 'Executing';
		});
		later(8, async () => {
			const outputs = await execute(platform, job, algorithm);
			job.execMs = Math.round(6 * tenth);
			job.invokeMs = Math.round(5 * tenth);
			job.status = outputs === undefined ? 'Failed' : 'Executed';
			// Outputs appear together with `Succeeded`.
			later(1, () => {
				for (const output of outputs ?? []) attach(platform, job.outputs, output);
				job.status = 'Succeeded';
			});
		});
	});
};

const execute = async (platform: Platform, job: Job, algorithm: Algorithm): Promise<SocketValue[] | undefined> => {
	const used = algorithm.interfaces[job.interface];
	try {
		return used === undefined ? undefined : await computeOutputs(platform, job, used, algorithm.implementation);
	} catch {
		return undefined;
	}
};

/** Seconds that the algorithm takes: given, or the mean of its succeeded jobs; null if there is none. */
export const averageDuration = (platform: Platform, algorithm: Algorithm): number | null => {
	if (algorithm.averageDuration !== null) return algorithm.averageDuration;
	const times = [...platform.store.jobs.values()].flatMap((job) =>
		job.algorithm === algorithm.pk && job.status === 'Succeeded' && job.execMs !== null ? [job.execMs / 1000] : [],
	);
	return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length;
};
