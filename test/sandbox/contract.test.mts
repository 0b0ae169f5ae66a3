// The sandbox against the API sheet: status, headers and body of what it answers, for each endpoint of the platform's matrix but
// `github/` and `timezone/`, which are not for clients with a token.
import type { SandboxState } from '../../sandbox/client.mts';
import { isObject, type Json } from '../../sandbox/json.mts';
import { resources, type Filter, type Resource, type Sample } from './contract/resources.mts';
import { rows, writes, type At, type Row, type Write } from './contract/rows.mts';
import { envelope } from './contract/shape.mts';
import { bench, idOf, resultsOf, type Bench, type Reply } from './support.mts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let sandbox: Bench;
let sample: Sample;
let seed: SandboxState;

const at = (): At => ({ ...sandbox, seed, to: (path) => `${sandbox.origins.api}/api/v1/${path}` });

/** Makes one of each kind that the seed has none of. */
const prepare = async () => {
	const state = await sandbox.reset();
	await sandbox.changeSettings({ drift: 'C' });
	const create = async (path: string, body: unknown) => {
		const { status, json, text } = await sandbox.api('POST', path, { body });
		if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`);
		return String(json['pk']);
	};
	const algorithm = state.algorithms.threshold?.api_url;
	const inputs = [{ interface: 'ct-image', image: state.images.lung1?.api_url }];
	const endpoint = await create('algorithms/endpoints/', { algorithm });
	await sandbox.advance(60_000);
	const invocation = await create('algorithms/invocations/', { endpoint: `${sandbox.origins.api}/api/v1/algorithms/endpoints/${endpoint}/`, inputs });
	const job = await create('algorithms/jobs/', { algorithm, inputs });
	const uploads = [await sandbox.upload('a.mha', 'a'), await sandbox.upload('b.mha', 'b'), await sandbox.upload('c.mha', 'c')];
	const [session = ''] = await Promise.all(uploads.map((link) => create('cases/upload-sessions/', { uploads: [link] })));
	await create('workstations/feedback/', { session: state.viewerSessions.running?.api_url, user_comment: 'Good' });
	await sandbox.changeSettings({ drift: 'B' });
	sample = { ...(await sandbox.state()), made: { job, session, upload: idOf(uploads[0] ?? ''), endpoint, invocation } };
};

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
	await prepare();
});
afterAll(() => sandbox.stop());

const typeOf = (reply: Reply) => reply.headers.get('content-type');

/** An answer in JSON, exactly so called. */
const expectJson = (reply: Reply, status: number, body: unknown) =>
	expect([reply.status, typeOf(reply), reply.json]).toEqual([status, 'application/json', body]);

const expectUnauthenticated = (reply: Reply, detail: string) => {
	expectJson(reply, 401, { detail });
	expect(reply.headers.get('www-authenticate')).toBe('Bearer');
};

const NO_TOKEN = 'Authentication credentials were not provided.';

describe.each(resources.map((of): [string, Resource] => [of.path, of]))('%s', (path, of) => {
	beforeAll(() => sandbox.changeSettings({ drift: of.since ?? 'B' }));
	/** mine/ holds nothing of main's. */
	const token = () => (path.endsWith('mine/') ? sandbox.tokens.reader : sandbox.tokens.main);
	const get = (rest = '', options: Parameters<Bench['api']>[2] = {}) => sandbox.api('GET', path + rest, { token: token(), ...options });
	const json = (reply: Reply): Json => JSON.parse(reply.text);

	it('is a list of just these fields', async () => {
		const reply = await get();
		expect([reply.status, typeOf(reply)]).toEqual([200, 'application/json']);
		expect(envelope(of.shape)(json(reply), 'the list')).toEqual([]);
		expect([reply.json['next'], reply.json['previous']]).toEqual(
			[expect.anything() as unknown, null].map((next) => (Number(reply.json['count']) > 100 ? next : null)),
		);
	});

	if (of.order !== undefined) {
		const [, minus, key = ''] = /^(-?)(.+)$/.exec(of.order) ?? [];
		it(`is in the order of ${of.order}`, async () => {
			const keys = resultsOf(await get()).map((entry) => entry[key] as string | number);
			expect(keys.length).toBeGreaterThan(1);
			const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
			expect(keys).toEqual(minus ? sorted.reverse() : sorted);
		});
	}

	if (of.unordered) {
		it('comes in another order each time', async () => {
			const texts = new Set<string>();
			for (let i = 0; i < 20; i++) texts.add((await get()).text);
			expect(texts.size).toBeGreaterThan(1);
		});
	}

	it('says without a token what everybody may see, or asks for one', async () => {
		const reply = await get('', { token: null });
		if (of.auth) return expectUnauthenticated(reply, NO_TOKEN);
		expect([reply.status, typeOf(reply), Object.keys(reply.json)]).toEqual([200, 'application/json', ['count', 'next', 'previous', 'results']]);
		expect(Number(reply.json['count']) > 0).toBe(of.public === true);
	});

	it('refuses a bad token, also where none is needed', async () => {
		expectUnauthenticated(await get('', { token: 'f'.repeat(64) }), 'Invalid token.');
		expectUnauthenticated(await get('', { token: 'not hexadecimal'.replace(' ', '') }), 'Invalid token.');
	});

	describe('a page', () => {
		const limitOf = (address: unknown) => new URL(String(address)).searchParams.get('limit');
		it.each([
			['5000', '1000'],
			['0', '100'],
			['-1', '100'],
			['abc', '100'],
		])('of limit=%s is one of %s', async (asked, given) => {
			const reply = await get(`?limit=${asked}&offset=5000`);
			expect([reply.status, reply.json['results'], reply.json['next']]).toEqual([200, [], null]);
			expect(limitOf(reply.json['previous'])).toBe(given);
		});

		it.each(['-3', 'abc'])('at offset=%s is the first', async (offset) => {
			const reply = await get(`?limit=1&offset=${offset}`);
			expect([reply.status, reply.json['previous']]).toEqual([200, null]);
			expect(resultsOf(reply)).toHaveLength(1);
		});
	});

	it('ignores what it is not filtered by', async () => {
		const [plain, filtered] = [await get('?limit=1'), await get('?limit=1&no_such_filter=x&ordering=-pk&search=zzz')];
		expect([filtered.status, filtered.json['count']]).toEqual([200, plain.json['count']]);
	});

	const chosen: Record<'pk' | 'pks', (value: string) => string> = {
		pk: () => 'Select a valid choice. That choice is not one of the available choices.',
		pks: (value) => `Select a valid choice. ${value} is not one of the available choices.`,
	};
	for (const [name, kind] of Object.entries(of.filters ?? {})) {
		it(`filters by ${name}`, () => expectFilter(name, kind));
	}
	const expectFilter = async (name: string, kind: Filter) => {
		const all = (await get('?limit=1')).json['count'];
		// An empty value is no filter.
		expect((await get(`?limit=1&${name}=`)).json['count']).toBe(all);
		if (kind === 'text') return expectJson(await get(`?${name}=nothing-of-that-name`), 200, { count: 0, next: null, previous: null, results: [] });
		if (kind === 'boolean') {
			expect((await get(`?limit=1&${name}=maybe`)).json['count']).toBe(all);
			const split = [await get(`?limit=1&${name}=true`), await get(`?limit=1&${name}=False`)].map((reply) => Number(reply.json['count']));
			return expect((split[0] ?? 0) + (split[1] ?? 0)).toBe(all);
		}
		expectJson(await get(`?${name}=abc`), 400, { [name]: ['“abc” is not a valid UUID.'] });
		expectJson(await get(`?${name}=${UNKNOWN}`), 400, { [name]: [chosen[kind](UNKNOWN)] });
	};

	it('is called by its address with the slash', async () => {
		for (const method of ['GET', 'POST', 'PATCH']) {
			const reply = await sandbox.api(method, `${path.slice(0, -1)}?a=1`, method === 'GET' ? {} : { body: {} });
			expect([method, reply.status, reply.headers.get('location')]).toEqual([method, 301, `/api/v1/${path}?a=1`]);
			expect(typeOf(reply)).toMatch(/^text\/html/);
		}
	});

	it('answers in JSON, or in CSV where there is CSV', async () => {
		for (const accept of ['application/json', '*/*', 'text/html, */*;q=0.1']) expect((await get('', { headers: { accept } })).status).toBe(200);
		expectJson(await get('', { headers: { accept: 'text/html' } }), 406, { detail: 'Could not satisfy the request Accept header.' });
		expectJson(await get('?format=xml'), 404, { detail: 'Not found.' });
		expect(typeOf(await get('?format=json'))).toBe('application/json');
		const [asked, accepted] = [await get('?format=csv'), await get('', { headers: { accept: 'text/csv' } })];
		if (!of.csv) return expect([asked.status, accepted.status]).toEqual([404, 406]);
		expect([asked.status, accepted.status, asked.text.split('\r\n')[0]]).toEqual([200, 200, accepted.text.split('\r\n')[0]]);
		expect(typeOf(asked)).toMatch(/^text\/csv/);
		const [first] = resultsOf(await get());
		expect(asked.text.split('\r\n')[0]?.split(',').sort()).toEqual(Object.keys(first ?? {}).sort());
	});

	const { model, sample: sampleOf } = of;
	if (model !== undefined) {
		const missing = { detail: `No ${model} matches the given query.` };

		it('does not know a pk that there is not, nor what is no pk', async () => {
			expectJson(await get(of.pk === 'uuid' ? `${UNKNOWN}/` : of.pk === 'integer' ? '987654321/' : 'no-such/'), 404, missing);
			if (of.pk !== 'slug') expectJson(await get('nonsense/'), 404, { detail: 'Not found.' });
		});

		if (sampleOf) {
			it('is one of just these fields', async () => {
				const reply = await get(`${sampleOf(sample)}/`);
				expect([reply.status, typeOf(reply)]).toEqual([200, 'application/json']);
				expect(of.shape(json(reply), 'it')).toEqual([]);
			});

			it('shows one without a token if everybody may see it', async () => {
				const reply = await get(`${sampleOf(sample)}/`, { token: null });
				if (of.auth) return expectUnauthenticated(reply, NO_TOKEN);
				if (!of.public) return expectJson(reply, 404, missing);
				expect([reply.status, isObject(json(reply))]).toEqual([200, true]);
			});

			it('refuses a bad token for one', async () => {
				expectUnauthenticated(await get(`${sampleOf(sample)}/`, { token: 'f'.repeat(64) }), 'Invalid token.');
			});
		}
	}

	const { unsafe } = of;
	if (unsafe) {
		it('refuses what it does not do: 403 where nobody may, else 405, and 401 without a good token', async () => {
			for (const [i, method] of ['POST', 'PUT', 'PATCH', 'DELETE'].entries()) {
				const address = method === 'POST' ? path : `${path}${of.pk === 'integer' ? '987654321' : UNKNOWN}/`;
				const reply = await sandbox.api(method, address, { body: {} });
				const refused = { 403: 'You do not have permission to perform this action.', 405: `Method "${method}" not allowed.` };
				if (unsafe[i] === 403 || unsafe[i] === 405) expectJson(reply, unsafe[i], { detail: refused[unsafe[i]] });
				else expect([403, 405]).not.toContain(reply.status);
				expectUnauthenticated(await sandbox.api(method, address, { token: null, body: {} }), NO_TOKEN);
				expectUnauthenticated(await sandbox.api(method, address, { token: 'f'.repeat(64), body: {} }), 'Invalid token.');
			}
		});
	}
});

describe.each(writes.map((write): [string, Write] => [`${write.method} ${write.path}`, write]))('%s', (_, { method, path, pk, model, user = 'main' }) => {
	beforeAll(async () => {
		seed = await sandbox.reset();
	});
	const send = (
		body: unknown,
		{ token = sandbox.tokens[user], to = pk?.(seed)?.pk ?? '', headers = {} }: { token?: string | null; to?: string; headers?: Record<string, string> } = {},
	) => sandbox.api(method, path.replace('<pk>', to), { body, token, headers });

	it('wants JSON, and an object', async () => {
		expectJson(await send('{"a": '), 400, { detail: expect.stringMatching(/^JSON parse error - /) as string });
		expectJson(await send('x', { headers: { 'content-type': 'text/plain' } }), 415, { detail: 'Unsupported media type "text/plain" in request.' });
		expectJson(await send([]), 400, { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] });
	});

	it('wants a good token', async () => {
		expectUnauthenticated(await send({}, { token: null }), NO_TOKEN);
		expectUnauthenticated(await send({}, { token: 'f'.repeat(64) }), 'Invalid token.');
	});

	if (model !== undefined) {
		it('does not know a pk that there is not, nor what is no pk', async () => {
			expectJson(await send({}, { to: model === 'Follow' ? '987654321' : UNKNOWN }), 404, { detail: `No ${model} matches the given query.` });
			expectJson(await send({}, { to: 'nonsense' }), 404, { detail: 'Not found.' });
		});
	}
});

describe.each(Object.entries(rows))('%s', (_, statements) => {
	let isFresh = false;
	beforeAll(() => {
		isFresh = false;
	});

	it.each(statements.map((row): [string, Row] => [`${row.what} (${row.section})`, row]))('%s', async (_what, { ask, status, answer, headers }) => {
		if (!isFresh) seed = await sandbox.reset();
		const before = await sandbox.settings();
		const reply = await ask(at());
		// What was refused has changed nothing.
		isFresh = reply.status >= 300 && JSON.stringify(await sandbox.settings()) === JSON.stringify(before);
		expect([reply.status, reply.text.slice(0, 300)]).toEqual([status, expect.anything()]);
		for (const [name, value] of Object.entries(headers)) expect([name, reply.headers.get(name)]).toEqual([name, value]);
		if (answer === 'html') return expect(typeOf(reply)).toMatch(/^text\/html/);
		if (answer === '') return expect(reply.text).toBe('');
		expect(typeOf(reply)).toBe('application/json');
		const body: Json = JSON.parse(reply.text);
		if (typeof answer === 'function') expect(answer(body, 'it')).toEqual([]);
		else expect(body).toEqual(answer);
	});
});
