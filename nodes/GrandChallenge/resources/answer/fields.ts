import type { INodeProperties } from 'n8n-workflow';

import type { JsonObject } from '../../../../client/api/json';
import { badInput } from '../../../../client/transport/errors';
import { asNumber } from '../../../n8n/parameters';

/** What is answered, in the words of the question. */
export const valueField = (displayName: string): INodeProperties => ({
	displayName,
	name: 'value',
	type: 'string',
	default: '',
	placeholder: 'e.g. Yes, 7.5, true or {"type": "Point", …}',
	description:
		'As the type of the question wants it: the title of an option, titles separated by commas, a text, a number, true or false, an annotation as a JSON object. Empty for no answer.',
});

export const durationOption: INodeProperties = {
	displayName: 'Last Edit Duration (Seconds)',
	name: 'lastEditSeconds',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 3 },
	default: 0,
	description: 'How long the reader took for it',
};

/**
 * s, from the option `lastEditSeconds`; undefined where it was not added.
 * @throws GrandChallengeError (badInput)
 */
export const secondsIn = ({ lastEditSeconds: given }: JsonObject): number | undefined => {
	if (given === undefined) return undefined;
	const seconds = asNumber(given);
	if (seconds >= 0 && Number.isFinite(seconds)) return seconds;
	throw badInput(`'Last Edit Duration' is ${JSON.stringify(given)}`, 'Use a number of seconds of at least 0');
};
