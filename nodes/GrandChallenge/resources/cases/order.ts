import type { INodeProperties } from 'n8n-workflow';

import type { JsonObject } from '../../../../client/api/json';
import { badInput } from '../../../../client/transport/errors';
import { asNumber } from '../../../n8n/parameters';

export const orderField: INodeProperties = {
	displayName: 'Order',
	name: 'order',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	description: 'Cases are shown to readers from the smallest number to the largest. With 0 the case comes last.',
};

/** @throws GrandChallengeError (badInput) */
export const orderIn = ({ order }: JsonObject): number | undefined => {
	if (order === undefined) return undefined;
	const wanted = asNumber(order);
	if (Number.isInteger(wanted) && wanted >= 0) return wanted;
	throw badInput(`'Order' is ${JSON.stringify(order)}`, 'Use a whole number of at least 0');
};
