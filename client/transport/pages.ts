import { asText, identity, isObject, list, number, type JsonObject } from '../api/json';
import { GrandChallengeError, somethingElse } from './errors';
import type { Query, Transport } from './transport';

/** The most that the platform gives per page; larger values are cut down silently. */
export const LARGEST_PAGE = 1000;

/** Of a list that lacks rows; each finds most of those that slipped through between the pages of the one before. */
const MOST_READINGS = 10;

export interface Page {
	results: JsonObject[];
	/** How many there are in all. */
	count: number;
}

/**
 * The pages of a list, read as they are asked for. Every object comes once, though offset paging over a changing or
 * unordered list may repeat rows; rows that it skipped are found by reading again when fewer came than `count` says.
 * @param pageSize 1 … 1000
 * @throws GrandChallengeError also when an answer has not the shape of a list
 */
export const pages = async function* (
	transport: Transport,
	path: string,
	subject: string,
	query: Query = {},
	pageSize = LARGEST_PAGE,
): AsyncGenerator<Page> {
	const known = new Set<string>();
	for (let reading = 1; reading <= MOST_READINGS; reading++) {
		let count = 0;
		let anonymous = false;
		const asked = new Set<string>();
		let next: string | undefined = path;
		while (next !== undefined) {
			asked.add(next);
			const answer: unknown = await transport.get(next, subject, next === path ? { ...query, limit: pageSize } : undefined);
			if (!isObject(answer) || !Array.isArray(answer.results)) throw somethingElse(subject);
			count = number(answer, 'count') ?? 0;
			const results: JsonObject[] = [];
			for (const entry of list(answer, 'results').filter(isObject)) {
				const key = identity(entry);
				if (key === undefined) anonymous = true;
				else if (known.has(key)) continue;
				else known.add(key);
				results.push(entry);
			}
			yield { results, count };
			if (reading > 1 && known.size >= count) return;
			next = asText(answer.next) || undefined;
			if (next !== undefined && asked.has(next)) next = undefined;
		}
		if (anonymous || known.size >= count) return;
	}
	throw new GrandChallengeError('unexpectedAnswer', `Grand Challenge changed ${subject} faster than it could be read`, {
		advice: 'Run the node again when less is going on',
	});
};
