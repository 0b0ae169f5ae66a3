import { customRetries, noRetries, patientRetries, uploadFile, type Failure, type RetryStrategy } from '../../../client';
import { spawnSandbox, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import { failureOf, fileOf, testClient, until } from '../../support/client.mts';

const PATH = 'probe/';
const match = { path: `/${PATH}$` };

let sandbox: SpawnedSandbox;
beforeAll(async () => {
	sandbox = await spawnSandbox();
});
afterAll(() => sandbox.stop());
afterEach(async () => {
	await sandbox.clearFaults();
	await sandbox.clearRequests();
});

const failsWith = async (...actions: FaultAction[]) => {
	await sandbox.addFaults(...actions.map((action) => ({ match, action })), { match, times: -1, action: { body: { done: true } } });
};

const probe = (retry?: RetryStrategy, method: 'GET' | 'POST' = 'GET') => {
	const client = testClient(sandbox, { retry });
	return { ...client, sent: client.gc.transport.json({ method, path: PATH, subject: 'a probe' }) };
};

const httpDate = (fromNow: number) => new Date(Date.now() + fromNow).toUTCString();

describe('Retry-After', () => {
	it.each([
		[429, 'GET'],
		[503, 'GET'],
		[429, 'POST'],
		[503, 'POST'],
	] as const)('of %i replaces the delay, %s: seconds, and a little more so that not all come back at once', async (status, method) => {
		await failsWith({ status, headers: { 'retry-after': '2' } });
		const { sent, waits } = probe(undefined, method);
		expect(await sent).toEqual({ done: true });
		expect(waits).toEqual([2100]);
	});

	it('may be a date', async () => {
		await failsWith({ status: 503, headers: { 'retry-after': httpDate(20_000) } });
		const { sent, waits } = probe();
		await sent;
		// The date has whole seconds.
		expect(waits).toEqual([expect.any(Number)]);
		expect(waits[0]).toBeGreaterThan(18_000);
		expect(waits[0]).toBeLessThanOrEqual(20_500);
	});

	it.each(['0', httpDate(-60_000)])('%s: at once', async (value) => {
		await failsWith({ status: 429, headers: { 'retry-after': value } });
		const { sent, waits } = probe();
		await sent;
		expect(waits).toEqual([0]);
	});

	it.each(['soon', '', '-5', 'in 10 minutes', 'wait 10', '1e3'])('%j means nothing, and the strategy decides', async (value) => {
		await failsWith({ status: 503, headers: { 'retry-after': value } });
		const { sent, waits } = probe();
		await sent;
		expect(waits).toEqual([100]);
	});

	it('of 5 minutes is waited for', async () => {
		await failsWith({ status: 503, headers: { 'retry-after': '300' } });
		const { sent, waits } = probe();
		await sent;
		expect(waits).toEqual([300_500]);
	});

	it.each(['301', httpDate(20 * 60_000), '9'.repeat(30), 'Sun, 06 Nov 2094 08:49:37 GMT'])('of more than 5 minutes (%s) ends it, and the error says when to come back', async (value) => {
		await failsWith({ status: 429, headers: { 'retry-after': value } });
		const { sent, waits } = probe();
		const error = await failureOf(sent);
		expect(error).toMatchObject({ reason: 'unavailable', status: 429 });
		expect(error.advice).toMatch(/^Run the node again in \d+ minutes, as Grand Challenge asks \(at \d{4}-\d\d-\d\dT/);
		expect(error.retryAfterMs).toBeGreaterThan(300_000);
		expect([waits, (await sandbox.requests()).length]).toEqual([[], 1]);
	});

	it('does not make a failure worth a retry that is none', async () => {
		await failsWith({ status: 404, headers: { 'retry-after': '1' } });
		expect(await failureOf(probe().sent)).toMatchObject({ reason: 'notFound' });
	});

	it('does not go on for ever', async () => {
		await sandbox.addFaults({ match, times: -1, action: { status: 429, headers: { 'retry-after': '1' } } });
		const { sent, waits } = probe();
		await failureOf(sent);
		expect(waits).toEqual(Array(8).fill(1050));
	});
});

describe('the strategy None', () => {
	it.each<FaultAction>([{ status: 503 }, { status: 500 }, { reset: true }, { status: 429, headers: { 'retry-after': '1' } }])('%j counts at once', async (action) => {
		await failsWith(action);
		const { sent, waits } = probe(noRetries);
		await failureOf(sent);
		expect([waits, (await sandbox.requests()).length]).toEqual([[], 1]);
	});
});

describe('the strategy Custom', () => {
	const custom = (change: Partial<Parameters<typeof customRetries>[0]> = {}) =>
		customRetries({ tries: 4, firstDelay: 50, longestDelay: 150, statuses: [404, 503], ...change }, () => 0.5);

	it.each<[string, FaultAction, number[]]>([
		['a status of the list', { status: 404 }, [50, 100, 150, 150]],
		['a status that is not on it', { status: 502 }, []],
		['a broken connection', { reset: true }, [50, 100, 150, 150]],
	])('%s', async (_what, action, expected) => {
		await sandbox.addFaults({ match, times: -1, action });
		const { sent, waits } = probe(custom());
		await failureOf(sent);
		expect(waits).toEqual(expected);
		expect(await sandbox.requests()).toHaveLength(expected.length + 1);
	});

	it('may have no retries', async () => {
		await failsWith({ status: 503 });
		await failureOf(probe(custom({ tries: 0 })).sent);
		expect(await sandbox.requests()).toHaveLength(1);
	});

	it('leaves alone what never passes by itself', async () => {
		const { gc, waits } = testClient(sandbox, {
			retry: custom(),
			http: () => ({ send: async () => Promise.reject(Object.assign(new Error('blocked'), { name: 'SsrfBlockedIpError' })) }),
		});
		await failureOf(gc.transport.get(PATH, 'a probe'));
		expect(waits).toEqual([]);
	});
});

describe("a program's own strategy", () => {
	it('is asked about each failure, and told all that is known', async () => {
		const asked: Failure[] = [];
		const retry: RetryStrategy = { delay: (failure) => (asked.push(failure), asked.length < 4 ? 7 : undefined) };
		await failsWith({ status: 418 }, { reset: true }, { status: 418, headers: { 'retry-after': '1' } }, { status: 409 });
		const { sent, waits } = probe(retry);
		expect(await failureOf(sent)).toMatchObject({ status: 409 });
		expect(asked).toEqual([
			{ method: 'GET', kind: 'status', status: 418, count: 1, retryAfterMs: undefined },
			{ method: 'GET', kind: 'reset', count: 1 },
			{ method: 'GET', kind: 'status', status: 418, count: 2, retryAfterMs: 1000 },
			{ method: 'GET', kind: 'status', status: 409, count: 1, retryAfterMs: undefined },
		]);
		expect(waits).toEqual([7, 7, 1050]);
	});

	it.each<FaultAction>([{ status: 502 }, { status: 504 }, { reset: true }, { resetAfterApply: true }, { cutAfter: 3, body: { done: true } }])(
		'cannot have a POST repeated after %j, whose outcome is unknown',
		async (action) => {
			await sandbox.addFaults({ match, times: -1, action });
			const { sent } = probe({ delay: () => 1 }, 'POST');
			expect(await failureOf(sent)).toMatchObject({ reason: 'outcomeUnknown' });
			expect(await sandbox.requests()).toHaveLength(1);
		},
	);

	it('may have a POST repeated that the platform turned away', async () => {
		await failsWith({ status: 418 });
		expect(await probe({ delay: () => 1 }, 'POST').sent).toEqual({ done: true });
	});
});

describe('the strategy Patient', () => {
	it('waits until there is room for another upload, and sends the file then', async () => {
		await sandbox.changeSettings({ maxUploads: -1 });
		const client = testClient(sandbox, { retry: patientRetries(() => 0.5) });
		const asked = async () => (await sandbox.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/uploads/')).length;
		const sent = uploadFile(client.gc.transport, fileOf('table.csv', 'a,b'));
		await until(async () => (await asked()) > 11);
		await sandbox.changeSettings({ maxUploads: 2000 });
		expect(await sent).toContain('/uploads/');
		// From ten seconds to five minutes, for longer than any other failure is waited for.
		expect(client.waits.slice(0, 8)).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
	});

	it('gives up at once what does not pass with time, and limits after more than a day', () => {
		const failure = { method: 'POST', kind: 'status', status: 400, count: 1 } as const;
		expect(patientRetries(() => 0.5).delay(failure)).toBeUndefined();
		expect(patientRetries(() => 0.5).delay({ ...failure, limit: true })).toBe(10_000);
		expect(patientRetries(() => 0.5).delay({ ...failure, limit: true, count: 301 })).toBeUndefined();
	});
});
