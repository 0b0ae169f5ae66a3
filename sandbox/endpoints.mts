import type { Platform } from './platform.mts';
import { computeOutputs } from './results.mts';
import type { Algorithm, AlgorithmImage, Endpoint, Invocation, User } from './store.mts';
import { attach, type SubmittedValue } from './values.mts';
import { submit, type Receiver } from './worker.mts';

const lifetimeMs = 600_000;
const extensionMs = 300_000;

/** Starts an endpoint: it queues, starts and runs, until its time is over. */
export const startEndpoint = (
	platform: Platform,
	user: User,
	algorithm: Algorithm,
	container: AlgorithmImage,
): Endpoint => {
	const { clock, random, store } = platform;
	const endpoint: Endpoint = {
		pk: random.uuid(),
		algorithm: algorithm.pk,
		algorithmImage: container.pk,
		creator: user.id,
		viewers: new Set(),
		created: clock.wall(),
		status: 'Queued',
		until: clock.wall() + lifetimeMs,
	};
	store.endpoints.set(endpoint.pk, endpoint);
	clock.schedule(10_000, () => {
		endpoint.status = 'Started';
	});
	clock.schedule(30_000, () => {
		endpoint.status = 'Running';
	});
	return endpoint;
};

/** Time that an endpoint has left, in ms. */
export const remainingMs = ({ clock }: Platform, endpoint: Endpoint): number =>
	Math.max(0, endpoint.until - clock.wall());

/** The status of an endpoint: stopped when its time is over. */
export const endpointStatus = (platform: Platform, endpoint: Endpoint): Endpoint['status'] =>
	remainingMs(platform, endpoint) === 0 ? 'Stopped' : endpoint.status;

/** Gives an endpoint at least that much time from now. */
export const extend = ({ clock }: Platform, endpoint: Endpoint, ms = extensionMs): void => {
	endpoint.until = Math.max(endpoint.until, clock.wall() + ms);
};

/** Starts a run on an endpoint: values and existing images are inputs at once, the rest is waited for. */
export const invoke = (
	platform: Platform,
	user: User,
	endpoint: Endpoint,
	algorithm: Algorithm,
	used: number,
	inputs: SubmittedValue[],
): Invocation => {
	const invocation: Invocation = {
		pk: platform.random.uuid(),
		endpoint: endpoint.pk,
		created: platform.clock.wall(),
		status: 'Queued',
		errorMessage: '',
		interface: used,
		inputs: { values: [] },
		outputs: { values: [] },
		pendingInputs: inputs.length,
	};
	platform.store.invocations.set(invocation.pk, invocation);
	extend(platform, endpoint, algorithm.durationMs);
	const receiver: Receiver = {
		take: (value) => {
			attach(platform, invocation.inputs, value);
			invocation.pendingInputs -= 1;
			if (invocation.pendingInputs === 0) execute(platform, invocation, algorithm);
		},
		fail: (reason) => {
			invocation.status = 'Cancelled';
			invocation.errorMessage = reason;
		},
	};
	for (const input of inputs) submit(platform, user, input, receiver);
	return invocation;
};

// A tenth of what a job takes: the container is running already.
const execute = (platform: Platform, invocation: Invocation, algorithm: Algorithm) => {
	const { clock, settings } = platform;
	const duration = (algorithm.durationMs * settings.jobDurationFactor) / 10;
	clock.schedule(duration / 4, () => {
		invocation.status = 'Executing';
		clock.schedule(duration, async () => {
			const used = algorithm.interfaces[invocation.interface];
			try {
				if (used === undefined) throw new Error('The algorithm has lost its interface');
				const outputs = await computeOutputs(platform, invocation, used, algorithm.implementation);
				for (const output of outputs) attach(platform, invocation.outputs, output);
				invocation.status = 'Succeeded';
			} catch {
				invocation.status = 'Failed';
				invocation.errorMessage = 'The algorithm failed on one or more cases.';
			}
		});
	});
};
