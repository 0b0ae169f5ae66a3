import { filesOfValue, imageFiles, readSocketValues, type HttpPort, type HttpRequest } from '../../../client';
import { list, text } from '../../../client/api/json';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import { collect, everythingOf, failureOf, testClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
let bearer: string;
beforeAll(async () => {
	sandbox = await spawnSandbox();
	state = await sandbox.state();
	bearer = `Bearer ${sandbox.tokens.main}`;
});
afterAll(() => sandbox.stop());
afterEach(async () => {
	await sandbox.reset();
});

/** Which origin saw what, with which authorization. */
const seen = async () => (await sandbox.requests()).map(({ origin, method, path, headers }) => ({ origin, method, path, authorization: headers.authorization }));
const redirects = (path: string, redirect: string, times = 1, method?: string) => sandbox.addFaults({ match: { path, method }, times, action: { redirect } });

describe('redirects of the API', () => {
	it('are followed within the origin, signed', async () => {
		await redirects('/old/', '/api/v1/profiles/users/self/');
		expect(await testClient(sandbox).gc.transport.get('old/', 'the account')).toMatchObject({ user: { username: 'main' } });
		expect(await seen()).toEqual([
			{ origin: 'api', method: 'GET', path: '/api/v1/old/', authorization: bearer },
			{ origin: 'api', method: 'GET', path: '/api/v1/profiles/users/self/', authorization: bearer },
		]);
	});

	it.each([
		['another port', () => `${sandbox.origins.upload}/api/v1/archives/`],
		['another host', () => 'http://localhost:1/api/v1/archives/'],
		['a relative address of another host', () => `//${new URL(sandbox.origins.upload).host}/api/v1/archives/`],
		['another kind of address', () => 'file:///etc/passwd'],
	])('to %s are refused', async (_where, address) => {
		await redirects('/archives/', address());
		const error = await failureOf(testClient(sandbox).gc.transport.get('archives/', 'the archives'));
		expect(error).toMatchObject({ reason: 'foreignAddress' });
		expect(await seen()).toEqual([{ origin: 'api', method: 'GET', path: '/api/v1/archives/', authorization: bearer }]);
	});

	it('end after five', async () => {
		await redirects('/archives/', '/api/v1/archives/', -1);
		const error = await failureOf(testClient(sandbox).gc.transport.get('archives/', 'the archives'));
		expect(error).toMatchObject({ reason: 'unexpectedAnswer', message: expect.stringContaining('from one address to the next') });
		expect(await seen()).toHaveLength(6);
	});

	it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('are not followed for a %s', async (method) => {
		await redirects('/archives/items/', '/api/v1/archives/items/other/', 1, method);
		const error = await failureOf(testClient(sandbox).gc.transport.json({ method, path: 'archives/items/', body: {}, subject: 'an item' }));
		expect(error).toMatchObject({ reason: 'unexpectedAnswer', status: 302 });
		expect(await seen()).toHaveLength(1);
	});
});

describe('the guard of the token', () => {
	it.each(['http://evil.example/api/v1/archives/', '//evil.example/', 'https://127.0.0.1:1/api/v1/', '\\\\evil.example\\'])('%s: refused, and nothing sent', async (address) => {
		let calls = 0;
		const never = () => Promise.reject(new Error(`call ${calls++}`));
		const { gc } = testClient(sandbox, { http: () => ({ send: never }) });
		for (const method of ['GET', 'POST'] as const) {
			const error = await failureOf(gc.transport.json({ method, path: address, subject: 'something' }));
			expect(error).toMatchObject({ reason: 'foreignAddress', advice: expect.stringContaining(sandbox.origins.api) });
		}
		expect(await failureOf(gc.transport.open(address, 'a file'))).toMatchObject({ reason: 'foreignAddress' });
		expect(calls).toBe(0);
	});

	it('a media URL of another origin in the data is refused', async () => {
		const file = `${sandbox.origins.upload}/media/components/componentinterfacevalue/aa/bb/1/x.pdf`;
		const socket = { slug: 'radiology-report', super_kind: 'File', relative_path: 'x.pdf' };
		await sandbox.addFaults({ match: { path: '/archives/items/' }, action: { body: { pk: 'a', values: [{ interface: socket, value: null, file, image: null, pk: 1 }] } } });

		const { gc } = testClient(sandbox);
		const [value] = readSocketValues(await gc.archiveItems.get(state.items.lung1?.pk ?? ''), 'values');
		if (!value) throw new Error('The item holds nothing');
		const [remote] = await filesOfValue(gc.transport, value);
		expect(await failureOf(remote?.fetch(collect) ?? Promise.resolve())).toMatchObject({ reason: 'foreignAddress' });
		expect((await seen()).map(({ origin }) => origin)).toEqual(['api']);
	});

	it('a next page on another origin is refused', async () => {
		const next = `${sandbox.origins.upload}/api/v1/archives/?limit=1&offset=1`;
		await sandbox.addFaults({ match: { path: '/archives/' }, action: { body: { count: 2, next, previous: null, results: [{ pk: 'a' }] } } });
		const { gc } = testClient(sandbox);
		const read = async () => {
			for await (const archive of gc.archives.iterate()) expect(archive).toEqual({ pk: 'a' });
		};
		expect(await failureOf(read())).toMatchObject({ reason: 'foreignAddress' });
		expect((await seen()).map(({ origin }) => origin)).toEqual(['api']);
	});

	it('a next page that names the other scheme is read with ours, since the platform may build links behind a proxy', async () => {
		const next = `${sandbox.origins.api.replace('http:', 'https:')}/api/v1/archives/?offset=1`;
		await sandbox.addFaults({ match: { path: '/archives/$|/archives/\\?limit' }, action: { body: { count: 2, next, previous: null, results: [{ pk: 'a' }] } } });
		const { gc } = testClient(sandbox);
		const pks: unknown[] = [];
		for await (const { pk } of gc.archives.iterate({}, 2)) pks.push(pk);
		expect(pks).toEqual(['a', expect.stringMatching(/^[0-9a-f-]{36}$/)]);
	});

	it.each(['', 'nonsense', '/relative'])('%j is no signed address, and told as such', async (url) => {
		const { gc } = testClient(sandbox);
		const error = await failureOf(gc.transport.plain({ method: 'PUT', subject: 'a part' }, async () => ({ url, headers: {} })));
		expect(error).toMatchObject({ reason: 'unexpectedAnswer', message: expect.stringContaining('a part') });
	});
});

describe('redirects of downloads', () => {
	const media = async () => {
		const image = await testClient(sandbox).gc.images.get(state.images.lung1?.pk ?? '');
		await sandbox.clearRequests();
		return text(list(image, 'files')[0], 'file');
	};

	it('lose the token on the way to another origin, and ask for the bytes as they are', async () => {
		const { gc } = testClient(sandbox);
		const answer = await gc.transport.open(await media(), 'a file');
		answer.watchdog.stop();
		for await (const chunk of answer.body) expect(chunk.length).toBeGreaterThan(0);
		expect((await seen()).map(({ origin, authorization }) => [origin, authorization])).toEqual([
			['api', bearer],
			['download', undefined],
		]);
		expect((await sandbox.requests()).map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'identity']);
		expect(answer.origin).toBe(sandbox.origins.download);
	});

	it('end after five', async () => {
		await sandbox.addFaults({ match: { origin: 'download' }, times: -1, action: { redirect: `${sandbox.origins.download}/round?Signature=secret` } });
		const error = await failureOf(testClient(sandbox).gc.transport.open(await media(), 'a file'));
		expect(error).toMatchObject({ reason: 'unexpectedAnswer' });
		expect(everythingOf(error)).not.toContain('Signature');
		expect(await seen()).toHaveLength(6);
	});

	it('are not followed from https to http, and neither are signed addresses', async () => {
		const secure = await spawnSandbox({ https: true });
		try {
			await secure.addFaults({ match: { path: '^/media/' }, action: { redirect: 'http://127.0.0.1:1/a.mha?Signature=secret' } });
			const { gc } = testClient(secure);
			const fresh = async () => ({ url: 'http://127.0.0.1:1/part?Signature=secret', headers: {} });
			for (const asked of [gc.transport.open('/media/a.mha', 'a file'), gc.transport.plain({ method: 'PUT', subject: 'a part' }, fresh)]) {
				const error = await failureOf(asked);
				expect(error).toMatchObject({ reason: 'notSecure', message: expect.stringMatching(/a (file|part) to an address that is not encrypted/) });
				expect(everythingOf(error)).not.toContain('secret');
			}
		} finally {
			await secure.stop();
		}
	});
});

it('sends the token with signed requests only, whatever the port is asked for', async () => {
	const asked: HttpRequest[] = [];
	const note = (port: HttpPort): HttpPort => ({
		send: (request) => (asked.push(request), port.send(request)),
	});
	const { gc } = testClient(sandbox, { http: note });
	await gc.account();
	const image = await gc.images.get(state.images.lung1?.pk ?? '');
	for (const file of await imageFiles(gc.transport, image)) await file.fetch(collect);
	expect(asked.length).toBe(4);
	for (const { url, signed, headers } of asked) {
		expect(signed).toBe(new URL(url).origin === sandbox.origins.api);
		expect(JSON.stringify(headers)).not.toContain(sandbox.tokens.main);
	}
});
