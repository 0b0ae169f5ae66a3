import { identity, list, member, number, text, type JsonObject } from '../api/json';
import { pkOf, readSocketValues } from '../api/types';
import { isAt } from '../evaluations/find';
import type { Place } from '../evaluations/phase';
import { jobState } from '../jobs/status';

/**
 * What a row of a list is to somebody who waits for events: one now, perhaps one later (a job that still runs), or none,
 * whatever happens to it.
 */
export type Meaning = 'event' | 'later' | 'nothing';

/** What happens on the platform, as it shows in the rows of a list. The API tells of no event itself. */
export interface Feed {
	/** Tells rows apart, pk unless given. */
	key?: (row: JsonObject) => string;
	/** With it, a row is an event again whenever this is another text. */
	version?: (row: JsonObject) => string;
	/** Whether a row that was never told has nothing to tell yet; it is compared with that once it has. */
	isFresh?: (row: JsonObject) => boolean;
	meaning: (row: JsonObject) => Meaning;
	/** When it happened, where the platform says so: ISO, as it comes. */
	date?: (row: JsonObject) => string;
	/** Whether a version counts only when two polls in a row have found it. */
	settles?: true;
}

const created = (row: JsonObject) => text(row, 'created');
const modified = (row: JsonObject) => text(row, 'modified');

/** Rows that are wanted are events at once. */
const now = (isWanted: (row: JsonObject) => boolean) => (row: JsonObject): Meaning => (isWanted(row) ? 'event' : 'nothing');
const always = (): Meaning => 'event';

/** @param statuses in lower case, all unless given */
const atTheEnd = (row: JsonObject, status: string, statuses: string[]): Meaning => {
	if (jobState(status) === 'running' && status.toLowerCase() !== 'completed') return 'later';
	return now(() => statuses.length === 0 || statuses.includes(status.toLowerCase()))(row);
};

/** @param statuses in lower case, all unless given */
export const jobFinished = (statuses: string[]): Feed => ({ meaning: (row) => atTheEnd(row, text(row, 'status'), statuses) });

/** @param statuses in lower case, all unless given */
export const containerImageImported = (statuses: string[]): Feed => ({
	meaning: (row) => atTheEnd(row, text(row, 'import_status'), statuses),
	date: created,
});

/** @param sockets slugs for all of which a case has to hold a value first */
export const caseAdded = (sockets: string[]): Feed => ({
	meaning: (row) => {
		const held = readSocketValues(row, 'values').map(({ socket }) => socket.slug);
		return sockets.every((slug) => held.includes(slug)) ? 'event' : 'later';
	},
});

/** A value of the platform never changes, another one has another pk. */
export const caseChanged: Feed = {
	version: (row) =>
		readSocketValues(row, 'values')
			.map(({ pk }) => Number(pk))
			.sort((a, b) => a - b)
			.join(),
	isFresh: (row) => list(row, 'values').length === 0,
	meaning: always,
};

/** @param question pk, all unless given */
const toQuestion = (question: string | undefined) => now((row) => question === undefined || pkOf(text(row, 'question')) === question);

/** @param question pk, all unless given */
export const answerAdded = (question?: string): Feed => ({ meaning: toQuestion(question), date: created });

/** The platform sets both times one after the other. */
const SAME_MOMENT_MS = 1000;

/** @param question pk, all unless given */
export const answerChanged = (question?: string): Feed => ({
	version: modified,
	isFresh: (row) => !(Date.parse(modified(row)) - Date.parse(created(row)) >= SAME_MOMENT_MS),
	meaning: toQuestion(question),
	date: modified,
});

export const imageAdded: Feed = { meaning: always };

/** @param place where the platform cannot filter */
export const evaluationAdded = (place?: Place): Feed => ({ meaning: now((row) => isAt(row, place)), date: created });

/** @param statuses in lower case, all unless given */
export const evaluationFinished = (statuses: string[], place?: Place): Feed => ({
	meaning: (row) => (isAt(row, place) ? atTheEnd(row, text(row, 'status'), statuses) : 'nothing'),
	date: created,
});

/** Ranks are computed some time after an evaluation has succeeded, and anew with every other one. 0 is no rank. */
export const rankChanged: Feed = {
	version: (row) => String(number(row, 'rank') ?? 0),
	isFresh: (row) => (number(row, 'rank') ?? 0) === 0,
	meaning: always,
	settles: true,
};

export const claimableEvaluation: Feed = { meaning: always, date: created };

/** A challenge opens and closes without being modified. */
export const challengeChanged: Feed = {
	version: (row) => [modified(row), text(row, 'status')].join(' '),
	meaning: always,
	date: modified,
};

/** How far a reader is; who has finished begins again when there are other display sets. */
export const readerFinished: Feed = {
	key: (row) => [text(row, 'reader'), number(row, 'display_sets')].join(' '),
	meaning: (row) => (member(row, 'unanswered') === 0 && member(row, 'display_sets') !== 0 ? 'event' : 'later'),
};

export const keyOf = ({ key }: Feed, row: JsonObject): string => key?.(row) ?? identity(row) ?? '';

export const versionOf = ({ version }: Feed, row: JsonObject): string => version?.(row) ?? '';

/** When a row happened, in a form in which texts compare as times do: the platform leaves out a fraction that is 0. */
export const stampOf = ({ date }: Feed, row: JsonObject): string => stamp(date?.(row) ?? '');

/** @param date ISO, UTC */
export const stamp = (date: string): string => {
	const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?/.exec(date) ?? [];
	return seconds && `${seconds}.${fraction.padEnd(6, '0')}`;
};
