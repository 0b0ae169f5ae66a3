import { nonField } from './errors.mts';
import type { Platform } from './platform.mts';
import { computeOutputs } from './results.mts';
import { filterMap, type Algorithm, type AlgorithmImage, type Job, type SocketValue, type User } from './store.mts';
import { attach, type SubmittedValue } from './values.mts';
import { notify, submit, type Receiver } from './worker.mts';

const finalStatuses = new Set<Job['status']>(['Failed', 'Succeeded', 'Cancelled']);

/** True for a job that will not change any more. */
export const isFinal = (job: Job): boolean => finalStatuses.has(job.status);

/** The container image that new jobs run with. */
export const activeImage = (platform: Platform, algorithm: Algorithm): AlgorithmImage | undefined =>
	filterMap(
		platform.store.algorithmImages,
		(image) => image.algorithm === algorithm.pk && image.importStatus === 'Completed',
	).at(-1);

const monthMs = 30 * 86_400_000;

/** Whether a user can still pay for that. */
export const hasCredits = (platform: Platform, user: User, cost: number): boolean => {
	const recent = user.spent.filter(({ at }) => at > platform.clock.wall() - monthMs);
	return recent.reduce((sum, { credits }) => sum + credits, cost) <= platform.settings.credits;
};

/** Credits that a job costs: an editor's first ones on a container image are free. */
export const costOf = (platform: Platform, user: User, algorithm: Algorithm, container: AlgorithmImage): number => {
	const own = filterMap(
		platform.store.jobs,
		(job) => job.algorithmImage === container.pk && job.creator === user.id,
	).length;
	return algorithm.editors.has(user.id) && own < platform.settings.complimentaryJobs ? 0 : algorithm.creditsPerJob;
};

/** Index of the interface that takes exactly these sockets; throws the 400 that names what there is. */
export const matchInterface = (algorithm: Algorithm, inputs: SubmittedValue[]): number => {
	const given = new Set(inputs.map(({ socket }) => socket.slug));
	const used = algorithm.interfaces.findIndex(
		(candidate) => candidate.inputs.length === given.size && candidate.inputs.every((socket) => given.has(socket.slug)),
	);
	if (used >= 0) return used;
	const combinations = algorithm.interfaces.map(
		(candidate, i) =>
			`Interface ${i + 1}: ${candidate.inputs.map((socket) => `${socket.title} (${socket.kind.name})`).join(' and ')}`,
	);
	throw nonField(
		`The set of inputs provided does not match any of the algorithm's interfaces. This algorithm supports the following input combinations: ${combinations.join(', ')}`,
	);
};

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
			if (outputs === undefined && job.creator !== null) notify(platform, job.creator);
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
