// Seeded random histories of a platform, and of the n8n that polls it, for every event: nothing is lost, nothing comes twice
// unless n8n dies between handing events on and saving what it knows, or goes back to an older state.
import type { JsonObject } from '../../../client/api/json';
import * as feeds from '../../../client/changes/feed';
import { poll, type ChangeState, type Polled, type Start } from '../../../client/changes/poll';
import type { Source } from '../../../client/changes/source';
import { createRandom, type Random } from '../../../sandbox/random.mts';

/** Small, so that short histories have many pages, left-over events and sweeps. */
const SIZES = { page: 6, overlap: 2, most: 3 };
const MINUTE = 60_000;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');

/** A job, an item, an answer … */
interface Row {
	pk: string;
	created: number;
	/** Whether it has come to its end: finished, filled, imported. */
	done: boolean;
	/** How often it was changed. */
	version: number;
	/** Whether the account may see it. */
	visible: boolean;
}

interface Kind {
	feed: feeds.Feed;
	order: Source['order'];
	/** As the API shows it. */
	show: (row: Row) => JsonObject;
	/** What names the event that a row is now, if it is one. Written without the engine. */
	event: (row: Row) => string | undefined;
	/** Whether rows become visible long after they were made. */
	late?: boolean;
	/** When the event happened, for a start from a date. */
	date?: (row: Row) => number;
}

const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const once = ({ pk }: Row) => pk;
const atEnd = ({ pk, done }: Row) => (done ? pk : undefined);
const changed = ({ pk, version }: Row) => (version > 0 ? `${pk}/${version}` : undefined);
const modified = ({ created, version }: Row) => created + version * 5 * MINUTE;
const value = (slug: string, pk: number) => ({ interface: { slug }, pk, value: 1 });
const evaluation = ({ pk, created, done, version }: Row) => ({
	pk,
	created: iso(created),
	rank: version,
	status: done ? 'Succeeded' : 'Executing',
	submission: { phase: { slug: 'final', challenge: { short_name: Number(pk) % 3 === 0 ? 'Other' : 'Nodules' } } },
});
const ofPlace = (event: Kind['event']) => (row: Row) => (Number(row.pk) % 3 === 0 ? undefined : event(row));
const place = { challenge: 'nodules', phase: 'final' };
const byCreated = { date: ({ created }: Row) => created };

const kinds: Record<string, Kind> = {
	'job finished': {
		feed: feeds.jobFinished([]),
		order: 'oldestFirst',
		show: ({ pk, done }) => ({ pk, status: done ? 'Failed' : 'Executing' }),
		event: atEnd,
		late: true,
	},
	'archive item added': { feed: feeds.caseAdded([]), order: 'none', show: ({ pk }) => ({ pk, values: [] }), event: once, late: true },
	'archive item added with values': {
		feed: feeds.caseAdded(['ct', 'age']),
		order: 'none',
		show: ({ pk, done }) => ({ pk, values: [value('ct', 1), ...(done ? [value('age', 2)] : [])] }),
		event: atEnd,
		late: true,
	},
	'archive item changed': {
		feed: feeds.caseChanged,
		order: 'none',
		show: ({ pk, version }) => ({ pk, values: version > 0 ? [value('ct', 7), value('age', version)] : [] }),
		event: changed,
		late: true,
	},
	'answer added': {
		feed: feeds.answerAdded(),
		order: 'oldestFirst',
		show: ({ pk, created }) => ({ pk, created: iso(created) }),
		event: once,
		...byCreated,
	},
	'answer to one question added': {
		feed: feeds.answerAdded('even'),
		order: 'oldestFirst',
		show: ({ pk, created }) => ({ pk, created: iso(created), question: `/questions/${Number(pk) % 2 ? 'odd' : 'even'}/` }),
		event: ({ pk }) => (Number(pk) % 2 ? undefined : pk),
		...byCreated,
	},
	'answer changed': {
		feed: feeds.answerChanged(),
		order: 'none',
		show: (row) => ({ pk: row.pk, created: iso(row.created), modified: iso(modified(row)) }),
		event: changed,
		late: true,
		date: modified,
	},
	'image added': { feed: feeds.imageAdded, order: 'none', show: ({ pk }) => ({ pk }), event: once, late: true },
	'evaluation added': { feed: feeds.evaluationAdded(), order: 'none', show: evaluation, event: once, late: true, ...byCreated },
	'evaluation of a phase added': { feed: feeds.evaluationAdded(place), order: 'newestFirst', show: evaluation, event: ofPlace(once), ...byCreated },
	'evaluation finished': { feed: feeds.evaluationFinished([]), order: 'none', show: evaluation, event: atEnd, late: true, ...byCreated },
	'evaluation of a phase finished': {
		feed: feeds.evaluationFinished(['succeeded'], place),
		order: 'newestFirst',
		show: evaluation,
		event: ofPlace(atEnd),
		...byCreated,
	},
	'rank changed': { feed: feeds.rankChanged, order: 'none', show: evaluation, event: changed, late: true },
	'claimable evaluation': { feed: feeds.claimableEvaluation, order: 'none', show: evaluation, event: once, late: true, ...byCreated },
	'container image imported': {
		feed: feeds.containerImageImported([]),
		order: 'none',
		show: ({ pk, created, done }) => ({ pk, created: iso(created), import_status: done ? 'Completed' : 'Started' }),
		event: atEnd,
		late: true,
		...byCreated,
	},
	'reader finished': {
		feed: feeds.readerFinished,
		order: 'none',
		show: ({ pk, done, version }) => ({ reader: pk, display_sets: 5 + version, unanswered: done ? 0 : 2 }),
		event: ({ pk, done, version }) => (done ? `${pk}/${version}` : undefined),
	},
	'challenge changed': {
		feed: feeds.challengeChanged,
		order: 'none',
		show: (row) => ({ slug: row.pk, modified: iso(modified(row)), status: row.done ? 'CLOSED' : 'OPEN' }),
		event: ({ pk, version, done }) => `${pk}/${version}/${done}`,
		late: true,
		date: modified,
	},
};

/** The platform: rows in the order in which they were made. */
class Platform {
	rows: Row[] = [];
	now = BEGIN;
	/** What events the rows were when they were shown. */
	readonly names = new WeakMap<JsonObject, string>();
	private made = 0;

	constructor(
		private readonly random: Random,
		private readonly kind: Kind,
	) {}

	make(): void {
		this.now += (1 + this.random.int(30)) * MINUTE;
		const visible = !this.kind.late || this.random.int(6) > 0;
		this.rows.push({ pk: `${++this.made}`, created: this.now, done: this.random.int(4) > 0, version: 0, visible });
	}

	/** One thing that happens. */
	change(): void {
		const row = this.rows[this.random.int(this.rows.length)];
		switch (this.random.int(row ? 8 : 1)) {
			case 1:
				if (row) row.done = true;
				return;
			case 2:
				if (row) row.version++;
				return;
			case 3:
				if (row && this.random.int(2)) this.rows = this.rows.filter((other) => other !== row);
				return;
			case 4:
				for (const each of this.rows) if (this.random.int(2)) each.visible = true;
				return;
			case 5:
				for (const each of this.rows.slice(-2)) each.done = true;
				return;
			default:
				this.make();
		}
	}

	/** What the account sees that is an event now. */
	events(): Map<string, Row> {
		const seen = this.rows.filter(({ visible }) => visible);
		return new Map(seen.flatMap((row) => [this.kind.event(row)].filter((name) => name !== undefined).map((name) => [name, row] as const)));
	}

	shown(): JsonObject[] {
		return this.rows
			.filter(({ visible }) => visible)
			.map((row) => {
				const shown = this.kind.show(row);
				this.names.set(shown, this.kind.event(row) ?? `no event: ${JSON.stringify(shown)}`);
				return shown;
			});
	}
}

type Sabotage = (polled: Polled, before: ChangeState | undefined) => Polled;

/** Polls as n8n does: what a poll without events has found is kept in memory only. */
class N8n {
	told: string[] = [];
	/** Whether events may come again from now on. */
	repeats = false;
	/** Events that were there when the watch began, or may have been. */
	before?: { sure: Set<string>; perhaps: Set<string> };
	private memory?: ChangeState;
	private saved?: ChangeState;
	private older?: ChangeState;

	constructor(
		private readonly random: Random,
		private readonly kind: Kind,
		private readonly platform: Platform,
		private readonly start: Start,
		private readonly sabotage: Sabotage,
	) {}

	private source(quiet: boolean): Source {
		const { kind, platform, random } = this;
		const disturb = () => {
			if (quiet) return;
			if (random.int(4) === 0) platform.change();
			if (random.int(30) === 0) throw new Error('Grand Challenge is not available');
		};
		const { order } = kind;
		if (order === 'none') {
			return {
				order,
				all: async (complete) => {
					disturb();
					const rows = random.shuffle(platform.shown());
					return complete || quiet ? rows : rows.filter(() => random.int(6) > 0);
				},
			};
		}
		return {
			order,
			page: async (offset, limit) => {
				disturb();
				const rows = platform.shown();
				if (order === 'newestFirst') rows.reverse();
				return { results: rows.slice(offset, offset + limit), count: rows.length };
			},
		};
	}

	/** @param quiet whether nothing happens meanwhile */
	async poll({ quiet = false, activation = false } = {}): Promise<void> {
		const { kind, start, memory, random } = this;
		const [pollsBefore, eventsBefore] = [this.memory, new Set(this.platform.events().keys())];
		let polled: Polled;
		try {
			polled = this.sabotage(await poll({ feed: kind.feed, source: this.source(quiet), of: 'this', start }, memory, SIZES), memory);
		} catch (error) {
			if (error instanceof Error && error.message.includes('not available')) return;
			throw error;
		}
		if (!pollsBefore) {
			const after = new Set(this.platform.events().keys());
			this.before = { sure: new Set([...eventsBefore].filter((name) => after.has(name))), perhaps: new Set([...eventsBefore, ...after]) };
		}
		if (polled.events.length > SIZES.most) throw new Error('More events than one poll may give');
		this.memory = polled.state;
		if (polled.events.length > 0) {
			this.told.push(...polled.events.map((row) => this.platform.names.get(row) ?? ''));
			if (!quiet && random.int(10) === 0) {
				this.repeats = true;
				return this.restart();
			}
		}
		if (polled.events.length > 0 || activation) {
			this.older = this.saved;
			this.saved = this.memory;
		}
	}

	/** Dies and starts again, or is deactivated and activated: what was not saved is not known. */
	async restart(): Promise<void> {
		this.memory = this.saved;
		await this.poll({ activation: true });
	}

	/** An execution of the workflow that ends late saves the state that it began with over a newer one. */
	overwrite(): void {
		if (!this.older) return;
		this.saved = this.older;
		this.repeats = true;
	}
}

const intact: Sabotage = (polled) => polled;

/** @returns what went wrong, or nothing */
const history = async (kind: Kind, seed: number, sabotage: Sabotage): Promise<string | undefined> => {
	const random = createRandom(seed);
	const platform = new Platform(random, kind);
	for (let made = random.int(25); made > 0; made--) platform.make();
	const date = platform.now - random.int(6) * 30 * MINUTE;
	const starts: Start[] = [{ from: 'now' }, { from: 'everything' }, ...(kind.date ? [{ from: 'date', date: iso(date) } as const] : [])];
	const start = starts[random.int(starts.length)] ?? { from: 'now' };
	const n8n = new N8n(random, kind, platform, start, sabotage);

	// n8n saves what the first poll has found before anything else; the outage at that moment is a test of the node.
	while (!n8n.before) await n8n.poll({ activation: true });
	for (let steps = 4 + random.int(16); steps > 0; steps--) {
		const what = random.int(20);
		if (what < 11) platform.change();
		else if (what < 18) await n8n.poll();
		else if (what < 19) await n8n.restart();
		else if (random.int(3) === 0) n8n.overwrite();
	}
	// Long enough to look through all of a growing list once more.
	const enough = kind.order === 'oldestFirst' && !kind.feed.date ? 14 : 3;
	for (let [polls, idle] = [0, 0]; polls < 40 && idle < enough; polls++) {
		const before = n8n.told.length;
		await n8n.poll({ quiet: true });
		idle = n8n.told.length > before ? 0 : idle + 1;
	}

	const told = new Set(n8n.told);
	const wrong = n8n.told.find((name) => name.startsWith('no event'));
	if (wrong !== undefined) return wrong;
	const wasBefore = (name: string, row: Row) => {
		if (start.from === 'everything') return false;
		if (start.from === 'date') return (kind.date?.(row) ?? 0) < date;
		return n8n.before?.perhaps.has(name) ?? false;
	};
	const lost = [...platform.events()].filter(([name, row]) => !told.has(name) && !wasBefore(name, row)).map(([name]) => name);
	if (lost.length > 0) return `lost ${lost.join()}`;
	const twice = n8n.told.filter((name, index) => n8n.told.indexOf(name) !== index);
	if (twice.length > 0 && !n8n.repeats) return `twice ${twice.join()}`;
	const old = start.from === 'now' ? n8n.told.filter((name) => n8n.before?.sure.has(name)) : [];
	return old.length > 0 ? `from before the start ${old.join()}` : undefined;
};

/** The first history that goes wrong, as "seed: what". */
const firstFailure = async (kind: Kind, histories: number, sabotage = intact): Promise<string | undefined> => {
	for (let seed = 1; seed <= histories; seed++) {
		const wrong = await history(kind, seed, sabotage);
		if (wrong !== undefined) return `${seed}: ${wrong}`;
	}
	return undefined;
};

const HISTORIES = 600;

describe('events are neither lost nor told twice', () => {
	it('in more than ten thousand histories', () => expect(Object.keys(kinds).length * HISTORIES).toBeGreaterThan(10_000));
	it.each(Object.keys(kinds))('%s', async (name) => {
		const kind = kinds[name];
		expect(kind && (await firstFailure(kind, HISTORIES))).toBeUndefined();
	});
});

describe('a broken engine is found', () => {
	const job = kinds['job finished'] as Kind;
	const cases: Array<[string, Kind, Sabotage]> = [
		['that forgets what it has told', job, (polled) => ({ ...polled, state: { ...polled.state, known: '' } })],
		['that never looks through the middle', job, ({ events, state }) => ({ events, state: { ...state, sweep: 0 } })],
		['that drops what is too much for one poll', job, ({ events, state }) => ({ events: events.slice(0, 2), state })],
		[
			'that takes a date for the end',
			kinds['answer added'] as Kind,
			({ events, state }) => ({ events, state: { ...state, since: state.since && feeds.stamp(iso(Date.parse(`${state.since}Z`) + 200 * MINUTE)) } }),
		],
		['that does not wait for ranks', kinds['rank changed'] as Kind, ({ events, state }) => ({ events, state: { ...state, waiting: '', known: '' } })],
	];
	it.each(cases)('%s', async (_name, kind, sabotage) => {
		expect(await firstFailure(kind, 2000, sabotage)).toMatch(/^\d+: (lost|twice|from before)/);
	});
});
