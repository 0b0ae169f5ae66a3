import { bench, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench();
});
afterEach(async () => {
	await sandbox.clearFaults();
	await sandbox.clearRequests();
});
afterAll(() => sandbox.stop());

const list = () => sandbox.api('GET', 'archives/');

describe('faults', () => {
	it('takes the next requests that match, after those to be skipped', async () => {
		await sandbox.addFaults({
			match: { origin: 'api', method: 'get', path: 'archives' },
			skip: 1,
			times: 2,
			action: { status: 503, headers: { 'Retry-After': '7' } },
		});
		const statuses = [];
		for (let i = 0; i < 4; i += 1) statuses.push((await list()).status);
		expect(statuses).toEqual([200, 503, 503, 200]);
		const [, second] = await sandbox.requests();
		expect(second).toMatchObject({ origin: 'api', method: 'GET', path: '/api/v1/archives/', status: 503 });
	});

	it('drops the connection before or after the request is applied', async () => {
		const before = (await sandbox.state()).counts.uploads;
		const post = () => sandbox.api('POST', 'uploads/', { body: { filename: 'a.mha' } });
		await sandbox.addFaults({ match: { method: 'POST' }, action: { reset: true } });
		await expect(post()).rejects.toThrow('fetch failed');
		expect((await sandbox.state()).counts.uploads).toBe(before);
		await sandbox.addFaults({ match: { method: 'POST' }, action: { resetAfterApply: true } });
		await expect(post()).rejects.toThrow('fetch failed');
		expect((await sandbox.state()).counts.uploads).toBe(before + 1);
		await sandbox.addFaults({ match: { method: 'POST' }, action: { statusAfterApply: 502 } });
		const reply = await post();
		expect([reply.status, reply.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
		expect((await sandbox.state()).counts.uploads).toBe(before + 2);
		expect((await sandbox.requests()).map((request) => request.status)).toEqual([0, 0, 502]);
		expect((await sandbox.requests())[1]?.body).toEqual({ filename: 'a.mha' });
	});

	it('cuts an answer short of its announced length', async () => {
		await sandbox.addFaults({ match: {}, action: { cutAfter: 10 } });
		const response = await fetch(`${sandbox.origins.api}/api/v1/gcapi/`);
		expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
		await expect(response.text()).rejects.toThrow();
		expect((await sandbox.requests())[0]).toMatchObject({ status: 200, bytesOut: 10 });
	});

	it('stalls with the connection open', async () => {
		await sandbox.addFaults({ match: {}, action: { stallAfter: 10 } });
		const response = await fetch(`${sandbox.origins.api}/api/v1/gcapi/`, { signal: AbortSignal.timeout(400) });
		await expect(response.text()).rejects.toThrow(/aborted|timeout/u);
	});

	it('announces another length, redirects, sends another body, and takes its time', async () => {
		await sandbox.addFaults(
			{ match: {}, action: { contentLength: 5000 } },
			{ match: {}, action: { redirect: 'https://elsewhere.example/x' } },
			{ match: {}, action: { body: ['odd'], delay: 150 } },
			{ match: {}, action: { bytesPerSecond: 200 } },
		);
		await expect(list()).rejects.toThrow('terminated');
		const redirected = await list();
		expect([redirected.status, redirected.headers.get('location')]).toEqual([302, 'https://elsewhere.example/x']);
		const start = Date.now();
		expect((await list()).json).toEqual(['odd']);
		expect(Date.now() - start).toBeGreaterThanOrEqual(145);
		const slow = Date.now();
		const { text } = await sandbox.api('GET', 'gcapi/');
		expect(Date.now() - slow).toBeGreaterThan((text.length / 200) * 1000 * 0.6);
	});

	it('keeps requests to the latency and the bandwidth that are set', async () => {
		const took = async (work: Promise<unknown>) => {
			const start = performance.now();
			await work;
			return performance.now() - start;
		};
		await sandbox.changeSettings({ latencyMs: 150 });
		expect(await took(list())).toBeGreaterThanOrEqual(145);
		await sandbox.changeSettings({ latencyMs: 0, bytesPerSecond: 20_000 });
		const { text } = await list();
		expect(text.length).toBeGreaterThan(2000);
		expect(await took(list())).toBeGreaterThanOrEqual((text.length / 20_000) * 1000 - 5);
		expect(await took(sandbox.upload('a.csv', Buffer.alloc(10_000)))).toBeGreaterThanOrEqual(495);
		await sandbox.changeSettings({ bytesPerSecond: null });
	});

	it('refuses a rule with a misspelt key, which could never happen', async () => {
		const response = await fetch(`${sandbox.origins.control}/faults`, {
			method: 'POST',
			body: JSON.stringify({ match: {}, action: { cutafter: 3 } }),
		});
		expect([response.status, await response.json()]).toEqual([400, { error: 'Unknown key in action: cutafter' }]);
	});
});

describe('repeatability', () => {
	it('gives the same pks, tokens and bytes for the same seed', async () => {
		const twin = await bench();
		const other = await bench({ seed: 2 });
		const [mine, same, different] = await Promise.all([sandbox.reset(), twin.state(), other.state()]);
		expect(twin.tokens).toEqual(sandbox.tokens);
		expect(same.items).toEqual(mine.items);
		expect(different.items).not.toEqual(mine.items);
		const pk = mine.images['lung3']?.pk ?? '';
		expect((await twin.file(pk)).sha256).toBe((await sandbox.file(pk)).sha256);
		await Promise.all([twin.stop(), other.stop()]);
	});

	it('runs the background by itself in mode auto', async () => {
		const { algorithms } = await sandbox.state();
		const job = await sandbox.api('POST', 'algorithms/jobs/', {
			body: {
				algorithm: algorithms['echo']?.api_url,
				inputs: [{ interface: 'clinical-information', value: { a: 1 } }],
			},
		});
		const deadline = Date.now() + 5000;
		let status = '';
		while (status !== 'Succeeded' && Date.now() < deadline) {
			await new Promise((resolve) => setTimeout(resolve, 50));
			status = String((await sandbox.api('GET', `algorithms/jobs/${String(job.json['pk'])}/`)).json['status']);
		}
		expect(status).toBe('Succeeded');
	});
});
