import { sleep } from 'n8n-workflow';

import {
	customRetries,
	GrandChallenge,
	noRetries,
	normaliseToken,
	parseBaseUrl,
	patientRetries,
	standardRetries,
	type RetryStrategy,
	type Sleep,
} from '../../client';
import { isObject, member, text, type JsonObject } from '../../client/api/json';
import { limits, type Slots } from '../../client/slots';
import { Tally } from '../../client/tally';
import { badInput, cancelled } from '../../client/transport/errors';
import { CREDENTIAL, httpPort, type RequestContext } from './http';
import { asNumber, asString } from './parameters';

export const CONNECTIONS = 8;
export const MOST_CONNECTIONS = 32;

/**
 * The client with n8n behind its ports.
 * @param options the node's Options, for the retries
 * @param signal aborted when the execution is canceled
 * @param shared by all clients of a node
 * @throws GrandChallengeError (badInput) for a credential or options that cannot work
 */
export const connect = async (context: RequestContext, options: JsonObject, signal: AbortSignal, shared?: Shared): Promise<GrandChallenge> => {
	const credential = await context.getCredentials(CREDENTIAL);
	const base = parseBaseUrl(text(credential, 'baseUrl'), credential.allowHttp === true);
	normaliseToken(text(credential, 'token'));
	const http = httpPort(context, credential.ignoreSslIssues === true);
	const log = (message: string) => context.logger.debug(message);
	return new GrandChallenge({
		base,
		signal,
		retry: retryStrategy(options),
		limits: limits(connectionsIn(options), shared?.memory),
		tally: shared?.tally,
		ending: shared?.ending,
		ports: { http, sleep: pause, now: () => Date.now(), random: Math.random, log },
	});
};

/** What all clients of a node have together. */
interface Shared {
	memory: Slots;
	tally: Tally;
	/** Aborted when the node ends because of one of its items. */
	ending: AbortSignal;
}

/**
 * One client for all items with the same options, so that what one item has looked up need not be asked for the next; and what
 * all of them have sent and fetched.
 */
export const connector = (context: RequestContext, signal: AbortSignal) => {
	const clients = new Map<string, Promise<GrandChallenge>>();
	const tally = new Tally({ now: () => Date.now(), log: (message) => context.logger.info(message) });
	const ending = new AbortController();
	const shared: Shared = { memory: limits().memory, tally, ending: ending.signal };
	const connectOnce = (options: JsonObject): Promise<GrandChallenge> => {
		const key = JSON.stringify([options.retryStrategy, options.customRetries, options.connections]);
		const client = clients.get(key) ?? connect(context, options, signal, shared);
		clients.set(key, client);
		return client;
	};
	return { connect: connectOnce, tally, end: () => ending.abort() };
};

/**
 * How many files or parts of files go each way at the same time.
 * @throws GrandChallengeError (badInput)
 */
export const connectionsIn = ({ connections }: JsonObject): number => {
	const wanted = asNumber(connections ?? CONNECTIONS);
	if (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_CONNECTIONS) return wanted;
	throw badInput(`'Connections' is ${JSON.stringify(connections)}`, `Use a whole number from 1 to ${MOST_CONNECTIONS}`);
};

/** n8n's sleep; older versions do not know the signal. */
const pause: Sleep = (ms, signal) =>
	new Promise((resolve, reject) => {
		if (signal.aborted) return reject(cancelled());
		const stop = () => reject(cancelled());
		signal.addEventListener('abort', stop, { once: true });
		sleep(ms, signal)
			.then(resolve, reject)
			.finally(() => signal.removeEventListener('abort', stop));
	});

/** What Custom retries where no statuses are given. */
const RETRIED = '429, 502, 503, 504, 507';

const retryStrategy = (options: JsonObject): RetryStrategy => {
	const name = text(options, 'retryStrategy') || 'standard';
	if (name === 'none') return noRetries;
	if (name === 'standard') return standardRetries(Math.random);
	if (name === 'patient') return patientRetries(Math.random);
	if (name !== 'custom') throw badInput(`'Retry Strategy' is '${name}'`, 'Use standard, patient, none or custom');
	const custom = isObject(options.customRetries) ? options.customRetries.values : undefined;
	const at = (key: string, displayName: string, otherwise: number) => {
		const given = member(custom, key) ?? otherwise;
		const value = asNumber(given);
		if (!(value >= 0)) throw badInput(`'${displayName}' is ${JSON.stringify(given)}`, 'Use a number of at least 0');
		return value;
	};
	return customRetries(
		{
			tries: at('tries', 'Retries', 8),
			firstDelay: at('firstDelay', 'First Delay', 100),
			longestDelay: at('longestDelay', 'Longest Delay', 60_000),
			statuses: statuses(asString(member(custom, 'statuses') ?? RETRIED, 'Statuses')),
		},
		Math.random,
	);
};

const statuses = (list: string): number[] =>
	list
		.split(/[\s,;]+/)
		.filter(Boolean)
		.map((entry) => {
			const status = Number(entry);
			if (!Number.isInteger(status) || status < 400 || status > 599) {
				throw badInput(`'Statuses' has '${entry}', which is no HTTP status that can be retried`, 'Use numbers from 400 to 599, e.g. 429, 503');
			}
			return status;
		});
