import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Collection, GrandChallenge } from '../../client';
import type { JsonObject } from '../../client/api/json';
import type { Feed } from '../../client/changes/feed';
import type { Source } from '../../client/changes/source';
import { LARGEST_PAGE } from '../../client/transport/pages';
import type { Query } from '../../client/transport/transport';
import { asTexts, type Parameters } from '../n8n/parameters';

/** What an event gets to find out what it is to watch. */
export interface Asked {
	gc: GrandChallenge;
	parameters: Parameters;
	/** The node's Options. */
	options: JsonObject;
	/**
	 * The pk of what a locator names. At the first poll it is made sure that there is such a thing.
	 * @throws GrandChallengeError
	 */
	pk: (collection: Collection, field: string) => Promise<string>;
}

export interface Watched {
	feed: Feed;
	source: Source;
	/** All that tells it from other things to watch: with another one the watch begins anew. */
	of: unknown[];
}

/** One event of the trigger: adding one is adding such an object to the list in events/index.ts. */
export interface TriggerEvent {
	/** As saved in workflows. */
	value: string;
	name: string;
	description: string;
	/** What there is when it has happened, e.g. "finished jobs". */
	plural: string;
	/** Whether the platform tells when it happened, so that a date can be chosen to start from. */
	dated: boolean;
	/** Shown only for this event. */
	fields: INodeProperties[];
	/** Entries of Options. */
	options?: INodeProperties[];
	simplify: (row: JsonObject) => IDataObject;
	watch: (asked: Asked) => Promise<Watched>;
}

/** A list without a useful order. */
export const whole = (collection: Collection, query: Query): Source => ({
	order: 'none',
	all: (complete) => (complete ? collection.all(query) : readOnce(collection, query)),
});

/** Every page once: some rows may be missing where the order changes meanwhile. */
const readOnce = async (collection: Collection, query: Query): Promise<JsonObject[]> => {
	const rows: JsonObject[] = [];
	let left: number | undefined;
	for await (const { results, count } of collection.pages(query)) {
		rows.push(...results);
		left = (left ?? count) - LARGEST_PAGE;
		if (left <= 0) break;
	}
	return rows;
};

/** A list to whose end rows are added. */
export const growing = (collection: Collection, query: Query): Source => ({
	order: 'oldestFirst',
	page: (offset, limit) => collection.page(query, offset, limit),
});

/** Statuses that count, all where none is chosen. */
export const statusesOption = (statuses: string[]): INodeProperties => ({
	displayName: 'Statuses',
	name: 'statuses',
	type: 'multiOptions',
	default: [],
	description: 'Which ends count. All of them if none is chosen.',
	options: statuses.map((status) => ({ name: status, value: status })),
});

/** In lower case. */
export const statusesIn = ({ statuses }: JsonObject): string[] => asTexts(statuses ?? [], 'Statuses').map((status) => status.toLowerCase());
