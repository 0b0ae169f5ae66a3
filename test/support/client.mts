import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import axios from 'axios';

import { axiosPort, GrandChallenge, parseBaseUrl, standardRetries, type RetryStrategy } from '../../client';
import type { SpawnedSandbox } from '../../sandbox/client.mts';

export interface TestClient {
	gc: GrandChallenge;
	/** Every wait of the client so far, in ms, as it was asked for. */
	waits: number[];
	/** What the client logged. */
	logs: string[];
	cancel(): void;
}

export interface TestClientOptions {
	token?: string;
	retry?: RetryStrategy;
	/** ms without a sign of life until a request is given up. */
	idleMs?: number;
	random?: () => number;
	/** Waits really, instead of at most 1 ms; time-outs and cancellation need it. */
	realTime?: boolean;
}

/** The client over axios against a sandbox. Waits are written down and cut to 1 ms unless `realTime` is set. */
export const testClient = (sandbox: SpawnedSandbox, options: TestClientOptions = {}): TestClient => {
	const waits: number[] = [];
	const logs: string[] = [];
	const canceled = new AbortController();
	const random = options.random ?? (() => 0.5);
	const instance = axios.create(sandbox.ca === undefined ? {} : { httpsAgent: new Agent({ ca: sandbox.ca }) });
	const gc = new GrandChallenge({
		base: parseBaseUrl(sandbox.origins.api, true),
		signal: canceled.signal,
		retry: options.retry ?? standardRetries(random),
		idleMs: options.idleMs,
		ports: {
			http: axiosPort(instance, options.token ?? sandbox.tokens.main),
			// The watchdog's waits are no waits of the client: they end when their request does.
			sleep: async (ms, signal) => {
				if (signal !== canceled.signal) return delay(ms, undefined, { signal, ref: false });
				waits.push(ms);
				await delay(options.realTime === true ? ms : Math.min(ms, 1), undefined, { signal });
			},
			now: () => Date.now(),
			random,
			log: (message) => logs.push(message),
		},
	});
	return { gc, waits, logs, cancel: () => canceled.abort() };
};
