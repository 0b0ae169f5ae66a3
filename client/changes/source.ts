import { identity, type JsonObject } from '../api/json';
import type { Page } from '../transport/pages';
import { stampOf, type Feed } from './feed';

/** Where the rows come from, and what their order is worth: see the API sheet, section 18. */
export type Source =
	| {
			/** Rows come in any order, even another one for each page. */
			order: 'none';
			/** @param complete whether rows that slipped through between pages have to be found now, not by a later poll */
			all: (complete: boolean) => Promise<JsonObject[]>;
	  }
	| {
			/** By the time when they were made, which `date` of the feed tells where it has one. */
			order: 'oldestFirst';
			page: (offset: number, limit: number) => Promise<Page>;
	  }
	| {
			order: 'newestFirst';
			page: (offset: number, limit: number) => Promise<Page>;
			/** ISO: nothing that is wanted is older. */
			oldest?: string;
	  };

export type Paged = Exclude<Source, { order: 'none' }>;

export interface Sizes {
	/** Rows per request. */
	page: number;
	/** Rows that are read again: as many may be deleted while paging without a row slipping through. */
	overlap: number;
	/** The most events of one poll. The others come with the next. */
	most: number;
}

/** Rows in the order in which they were made. */
export interface Window {
	rows: JsonObject[];
	/** Position in the list of the first of them. */
	offset: number;
}

const distinct = (rows: JsonObject[]): JsonObject[] => [...new Map(rows.map((row) => [identity(row), row])).values()];

/**
 * The end of a list that grows there.
 * @param from position where to begin; further ahead where that row was not read before, since so many were deleted there
 * @param isEnough whether the rows read are as many as can be told
 */
export const readEnd = async (
	source: Paged,
	from: number,
	{ page, overlap }: Sizes,
	wasRead: (row: JsonObject) => boolean,
	isEnough: (rows: JsonObject[]) => boolean,
): Promise<Window> => {
	const step = page - overlap;
	let rows: JsonObject[] = [];
	for (let at = from; ; at += step) {
		const { results, count } = await source.page(at, page);
		rows.push(...results);
		if (at + page >= count || isEnough(rows)) break;
	}
	let offset = from;
	while (offset > 0 && !(rows[0] && wasRead(rows[0]))) {
		offset = Math.max(0, offset - step);
		rows = [...(await source.page(offset, page)).results, ...rows];
	}
	return { rows: distinct(rows), offset };
};

/** The beginning of a list that grows there, down to the first row before `since`. */
export const readBeginning = async (source: Paged, feed: Feed, since: string, { page, overlap }: Sizes): Promise<Window> => {
	const rows: JsonObject[] = [];
	for (let at = 0; ; at += page - overlap) {
		const { results, count } = await source.page(at, page);
		rows.push(...results);
		const last = results.at(-1);
		if (at + page >= count || (last && stampOf(feed, last) < since)) break;
	}
	return { rows: distinct(rows).reverse(), offset: 0 };
};
