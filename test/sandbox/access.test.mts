import { bench, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench();
});
afterAll(() => sandbox.stop());

describe('authentication', () => {
	it('reads as the anonymous user when the scheme is not Bearer', async () => {
		const reply = await sandbox.api('GET', 'archives/', {
			token: null,
			headers: { authorization: `Token ${sandbox.tokens.main}` },
		});
		expect(reply.status).toBe(200);
		expect(reply.json['count']).toBe(1);
		const self = await sandbox.api('GET', 'profiles/users/self/', { token: null });
		expect(self.json['user']).toEqual({ username: 'AnonymousUser' });
	});

	it('names a deactivated user, and asks for credentials where reading needs them', async () => {
		expect((await sandbox.api('GET', 'archives/', { token: sandbox.tokens.deactivated })).json).toEqual({
			detail: 'User inactive or deleted.',
		});
		expect((await sandbox.api('GET', 'components/interfaces/', { token: null })).status).toBe(401);
		expect((await sandbox.api('POST', 'uploads/', { token: null, body: {} })).status).toBe(401);
	});
});

describe('permissions', () => {
	it('says 403 before 405 for what users may not do at all, and 405 for the rest', async () => {
		const { items } = await sandbox.state();
		expect((await sandbox.api('DELETE', `archives/items/${items['lung1']?.pk}/`)).json).toEqual({
			detail: 'You do not have permission to perform this action.',
		});
		expect((await sandbox.api('PATCH', 'uploads/00000000-0000-4000-8000-000000000000/', { body: {} })).status).toBe(
			405,
		);
		expect((await sandbox.api('DELETE', 'components/interfaces/1/')).json).toEqual({
			detail: 'Method "DELETE" not allowed.',
		});
	});

	it('hides what one may not see as if it did not exist, and tells a malformed key apart', async () => {
		const { items } = await sandbox.state();
		expect((await sandbox.api('GET', `archives/items/${items['public1']?.pk}/`)).json).toEqual({
			detail: 'No ArchiveItem matches the given query.',
		});
		expect((await sandbox.api('GET', 'archives/items/nonsense/')).json).toEqual({ detail: 'Not found.' });
	});

	it('shows a public archive but not its items', async () => {
		const { archives } = await sandbox.state();
		expect((await sandbox.api('GET', `archives/${archives['public']?.pk}/`)).status).toBe(200);
		expect((await sandbox.api('GET', `archives/items/?archive=${archives['public']?.pk}`)).json['count']).toBe(0);
	});

	it('lets a reader see an item but not change it', async () => {
		const { items } = await sandbox.state();
		expect(
			(await sandbox.api('PATCH', `archives/items/${items['readOnly1']?.pk}/`, { body: { title: 'x' } })).status,
		).toBe(403);
	});

	it('shows an algorithm that one may not run', async () => {
		const { algorithms } = await sandbox.state();
		const { slug, api_url } = algorithms['viewOnly'] ?? {};
		expect((await sandbox.api('GET', `algorithms/?slug=${slug}`)).json['count']).toBe(1);
		const reply = await sandbox.api('POST', 'algorithms/jobs/', { body: { algorithm: api_url, inputs: [] } });
		expect([reply.status, reply.json]).toEqual([400, { algorithm: ['Invalid hyperlink - Object does not exist.'] }]);
	});
});

describe('routing', () => {
	it('builds api_url from the site, and related links from the Host header', async () => {
		const port = new URL(sandbox.origins.api).port;
		const { items } = await sandbox.state();
		const get = async (url: string): Promise<Record<string, string>> =>
			JSON.parse(await (await fetch(url, { headers: { authorization: `Bearer ${sandbox.tokens.main}` } })).text());
		const item = await get(`http://localhost:${port}/api/v1/archives/items/${items['lung1']?.pk}/`);
		const archive = await get(String(item['archive']));
		expect(new URL(String(item['archive'])).hostname).toBe('localhost');
		expect(new URL(String(archive['api_url'])).hostname).toBe('127.0.0.1');
	});
});

describe('lists', () => {
	it('clamps limits silently and echoes the clamped one', async () => {
		const { archives } = await sandbox.state();
		const reply = await sandbox.api('GET', `archives/items/?archive=${archives['large']?.pk}&limit=5000&colour=blue`);
		expect(reply.json['results']).toHaveLength(1000);
		const next = new URL(String(reply.json['next']));
		expect(Object.fromEntries(next.searchParams)).toEqual({
			archive: archives['large']?.pk,
			colour: 'blue',
			limit: '1000',
			offset: '1000',
		});
		expect((await sandbox.api('GET', 'archives/items/?limit=0')).json['results']).toHaveLength(100);
		expect((await sandbox.api('GET', 'archives/?offset=50')).json).toMatchObject({
			results: [],
			next: null,
			previous: expect.any(String),
		});
	});

	it('gives items in no order', async () => {
		const { archives } = await sandbox.state();
		const path = `archives/items/?limit=1000&archive=${archives['large']?.pk}`;
		const [first, second] = [await sandbox.api('GET', path), await sandbox.api('GET', path)];
		expect(first.text === second.text).toBe(false);
		expect(first.json['count']).toBe(1234);
	});

});
