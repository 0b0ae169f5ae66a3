// The credential: what its dialog says, and that its token goes to its own site only, whoever makes the request.
import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';
import type { FaultAction } from '../../sandbox/faults.mts';
import { makeProbe } from './fixtures/probe.mts';
import { startServer, type PlainServer } from './fixtures/server.mts';
import { id, makeBinary, readBinary, useWorld, values } from './fixtures/world.mts';

const unknownToken =
	'Grand Challenge does not know this API token. Create one on the site under your name, API Tokens.';
const nobodyHome = 'There is no Grand Challenge at this base URL, or it cannot answer at the moment.';
const fine = 'Connection successful!';

describe('n8n tests the credential', () => {
	const world = useWorld();
	const test = async (change: ICredentialDataDecryptedObject) =>
		await world.n8n.testCredential(world.credentials(change));
	const shown = (message: string) => ({ status: message === fine ? 'OK' : 'Error', message });

	it.each<
		[string, (own: { token: string; url: string; deactivated: string }) => ICredentialDataDecryptedObject, string]
	>([
		['the right token', () => ({}), fine],
		['a token with the word before it, and blanks', ({ token }) => ({ token: ` Bearer  ${token}\n` }), fine],
		['an address with the path of the API', ({ url }) => ({ baseUrl: `${url}/api/v1/` }), fine],
		['an address with half the path, and blanks', ({ url }) => ({ baseUrl: `  ${url}/api ` }), fine],
		['an address with a slash', ({ url }) => ({ baseUrl: `${url}/` }), fine],
		['a wrong token', () => ({ token: 'a'.repeat(64) }), unknownToken],
		['a token that no header can hold', () => ({ token: 'schlüssel🔑' }), unknownToken],
		[
			'the token of a deactivated account',
			({ deactivated }) => ({ token: deactivated }),
			'The account of this API token is not active.',
		],
		['two words too many', () => ({ token: 'Authorization: Bearer a b' }), 'The API token has 4 words'],
		['an empty token', () => ({ token: '' }), 'The API token is empty'],
		['a blank token', () => ({ token: ' \n' }), 'The API token is empty'],
		[
			'plain http',
			() => ({ allowHttp: false }),
			'The base URL is not encrypted (http), so the API token could be read on its way',
		],
		[
			'a page of the site',
			({ url }) => ({ baseUrl: `${url}/algorithms/` }),
			"The base URL '<site>/algorithms/' is a page of the site",
		],
		['no address', () => ({ baseUrl: 'the usual one' }), "The base URL 'the usual one' is not a web address"],
		['an address where nothing listens', () => ({ baseUrl: 'http://127.0.0.1:1' }), 'ECONNREFUSED'],
		['a host that does not exist', () => ({ baseUrl: 'https://grand-challenge.invalid' }), 'ENOTFOUND'],
	])('%s', async (_, change, message) => {
		const { tokens, origins } = world.sandbox;
		const { message: told = '', ...rest } = await test(
			change({ token: tokens.main, url: origins.api, deactivated: tokens.deactivated }),
		);
		expect({ ...rest, message: told.replaceAll(origins.api, '<site>') }).toEqual(shown(message));
	});

	it.each<[string, FaultAction, string]>([
		[
			'a site to which the token did not get through',
			{ body: { user: { username: 'AnonymousUser' } } },
			'Grand Challenge did not see the API token and answered as to an anonymous visitor. Check the token.',
		],
		['a site that sends elsewhere', { redirect: 'https://evil.example/' }, nobodyHome],
		['a site that is down', { status: 503 }, nobodyHome],
		['a site that breaks off', { reset: true }, 'ECONNRESET'],
	])('%s', async (_, action, message) => {
		await world.sandbox.addFaults({ match: { origin: 'api' }, times: -1, action });
		expect(await test({})).toEqual(shown(message));
	});

	it.each([
		['404, a page', 404, 'text/html', '<html>Not here</html>'],
		['404, JSON', 404, 'application/json', '{"detail":"Not found."}'],
		['200, a page', 200, 'text/html', '<html>Welcome</html>'],
		['200, JSON of another shape', 200, 'application/json', '{"user":"me"}'],
		['200, a list', 200, 'application/json', '[]'],
		['200, nothing', 200, 'text/plain', ''],
	])('another site: %s', async (_, status, type, body) => {
		const server = await startServer(status, type, body);
		try {
			expect(await test({ baseUrl: server.url })).toEqual(shown(nobodyHome));
		} finally {
			await server.stop();
		}
	});
});

describe('requests that other nodes make with the credential', () => {
	const probe = makeProbe();
	const world = useWorld({ packageDir: probe.packageDir });
	let foreign: PlainServer;
	beforeAll(async () => {
		foreign = await startServer(200, 'application/json', '{"foreign":true}');
	});
	beforeEach(() => foreign.asked.splice(0));
	afterAll(async () => {
		await foreign.stop();
		probe.remove();
	});

	const send = async (helper: string, request: IDataObject, change: ICredentialDataDecryptedObject = {}) =>
		await world.n8n.runNode({
			parameters: { helper, request: JSON.stringify(request) },
			credentials: world.credentials(change),
		});
	const helpers = ['httpRequestWithAuthentication', 'requestWithAuthentication'];
	const self = '/api/v1/profiles/users/self/';
	const account = { user: { username: 'main' } };

	describe.each(helpers)('%s', (helper) => {
		it.each<[string, (url: string) => IDataObject]>([
			['url', (url) => ({ url: url + self })],
			['uri', (url) => ({ uri: url + self })],
			['url without the site', () => ({ url: 'profiles/users/self/' })],
			['base URL and path', (url) => ({ baseURL: url, url: self })],
		])('are signed on the own site: %s', async (_, request) => {
			const { items } = await send(helper, { ...request(world.sandbox.origins.api), json: true });
			expect(items[0]?.json.answer).toMatchObject(account);
		});

		it.each<[string, (url: string, own: string) => IDataObject]>([
			['url', (url) => ({ url })],
			['uri', (url) => ({ uri: url })],
			['base URL and path', (url) => ({ baseURL: url, url: self })],
			['base URL and uri', (url) => ({ baseURL: url, uri: self })],
			['own base URL and another site behind it', (url, own) => ({ baseURL: own, url })],
			['a name before the host', (url, own) => ({ url: url.replace('//', `//${new URL(own).host}@`) })],
			['two slashes', (url) => ({ url: url.replace('http:', '') })],
		])('never go to another site: %s', async (_, request) => {
			const { origins } = world.sandbox;
			const { error } = await send(helper, request(foreign.url, origins.api));
			expect(foreign.asked).toEqual([]);
			expect(error?.message).toMatch(/^The address leads to .*, not to /);
		});

		it('take the own one of two addresses', async () => {
			const { items } = await send(helper, { url: world.sandbox.origins.api + self, uri: foreign.url, json: true });
			expect(foreign.asked).toEqual([]);
			expect(items[0]?.json.answer).toMatchObject(account);
		});

		it('leave the token behind when they are sent on to another site', async () => {
			await world.sandbox.addFaults({ match: { origin: 'api' }, action: { redirect: `${foreign.url}/landing` } });
			const { items } = await send(helper, { url: world.sandbox.origins.api + self, json: true });
			expect(items[0]?.json.answer).toEqual({ foreign: true });
			expect(foreign.asked).toMatchObject([{ method: 'GET', path: '/landing' }]);
			expect(JSON.stringify(foreign.asked)).not.toContain(world.sandbox.tokens.main);
		});

		it('keep the token when they are sent on within the site', async () => {
			await world.sandbox.addFaults({
				match: { origin: 'api' },
				action: { redirect: world.sandbox.origins.api + self },
			});
			const { items } = await send(helper, { url: `${world.sandbox.origins.api}/api/v1/archives/`, json: true });
			expect(items[0]?.json.answer).toMatchObject(account);
		});
	});

	it('are refused where the credential itself cannot work', async () => {
		const { error } = await send(
			'httpRequestWithAuthentication',
			{ url: 'profiles/users/self/' },
			{ allowHttp: false },
		);
		expect(error?.message).toBe('The base URL is not encrypted (http), so the API token could be read on its way');
		expect(await world.requests()).toEqual([]);
	});
});

describe('a development server with a certificate of its own', () => {
	const world = useWorld({ https: true });
	const image = () => id(world.state.images.lung1?.pk ?? '');

	it('is not trusted, and that is said', async () => {
		const { error } = await world.run('image.get', { image: image() });
		expect(error).toMatchObject({
			message: expect.stringMatching(
				/^Grand Challenge has no certificate that this machine trusts when asked for image /,
			) as string,
			description: "For a development server, switch on 'Ignore SSL Issues' in the credential",
		});
		expect(await world.n8n.testCredential(world.credentials())).toMatchObject({ status: 'Error' });
	});

	it('is used where SSL issues are ignored: its API, its storage and its downloads', async () => {
		const credentials = world.credentials({ ignoreSslIssues: true, allowHttp: false });
		expect(await world.n8n.testCredential(credentials)).toEqual({ status: 'OK', message: fine });
		const down = await world.run('image.download', { image: image() }, { credentials });
		expect(
			(await readBinary(down.items[0])).equals((await world.sandbox.file(world.state.images.lung1?.pk ?? '')).bytes),
		).toBe(true);
		const up = await world.run(
			'archiveItem.create',
			{ archive: id('incoming-cases'), values: values({ binary: [['measurements-csv', 'data']] }) },
			{ credentials, items: [{ json: {}, binary: { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') } }] },
		);
		expect(up.status).toBe('success');
	});

	it('gives no download over plain http', async () => {
		await world.sandbox.addFaults({ match: { path: '/media/' }, action: { redirect: 'http://storage.example/a.mha' } });
		const { error } = await world.run(
			'image.download',
			{ image: image() },
			{ credentials: world.credentials({ ignoreSslIssues: true }) },
		);
		expect(error?.message).toBe("Grand Challenge sent the file 'lung-1.mha' to an address that is not encrypted");
	});
});
