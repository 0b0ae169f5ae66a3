import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import axios from 'axios';

import {
	axiosPort,
	GrandChallenge,
	GrandChallengeError,
	parseBaseUrl,
	standardRetries,
	type ByteStream,
	type FileSink,
	type FileSource,
	type HttpPort,
	type RetryStrategy,
} from '../../client';
import { limits } from '../../client/slots';
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
	/** Lets the clock go on by what the cut waits leave out, so that a time limit comes as it would. */
	shortTime?: boolean;
	/** Puts something around the http port: a failure that the sandbox cannot make, or a counter. */
	http?: (port: HttpPort) => HttpPort;
	/** Transfers at the same time, each way. */
	connections?: number;
	/** Does not trust the certificate of the sandbox. */
	distrust?: boolean;
}

/** A sandbox, in a process of its own or in this one. */
type AnySandbox = Pick<SpawnedSandbox, 'origins'> & { tokens: Record<string, string>; ca?: string | undefined };

/** The client over axios against a sandbox. Waits are written down and cut to 1 ms unless `realTime` is set. */
export const testClient = (sandbox: AnySandbox, options: TestClientOptions = {}): TestClient => {
	const waits: number[] = [];
	const logs: string[] = [];
	let leftOut = 0;
	const canceled = new AbortController();
	const random = options.random ?? (() => 0.5);
	const trusted = sandbox.ca !== undefined && options.distrust !== true;
	const instance = axios.create(trusted ? { httpsAgent: new Agent({ ca: sandbox.ca }) } : {});
	const http = axiosPort(instance, options.token ?? sandbox.tokens.main ?? '');
	const gc = new GrandChallenge({
		base: parseBaseUrl(sandbox.origins.api, true),
		signal: canceled.signal,
		retry: options.retry ?? standardRetries(random),
		idleMs: options.idleMs,
		limits: limits(options.connections),
		ports: {
			http: options.http?.(http) ?? http,
			// The watchdog's waits are no waits of the client: they end when their request does.
			sleep: async (ms, signal) => {
				if (signal !== canceled.signal) return delay(ms, undefined, { signal, ref: false });
				waits.push(ms);
				await delay(options.realTime === true ? ms : Math.min(ms, 1), undefined, { signal });
				if (options.shortTime === true) leftOut += ms - Math.min(ms, 1);
			},
			now: () => Date.now() + leftOut,
			random,
			log: (message) => logs.push(message),
		},
	});
	return { gc, waits, logs, cancel: () => canceled.abort() };
};

/** What a promise is rejected with. @throws Error where that is nothing the client throws on purpose */
export const failureOf = async (promise: Promise<unknown>): Promise<GrandChallengeError> => {
	const error = await errorOf(promise);
	if (error instanceof GrandChallengeError) return error;
	throw new Error(`Not an error of the client: ${inspect(error, { depth: 1 })}`);
};

/** What a promise is rejected with. @throws Error where it is not */
export const errorOf = async (promise: Promise<unknown>): Promise<unknown> => {
	const outcome = await promise.then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	if ('error' in outcome) return outcome.error;
	throw new Error(`It did not fail: ${inspect(outcome.value, { depth: 1 })}`);
};

/** Everything that a log could show of an error: its hidden parts, its causes and theirs. */
export const everythingOf = (error: unknown): string => inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });

/** Bytes as a file to upload, in chunks of so many bytes. */
export const fileOf = (name: string, bytes: Uint8Array | string, chunk = 64 * 1024): FileSource => {
	const buffer = Buffer.from(bytes);
	const open = async function* () {
		for (let at = 0; at < buffer.length; at += chunk) yield buffer.subarray(at, at + chunk);
	};
	return { name, size: buffer.length, open };
};

/** A sink that keeps the file in memory. */
export const collect: FileSink<Buffer> = async ({ bytes }) => (bytes instanceof Uint8Array ? Buffer.from(bytes) : read(bytes));

const read = async (bytes: ByteStream): Promise<Buffer> => {
	const chunks: Uint8Array[] = [];
	for await (const chunk of bytes) chunks.push(chunk);
	return Buffer.concat(chunks);
};

/** Waits until the condition holds. @throws Error after so many ms */
export const until = async (condition: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> => {
	for (const start = Date.now(); Date.now() - start < limitMs; await delay(10)) if (await condition()) return;
	throw new Error(`It did not happen within ${limitMs} ms`);
};
