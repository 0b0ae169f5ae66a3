import type { INodeProperties } from 'n8n-workflow';

import { badInput } from '../../../client/transport/errors';
import { CONNECTIONS, MOST_CONNECTIONS } from '../../n8n/connect';
import { asNumber } from '../../n8n/parameters';
import type { Operation } from '../operation';

/** How failed requests are repeated, in the Options of every operation. */
const customRetriesOption: INodeProperties = {
	displayName: 'Custom Retries',
	name: 'customRetries',
	type: 'fixedCollection',
	default: { values: { tries: 8, firstDelay: 100, longestDelay: 60000, statuses: '429, 502, 503, 504, 507' } },
	description: "Numbers for the retry strategy 'Custom'",
	options: [
		{
			displayName: 'Values',
			name: 'values',
			values: [
				{
					displayName: 'First Delay (Ms)',
					name: 'firstDelay',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 100,
					description: 'Wait before the first retry, in milliseconds. It doubles with each further one.',
				},
				{
					displayName: 'Longest Delay (Ms)',
					name: 'longestDelay',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 60000,
					description: 'The wait does not grow beyond this, in milliseconds',
				},
				{
					displayName: 'Retries',
					name: 'tries',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 8,
					description: 'How often a request is repeated for each status',
				},
				{
					displayName: 'Statuses',
					name: 'statuses',
					type: 'string',
					default: '429, 502, 503, 504, 507',
					placeholder: 'e.g. 429, 503',
					description: 'HTTP statuses that are retried. Broken connections always are.',
				},
			],
		},
	],
};

/** @param usual what is used where nothing is chosen */
const strategyOption = (usual: string): INodeProperties => ({
	displayName: 'Retry Strategy',
	name: 'retryStrategy',
	type: 'options',
	default: usual,
	description: 'What happens to requests that fail for a passing reason. A request that may have been carried out is never repeated if that could make or cost something twice.',
	options: [
		{ name: 'Custom', value: 'custom', description: "With the numbers of 'Custom Retries'" },
		{ name: 'None', value: 'none', description: 'A request is not repeated' },
		{ name: 'Patient', value: 'patient', description: "As Standard; besides, waits while the account has too many uploads, images in work or active jobs" },
		{ name: 'Standard', value: 'standard', description: 'Up to eight retries, each after twice the time of the one before' },
	],
});

/** Where files are sent, the limits for them are waited out: starting again would only run into them sooner. */
export const usualRetries = ({ transfers = false }: Pick<Operation, 'transfers'>): string => (transfers ? 'patient' : 'standard');

const byName = (a: INodeProperties, b: INodeProperties) => a.displayName.localeCompare(b.displayName);

/** How many transfers there are at a time. */
export const connectionsOption: INodeProperties = {
	displayName: 'Connections',
	name: 'connections',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: MOST_CONNECTIONS },
	default: CONNECTIONS,
	description: 'How many files, or parts of large files, are sent or fetched at the same time. The items keep their order.',
};

/** The collection Options of an operation. */
export const optionsField = ({ options: own = [], transfers = false }: Pick<Operation, 'options' | 'transfers'> = {}): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [...own, ...(transfers ? [connectionsOption] : []), customRetriesOption, strategyOption(usualRetries({ transfers }))].sort(byName),
});

/** @param what it waits for, e.g. "the images to be imported" */
export const longestWait = (what: string, minutes: number): INodeProperties => ({
	displayName: 'Longest Wait (Minutes)',
	name: 'maxWait',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: minutes,
	description: `How long to wait for ${what}`,
});

/**
 * ms, from the option `maxWait`.
 * @throws GrandChallengeError (badInput)
 */
export const longestWaitMs = (options: Record<string, unknown>, minutes: number): number => {
	const given = options.maxWait ?? minutes;
	const wanted = asNumber(given);
	if (!(wanted > 0)) throw badInput(`'Longest Wait' is ${JSON.stringify(given)}`, 'Use a number of minutes above 0');
	return wanted * 60_000;
};
