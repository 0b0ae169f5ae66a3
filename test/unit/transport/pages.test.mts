import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Collection } from '../../../client';
import { list } from '../../../client/api/json';
import { pages } from '../../../client/transport/pages';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import type { Json } from '../../../sandbox/json.mts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.mts';
import { addItem } from '../../../sandbox/worker.mts';
import { failureOf, testClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	sandbox = await spawnSandbox();
	state = await sandbox.state();
});
afterAll(() => sandbox.stop());
afterEach(async () => {
	await sandbox.clearFaults();
	await sandbox.clearRequests();
});

const pks = async (...read: Parameters<Collection['iterate']>) => {
	const found: unknown[] = [];
	for await (const { pk } of testClient(sandbox).gc.archiveItems.iterate(...read)) found.push(pk);
	return found;
};
const queries = async () => (await sandbox.requests()).map(({ path }) => path.split('?')[1] ?? '');
const large = () => ({ archive: state.archives.large?.pk });

describe('a list without order, read by offset', () => {
	it('comes complete and without repeats', async () => {
		const found = await pks(large());
		expect([found.length, new Set(found).size]).toEqual([1234, 1234]);
	});

	it('is asked for in pages of the largest size', async () => {
		await pks(large());
		expect((await queries()).slice(0, 2)).toEqual([expect.stringMatching(/limit=1000$/), expect.stringMatching(/limit=1000&offset=1000$/)]);
	});

	it.each([1, 5, 1000])('the first %i are one request for no more', async (limit) => {
		const found = await pks(large(), limit);
		expect([found.length, await queries()]).toEqual([limit, [`archive=${large().archive}&limit=${limit}`]]);
	});

	it('more than a page: as many as asked for, without repeats', async () => {
		const found = await pks(large(), 1200);
		expect([found.length, new Set(found).size]).toEqual([1200, 1200]);
	});

	it('none: nothing is sent', async () => {
		expect([await pks(large(), 0), await queries()]).toEqual([[], []]);
	});

	it('is not harmed by a page size that the platform cuts down', async () => {
		const { gc } = testClient(sandbox);
		const found = new Set<unknown>();
		for await (const { results, count } of gc.archiveItems.pages(large(), 5000)) {
			expect(count).toBe(1234);
			expect(results.length).toBeLessThanOrEqual(1000);
			for (const { pk } of results) found.add(pk);
		}
		expect(found.size).toBe(1234);
	});
});

it('keeps the order of the platform', async () => {
	const { gc } = testClient(sandbox);
	const all = await gc.transport.get('algorithms/', 'the algorithms');
	const read: unknown[] = [];
	for await (const { results } of gc.algorithms.pages({}, 2)) read.push(...results);
	expect(read).toEqual(list(all, 'results'));
	expect(read).toHaveLength(8);
});

describe('filters', () => {
	it.each([
		['', undefined],
		[undefined, ''],
	])('without value are not sent: the platform would return everything (%j, %j)', async (slug, archive) => {
		await pks({ slug, archive, title: 'a b&c' }, 1);
		expect(await queries()).toEqual(['title=a+b%26c&limit=1']);
	});

	it.each(['0d11fc7b-c63f-4fd7-b80b-51d2e21492c0', 'nonsense'])('by an object that is not there (%s) say so, though the platform calls it a bad request', async (archive) => {
		expect(await failureOf(pks({ archive }))).toMatchObject({ reason: 'notFound', status: 404, message: expect.stringContaining('archive items') });
	});
});

describe('answers that are odd', () => {
	const entries = (...keys: Array<string | number>) => keys.map((pk) => ({ pk }));
	const answers = async (...actions: FaultAction[]) => {
		for (const action of actions) await sandbox.addFaults({ match: { path: '/archives/items/' }, action });
	};
	const page = (count: number, results: Json, next: string | null = null): FaultAction => ({
		body: { count, next: next === null ? null : `${sandbox.origins.api}/api/v1/archives/items/?${next}`, previous: null, results },
	});

	it('rows that come twice are given once', async () => {
		await answers(page(3, entries('a', 'b'), 'offset=2'), page(3, entries('b', 'c')));
		expect(await pks()).toEqual(['a', 'b', 'c']);
	});

	it('rows that slipped from one page to the other are found by reading again', async () => {
		await answers(page(3, entries('a', 'b'), 'offset=2'), page(3, entries('b')), page(3, entries('c', 'a'), 'offset=2'));
		expect(await pks()).toEqual(['a', 'b', 'c']);
		expect(await queries()).toEqual(['limit=1000', 'offset=2', 'limit=1000']);
	});

	it('integer pks and slugs tell rows apart too', async () => {
		await answers(page(4, [...entries(1, 2), { slug: 'x' }], 'offset=2'), page(4, [...entries(2), { slug: 'x' }, { slug: 'y' }]));
		const { gc } = testClient(sandbox);
		const found: unknown[] = [];
		for await (const entry of gc.archiveItems.iterate()) found.push(entry);
		expect(found).toEqual([{ pk: 1 }, { pk: 2 }, { slug: 'x' }, { slug: 'y' }]);
	});

	it('rows that nothing tells apart are given as they come, and read once', async () => {
		await answers(page(9, [{ user: 'a' }, { user: 'a' }]));
		expect(await pks()).toEqual([undefined, undefined]);
		expect(await queries()).toHaveLength(1);
	});

	it('a list that never reaches its count ends with an error, not with silence', async () => {
		for (let i = 0; i < 10; i++) await answers(page(3, entries('a', 'b')));
		const found: unknown[] = [];
		const read = async () => {
			for await (const { pk } of testClient(sandbox).gc.archiveItems.iterate()) found.push(pk);
		};
		expect(await failureOf(read())).toMatchObject({ reason: 'unexpectedAnswer', message: expect.stringContaining('archive items') });
		expect([found, (await queries()).length]).toEqual([['a', 'b'], 10]);
	});

	it('a list whose next page is itself ends', async () => {
		for (let i = 0; i < 20; i++) await answers(page(3, entries('a'), 'offset=1'));
		expect(await failureOf(pks())).toMatchObject({ reason: 'unexpectedAnswer' });
		expect(await queries()).toHaveLength(20);
	});

	it.each<[string, FaultAction, string]>([
		['a web page', { body: '<html><body>Welcome</body></html>' }, 'web page'],
		['a web page that says it is JSON', { body: '<html></html>', contentType: 'application/json' }, 'web page'],
		['a bare array', { body: [] }, 'something else'],
		['another object', { body: { detail: 'no list' } }, 'something else'],
		['a list that is none', { body: { count: 1, next: null, previous: null, results: { a: 1 } } }, 'something else'],
		['null', { body: 'null', contentType: 'application/json' }, 'something else'],
		['nothing', { body: '', contentType: 'application/json' }, 'something else'],
	])('%s is no list, and not asked for again', async (_what, action, words) => {
		await answers(action);
		const error = await failureOf(pks());
		expect(error).toMatchObject({ reason: 'unexpectedAnswer', advice: expect.stringContaining("'Base URL'") });
		expect(error.message).toContain(words);
		expect(await queries()).toHaveLength(1);
	});

	it('half a list is asked for again', async () => {
		await answers({ body: '{"count": 1, "results": [{"pk": "a"', contentType: 'application/json' }, page(1, entries('a')));
		expect(await pks()).toEqual(['a']);
	});

	it('a list that was read in part is not handed on twice when its next page fails', async () => {
		await answers(page(2, entries('a'), 'offset=1'), { status: 503 }, page(2, entries('b')));
		expect(await pks()).toEqual(['a', 'b']);
	});
});

it('a long list over a slow line is no silent server', async () => {
	await sandbox.addFaults({ match: { path: '/algorithms/' }, action: { bytesPerSecond: 20_000 } });
	const { gc, waits } = testClient(sandbox, { idleMs: 300 });
	const start = Date.now();
	for await (const { results } of gc.algorithms.pages()) expect(results).toHaveLength(8);
	expect(Date.now() - start).toBeGreaterThan(400);
	expect(waits).toEqual([]);
});

describe('ten thousand archive items', () => {
	// In this process, where they are put into the store: making them by requests takes a minute.
	let many: Sandbox;
	let archive: string;
	beforeAll(async () => {
		many = await startSandbox();
		const { platform } = many;
		// What the platform does where nothing is written meanwhile, though it promises no order.
		platform.settings.shuffleLists = false;
		archive = platform.store.names.get('archives.empty') ?? '';
		for (let i = 0; i < 10_000; i++) addItem(platform, archive, `Case ${i}`);
	});
	afterAll(() => many.stop());
	beforeEach(() => fetch(`${many.origins.control}/requests`, { method: 'DELETE' }));

	const items = () => testClient(many).gc.archiveItems;
	const asked = async () => (await (await fetch(`${many.origins.control}/requests`)).json()) as unknown[];

	it('are ten requests', async () => {
		const found = new Set<unknown>();
		for await (const { pk } of items().iterate({ archive })) found.add(pk);
		expect([found.size, (await asked()).length]).toEqual([10_000, 10]);
	});

	it('are asked for page by page, as they are taken', async () => {
		const iterator = items().iterate({ archive });
		const askedAfter: number[] = [];
		for (let i = 1; i <= 2001; i++) {
			await iterator.next();
			if (i % 1000 <= 1) askedAfter.push((await asked()).length);
		}
		// After item 1, 1000, 1001, 2000 and 2001.
		expect(askedAfter).toEqual([1, 1, 2, 2, 3]);
		await iterator.return(undefined);
		expect(await asked()).toHaveLength(3);
	});

	it('do not pile up in memory, taken page by page', async () => {
		setFlagsFromString('--expose-gc');
		const collectGarbage = runInNewContext('gc') as () => void;
		const pages: Array<WeakRef<object>> = [];
		for await (const { results } of items().pages({ archive })) {
			collectGarbage();
			// The engine may hold on to the page before a little longer.
			expect(pages.filter((page) => page.deref() !== undefined).length).toBeLessThanOrEqual(1);
			pages.push(new WeakRef(results));
		}
		expect(pages).toHaveLength(10);
	});
});

it('gives the pages themselves to programs that want them', async () => {
	const { gc } = testClient(sandbox);
	const sizes: number[] = [];
	for await (const { results } of pages(gc.transport, 'algorithms/', 'the algorithms', {}, 3)) sizes.push(results.length);
	expect(sizes).toEqual([3, 3, 2]);
});
