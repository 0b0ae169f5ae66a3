import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Collection, GrandChallenge } from '../../../client';
import type { JsonObject } from '../../../client/api/json';
import { asData } from '../../n8n/data';
import { asString, type Parameters } from '../../n8n/parameters';
import { filtersField, limitField, returnAllField, simplifyField } from '../fields/lists';
import { readerStudyField } from '../fields/locator';
import type { Call, Operation } from '../operation';

/** A filter of a list. */
export interface Filter {
	field: INodeProperties;
	/**
	 * Turns what a person gave into what the platform takes, e.g. a slug into a pk.
	 * @param query what the scope and the filters before have made
	 */
	query: (gc: GrandChallenge, value: string, query: Record<string, string>) => Promise<Record<string, string>> | Record<string, string>;
}

/** A resource that can be read: Get and Get Many are made from this. */
export interface Readable {
	/** e.g. "archive item" */
	singular: string;
	plural: string;
	collection: (gc: GrandChallenge) => Collection;
	/** What Get Many lists, where its filters decide about that. */
	listed?: (gc: GrandChallenge, filters: JsonObject) => Collection;
	field: INodeProperties;
	simplify: (entity: JsonObject) => IDataObject;
	filters?: Filter[];
	/** Fields that Get Many needs besides filters, with the query they make. */
	scope?: Filter[];
}

/** What is listed belongs to one reader study. */
export const ofReaderStudy = (parameter: string): Filter => ({
	field: readerStudyField,
	query: async (gc, value) => ({ [parameter]: await gc.readerStudies.pk(value) }),
});

/** What has a status that the platform filters by. */
export const ofStatus = (example: string): Filter => ({
	field: {
		displayName: 'Status',
		name: 'status',
		type: 'string',
		default: '',
		placeholder: `e.g. ${example}`,
		description: 'Only those with exactly this status, upper and lower case matter',
	},
	query: (_gc, value) => ({ status: value }),
});

export const getOperation = ({ singular, collection, field, simplify }: Readable): Operation => ({
	value: 'get',
	name: 'Get',
	action: `Get ${singular}`,
	description: `Read one ${singular}`,
	fields: [field, simplifyField],
	execute: async ({ gc, parameters }) => {
		const simple = parameters.flag('simplify', 'Simplify');
		const entity = await collection(gc).get(parameters.text(field.name));
		return [{ json: simple ? simplify(entity) : asData(entity) }];
	},
});

export const getManyOperation = ({ plural, collection, listed = collection, simplify, filters = [], scope = [] }: Readable): Operation => ({
	value: 'getMany',
	name: 'Get Many',
	action: `Get many ${plural}`,
	description: `List the ${plural} that this account can see`,
	fields: [
		...scope.map(({ field }) => field),
		returnAllField,
		limitField,
		...(filters.length > 0 ? [filtersField(filters.map(({ field }) => field))] : []),
		simplifyField,
	],
	execute: async (call) => {
		const { gc, parameters } = call;
		const limit = limitOf(parameters);
		const simple = parameters.flag('simplify', 'Simplify');
		const chosen = filters.length > 0 ? parameters.collection('filters') : {};
		const query = await queryOf(call, scope, filters, chosen);
		const items: INodeExecutionData[] = [];
		for await (const entity of listed(gc, chosen).iterate(query, limit)) {
			items.push({ json: simple ? simplify(entity) : asData(entity) });
		}
		if (items.length === 0 && scope.length > 0) hintAtMembership(call, plural);
		return items;
	},
});

/** The most that a list is to give. @throws GrandChallengeError (badInput) */
export const limitOf = (parameters: Parameters): number =>
	parameters.flag('returnAll', 'Return All') ? Infinity : parameters.count('limit', 'Limit');

/** What is public is visible to everybody, but what it holds only to members, and the platform says nothing of it. */
export const hintAtMembership = ({ context }: Call, plural: string): void =>
	context.addExecutionHints({
		message: `There are no ${plural}, or this account may not see them: of what is public, Grand Challenge shows the contents to members only`,
		type: 'info',
		location: 'outputPane',
	});

const queryOf = async ({ gc, parameters }: Call, scope: Filter[], filters: Filter[], chosen: JsonObject): Promise<Record<string, string>> => {
	const query: Record<string, string> = {};
	for (const { field, query: toQuery } of scope) Object.assign(query, await toQuery(gc, parameters.text(field.name), query));
	for (const { field, query: toQuery } of filters) {
		const value = asString(chosen[field.name], field.displayName).trim();
		if (value !== '') Object.assign(query, await toQuery(gc, value, query));
	}
	return query;
};
