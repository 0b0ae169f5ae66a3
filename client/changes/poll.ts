import type { JsonObject } from '../api/json';
import { GrandChallengeError } from '../transport/errors';
import { LARGEST_PAGE } from '../transport/pages';
import { keyOf, stamp, stampOf, versionOf, type Feed } from './feed';
import { Known } from './known';
import { readBeginning, readEnd, type Paged, type Sizes, type Source, type Window } from './source';

/** What is remembered from one poll to the next. Small: texts and numbers, no content of the platform. */
export interface ChangeState {
	/** Of this form of the state. */
	v: 1;
	/** What it is the state of: with other filters it begins anew. */
	of: string;
	/** Rows that were told, or were there before the start. */
	known: string;
	/** Versions that the poll before has found, of a feed whose versions have to settle. */
	waiting: string;
	/** In an ordered list with dates, everything before is settled. */
	since: string;
	/** Position in a growing list before which everything was read. */
	tail: number;
	/** Position up to which the part before was looked through again for what has come into it. */
	sweep: number;
}

export type Start = { from: 'now' } | { from: 'everything' } | { from: 'date'; date: string };

/** What is waited for. */
export interface Watch {
	feed: Feed;
	source: Source;
	/** What tells this watch from one with other filters. */
	of: string;
	start: Start;
}

export interface Polled {
	/** In the order in which they happened, as far as the list tells. */
	events: JsonObject[];
	/** To be given to the next poll once the events are handed on. With the old one they would come again. */
	state: ChangeState;
}

export const SIZES: Sizes = { page: LARGEST_PAGE, overlap: 100, most: 200 };

/** 60,000 rows with versions are 780 kB. */
const MOST_KNOWN = 60_000;

/** In a list of the newest first, what was made as long before the newest may still appear. */
const LATE_MS = 3_600_000;

/**
 * Looks once. Neither reads a clock nor keeps anything: the same state and the same lists give the same events.
 * @param before of the last poll; without it, or where it is of something else, the watch begins
 * @throws GrandChallengeError; nothing is lost then
 */
export const poll = async ({ feed, source, of, start }: Watch, before: ChangeState | undefined, sizes: Sizes = SIZES): Promise<Polled> => {
	if (before?.v === 1 && before.of === of) return bounded(feed, source, await look(feed, source, before, sizes));
	return bounded(feed, source, await begin({ feed, source, of, start }, sizes));
};

const begin = async ({ feed, source, of, start }: Watch, sizes: Sizes): Promise<Polled> => {
	const begun: Start = start.from === 'date' && !feed.date ? { from: 'now' } : start;
	const oldest = source.order === 'newestFirst' ? stamp(source.oldest ?? '') : '';
	const since = begun.from === 'date' ? stamp(begun.date) : oldest;
	const state = { v: 1, of, known: '', waiting: '', tail: 0, sweep: 0, since } as const;
	if (begun.from === 'now') return { events: [], state: await baseline(feed, source, state, sizes) };
	if (source.order === 'none') {
		const rows = await source.all(begun.from === 'date');
		const known = knownOf(feed, state);
		for (const row of rows) if (stampOf(feed, row) < state.since) note(feed, known, row);
		return tell(feed, source, { ...state, known: known.pack() }, { rows, offset: 0 }, [], sizes);
	}
	const tail = source.order === 'oldestFirst' && begun.from === 'date' ? await endOf(source, sizes) : 0;
	return look(feed, source, { ...state, tail }, sizes);
};

const knownOf = ({ version }: Feed, { known }: ChangeState) => new Known(known, version !== undefined);

/** Marks a row as told, so that only what happens to it later is an event. */
const note = (feed: Feed, known: Known, row: JsonObject): void => {
	if (feed.meaning(row) !== 'later' && !feed.isFresh?.(row)) known.add(keyOf(feed, row), versionOf(feed, row));
};

const endOf = async (source: Paged, { overlap }: Sizes) => Math.max(0, (await source.page(0, 1)).count - overlap);

const hourBefore = (newest: string): string => (newest ? stamp(new Date(Date.parse(`${newest}Z`) - LATE_MS).toISOString()) : '');

/** The state in which everything that is there has been told. */
const baseline = async (feed: Feed, source: Source, state: ChangeState, sizes: Sizes): Promise<ChangeState> => {
	const window = await firstWindow(feed, source, state.since, sizes);
	const known = knownOf(feed, state);
	for (const row of window.rows) note(feed, known, row);
	return tell(feed, source, { ...state, known: known.pack() }, window, [], { ...sizes, most: 0 }).state;
};

const firstWindow = async (feed: Feed, source: Source, since: string, sizes: Sizes): Promise<Window> => {
	if (source.order === 'none') return { rows: await source.all(true), offset: 0 };
	// What is not finished yet may lie far back.
	if (source.order === 'newestFirst') return readBeginning(source, feed, since, sizes);
	return readEnd(source, feed.date ? await endOf(source, sizes) : 0, sizes, () => true, () => false);
};

const look = async (feed: Feed, source: Source, state: ChangeState, sizes: Sizes): Promise<Polled> => {
	if (source.order === 'none') return tell(feed, source, state, { rows: await source.all(false), offset: 0 }, [], sizes);
	if (source.order === 'newestFirst') return tell(feed, source, state, await readBeginning(source, feed, state.since, sizes), [], sizes);
	const known = knownOf(feed, state);
	const isRead = (row: JsonObject) => wasTold(feed, source, state, known, row);
	const isEnough = (rows: JsonObject[]) => rows.filter((row) => feed.meaning(row) === 'event' && !isRead(row)).length >= sizes.most;
	const window = await readEnd(source, state.tail, sizes, isRead, isEnough);
	// What is made known to this account later, such as a shared job, appears where it was made. Only dates can rule that out.
	const sweeps = !feed.date && window.offset > 0;
	const swept = sweeps ? (await source.page(state.sweep, sizes.page)).results : [];
	const next = state.sweep + sizes.page - sizes.overlap;
	return tell(feed, source, { ...state, sweep: sweeps && next < window.offset ? next : 0 }, window, swept, sizes);
};

/** Whether a row was told as it is, or lies before what is still looked at. */
const wasTold = (feed: Feed, { order }: Source, { since }: ChangeState, known: Known, row: JsonObject): boolean =>
	known.has(keyOf(feed, row), versionOf(feed, row)) || (order !== 'none' && feed.date !== undefined && stampOf(feed, row) < since);

/** The events among rows, and the state after them. */
const tell = (feed: Feed, source: Source, state: ChangeState, { rows, offset }: Window, swept: JsonObject[], sizes: Sizes): Polled => {
	const known = knownOf(feed, state);
	const before = new Known(state.waiting, true);
	const waiting = new Known('', true);
	const events: JsonObject[] = [];
	/** Whether nothing more is to be told of it as it is. */
	const take = (row: JsonObject): boolean => {
		const [key, version] = [keyOf(feed, row), versionOf(feed, row)];
		if (wasTold(feed, source, state, known, row) || (!known.hasKey(key) && feed.isFresh?.(row))) return true;
		const meaning = feed.meaning(row);
		if (meaning === 'later') return false;
		if (meaning === 'nothing') {
			// Where a list is not read from its beginning, these too tell where the poll before has ended.
			if (source.order === 'oldestFirst') known.add(key, version);
			return true;
		}
		if (events.length >= sizes.most || (feed.settles && !before.has(key, version))) {
			if (feed.settles) waiting.add(key, version);
			return false;
		}
		events.push(row);
		known.add(key, version);
		return true;
	};
	const isOpen = rows.map((row) => !take(row));
	swept.forEach(take);
	const open = isOpen.indexOf(true);
	const moved = { ...state, ...movedOn(feed, source, state, { rows, offset }, open, sizes) };
	if (source.order !== 'none' && feed.date) keep(feed, known, rows.filter((row) => stampOf(feed, row) >= moved.since));
	return { events, state: { ...moved, known: known.pack(), waiting: waiting.pack() } };
};

const keep = (feed: Feed, known: Known, rows: JsonObject[]): void => known.keepOnly(rows.map((row) => keyOf(feed, row)));

/** Forgets rows that are there no more, where there are too many to remember. */
const bounded = async (feed: Feed, source: Source, { events, state }: Polled): Promise<Polled> => {
	const known = knownOf(feed, state);
	if (known.size <= MOST_KNOWN) return { events, state };
	if (source.order === 'none') keep(feed, known, await source.all(true));
	if (known.size > MOST_KNOWN) throw tooMany();
	return { events, state: { ...state, known: known.pack() } };
};

/**
 * From where the next poll reads.
 * @param open index of the first row that is not settled, or -1
 */
const movedOn = (feed: Feed, { order }: Source, { since }: ChangeState, { rows, offset }: Window, open: number, { overlap }: Sizes): Partial<ChangeState> => {
	const stampAt = (index: number) => (rows[index] ? stampOf(feed, rows[index]) : '');
	const later = (stamp: string) => (stamp > since ? stamp : since);
	if (order === 'none') return {};
	if (order === 'newestFirst') {
		const late = hourBefore(stampAt(rows.length - 1));
		return { since: later(open >= 0 && stampAt(open) < late ? stampAt(open) : late) };
	}
	let index = Math.max(0, (open < 0 ? rows.length : open) - overlap);
	if (!feed.date) return { tail: offset + index };
	// Everything before `since` counts as settled, so rows of the same moment stay together.
	while (index > 0 && stampAt(index - 1) === stampAt(index)) index--;
	return { tail: offset + index, since: offset + index > 0 ? later(stampAt(index)) : since };
};

const tooMany = () =>
	new GrandChallengeError('limit', `There are more than ${MOST_KNOWN.toLocaleString('en')} of them, too many to watch`, {
		advice: 'Choose a filter, or start from now where that is possible',
	});

/**
 * What a trial shows: events of the past, the newest first as far as the list tells.
 * @param most how many
 */
export const sample = async (feed: Feed, source: Source, most: number, sizes: Sizes = SIZES): Promise<JsonObject[]> => {
	const rows = await newestRows(feed, source, sizes);
	return rows.filter((row) => feed.meaning(row) === 'event' && !feed.isFresh?.(row)).slice(0, most);
};

const newestRows = async (feed: Feed, source: Source, { page }: Sizes): Promise<JsonObject[]> => {
	if (source.order === 'none') {
		const rows = await source.all(false);
		return feed.date ? rows.sort((a, b) => stampOf(feed, b).localeCompare(stampOf(feed, a))) : rows.reverse();
	}
	if (source.order === 'newestFirst') return (await source.page(0, page)).results;
	const { count } = await source.page(0, 1);
	return (await source.page(Math.max(0, count - page), page)).results.reverse();
};
