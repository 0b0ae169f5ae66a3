import { createServer } from 'node:net';

import type { HttpPort, Method, Reason } from '../../../client';
import { spawnSandbox, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import { failureOf, testClient, until, type TestClientOptions } from '../../support/client.mts';

// The table of docs/transport.md, cell by cell. No sandbox route has this path: the last rule answers it.
const PATH = 'probe/';
const DONE = { done: true };

let sandbox: SpawnedSandbox;
let secured: SpawnedSandbox;
let closedPort: number;
beforeAll(async () => {
	[sandbox, secured, closedPort] = await Promise.all([spawnSandbox(), spawnSandbox({ https: true }), aClosedPort()]);
});
afterAll(async () => {
	await Promise.all([sandbox.stop(), secured.stop()]);
});
afterEach(async () => {
	await sandbox.clearFaults();
	await sandbox.clearRequests();
});

const aClosedPort = () =>
	new Promise<number>((done) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
		});
	});

/** How a request fails: by a fault of the sandbox, or in front of the port for failures before anything is sent. */
interface Failure extends TestClientOptions {
	fault?: FaultAction;
	/** The failing requests are given up after so many ms, which may be before they arrive. */
	givenUpAfter?: number;
	/** What takes the place of a request. */
	inject?: (send: HttpPort['send']) => HttpPort['send'];
}

const status = (code: number): Failure => ({ fault: { status: code } });
const broken = (code: string, name = 'Error'): Failure => ({
	inject: () => async () => {
		throw Object.assign(new Error(`getaddrinfo ${code}`), { code, name });
	},
});

const MANY = 8;
const FEW = 3;
const NONE = 0;
const UNKNOWN = 'unknown';

type Cell = number | typeof UNKNOWN;
type Row = [failure: string, how: Failure, get: Cell, write: Cell, post: Cell, reason: Reason];

const table: Row[] = [
	['429', status(429), MANY, MANY, MANY, 'unavailable'],
	['503', status(503), MANY, MANY, MANY, 'unavailable'],
	['507', status(507), MANY, MANY, MANY, 'unavailable'],
	['connection refused', { inject: (send) => (request) => send({ ...request, url: elsewhere(request.url) }) }, MANY, MANY, MANY, 'notReachable'],
	['unknown host', broken('ENOTFOUND'), MANY, MANY, MANY, 'notReachable'],
	['name server away', broken('EAI_AGAIN'), MANY, MANY, MANY, 'notReachable'],
	['502', status(502), MANY, MANY, UNKNOWN, 'unavailable'],
	['504', status(504), MANY, MANY, UNKNOWN, 'unavailable'],
	['500', status(500), FEW, FEW, FEW, 'unavailable'],
	['520', status(520), FEW, FEW, FEW, 'unavailable'],
	['reset before the body', { fault: { reset: true } }, MANY, MANY, UNKNOWN, 'notReachable'],
	['reset after it was applied', { fault: { resetAfterApply: true } }, MANY, MANY, UNKNOWN, 'notReachable'],
	['502 after it was applied', { fault: { statusAfterApply: 502 } }, MANY, MANY, UNKNOWN, 'unavailable'],
	['no answer in time', { fault: { delay: 1000 }, givenUpAfter: 40 }, MANY, MANY, UNKNOWN, 'notReachable'],
	['answer that stalls', { fault: { body: DONE, stallAfter: 4 }, givenUpAfter: 40 }, MANY, MANY, UNKNOWN, 'notReachable'],
	['answer cut off', { fault: { body: DONE, cutAfter: 4 } }, MANY, MANY, UNKNOWN, 'notReachable'],
	['half an object', { fault: { body: '{"done": tr', contentType: 'application/json' } }, MANY, MANY, UNKNOWN, 'notReachable'],
	['501', status(501), NONE, NONE, NONE, 'unavailable'],
	['505', status(505), NONE, NONE, NONE, 'unavailable'],
	['SSRF protection', broken('', 'SsrfBlockedIpError'), NONE, NONE, NONE, 'notSecure'],
	['400', status(400), NONE, NONE, NONE, 'notAccepted'],
	['401', status(401), NONE, NONE, NONE, 'tokenRefused'],
	['403', status(403), NONE, NONE, NONE, 'noPermission'],
	['404', status(404), NONE, NONE, NONE, 'notFound'],
	['408', status(408), NONE, NONE, NONE, 'notAccepted'],
	['409', status(409), NONE, NONE, NONE, 'notAccepted'],
];

const elsewhere = (url: string) => url.replace(sandbox.origins.api, `http://127.0.0.1:${closedPort}`);

const cells = table.flatMap(([failure, how, get, write, post, reason]) =>
	(['GET', 'PUT', 'PATCH', 'DELETE', 'POST'] as const).map((method): [string, Method, Cell, Failure, Reason] => [
		failure,
		method,
		method === 'GET' ? get : method === 'POST' ? post : write,
		how,
		reason,
	]),
);

let attempts = 0;

/** Fails the first requests, and answers all others. */
const attempt = async (method: Method, times: number, { fault, inject, givenUpAfter, ...options }: Failure) => {
	await sandbox.clearFaults();
	// A path of its own: a request that was given up may still arrive, and is not to meet the faults of the next attempt.
	const path = `${PATH}${++attempts}/`;
	const match = { path: `/${path}$` };
	await sandbox.addFaults(...(fault ? [{ match, times, action: fault }] : []), { match, times: -1, action: { body: DONE } });
	let calls = 0;
	const send = (port: HttpPort): HttpPort['send'] => (request) => {
		calls++;
		if (calls === times) client.gc.transport.connection.idleMs = undefined;
		return inject && calls <= times ? inject(port.send)(request) : port.send(request);
	};
	const client = testClient(sandbox, { ...options, idleMs: times === 0 ? undefined : givenUpAfter, http: (port) => ({ send: send(port) }) });
	const sent = client.gc.transport.json({ method, path, subject: 'a probe', body: method === 'GET' ? undefined : {} });
	const requests = async () => (inject || givenUpAfter ? calls : (await sandbox.requests()).filter((request) => request.path.endsWith(`/${path}`)).length);
	return { ...client, sent, requests };
};

const rhythm = (retries: number) => Array.from({ length: retries }, (_, n) => 100 * 2 ** n);

describe('the retry table', () => {
	it.each(cells.filter(([, , cell]) => cell !== UNKNOWN))('%s, %s: %s retries', async (_failure, method, cell, how, reason) => {
		const retries = Number(cell);
		const lasting = await attempt(method, retries + 1, how);
		expect(await failureOf(lasting.sent)).toMatchObject({ reason });
		expect(await lasting.requests()).toBe(retries + 1);
		expect(lasting.waits).toEqual(rhythm(retries));

		const passing = await attempt(method, retries, how);
		expect(await passing.sent).toEqual(DONE);
		expect(passing.waits).toEqual(rhythm(retries));
	});

	it.each(cells.filter(([, , cell]) => cell === UNKNOWN))('%s, %s: outcome unknown, and not repeated', async (_failure, method, _cell, how) => {
		const { sent, requests, waits } = await attempt(method, -1, how);
		expect(await failureOf(sent)).toMatchObject({ reason: 'outcomeUnknown', message: expect.stringContaining('a probe') });
		expect(await requests()).toBe(1);
		expect(waits).toEqual([]);
	});

	it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'POST'] as const)('a certificate that is not trusted, %s: nothing is sent', async (method) => {
		let calls = 0;
		const http = (port: HttpPort): HttpPort => ({ send: (request) => port.send(request).finally(() => calls++) });
		const { gc, waits } = testClient(secured, { distrust: true, http });
		const error = await failureOf(gc.transport.json({ method, path: PATH, subject: 'a probe' }));
		expect(error).toMatchObject({ reason: 'notSecure', message: expect.stringContaining('certificate') });
		expect([calls, waits, await secured.requests()]).toEqual([1, [], []]);
	});

	it('a certificate that is trusted is no obstacle', async () => {
		expect(await testClient(secured).gc.account()).toMatchObject({ user: { username: 'main' } });
	});

	it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'POST'] as const)('canceled, %s: not repeated', async (method) => {
		const { sent, requests, waits, cancel } = await attempt(method, -1, { fault: { delay: 2000 } });
		await until(async () => (await requests()) === 1);
		cancel();
		expect(await failureOf(sent)).toMatchObject({ reason: 'cancelled' });
		expect([await requests(), waits]).toEqual([1, []]);
	});

	it('a host name that exists nowhere is told as such', async () => {
		const { gc } = testClient(sandbox, {
			retry: { delay: () => undefined },
			http: (port) => ({ send: (request) => port.send({ ...request, url: 'http://nothing.invalid/' }) }),
		});
		expect(await failureOf(gc.transport.get(PATH, 'a probe'))).toMatchObject({ reason: 'notReachable', message: expect.stringContaining('host name') });
	});
});

describe('the rhythm of the standard retries', () => {
	it('waits 25.5 s in all before it gives up', async () => {
		const { sent, waits } = await attempt('GET', -1, status(503));
		await failureOf(sent);
		expect(waits.reduce((sum, ms) => sum + ms)).toBe(25_500);
	});

	it.each([
		[0, 0.75],
		[0.999_999, 1.25],
	])('random number %d: %d times the delay', async (random, factor) => {
		const { sent, waits } = await attempt('GET', -1, { ...status(503), random: () => random });
		await failureOf(sent);
		expect(waits.map((ms, n) => ms / (100 * 2 ** n))).toEqual(Array(8).fill(expect.closeTo(factor, 3)));
	});

	it('counts each status and each kind of broken connection for itself', async () => {
		const answers: FaultAction[] = [{ status: 503 }, { status: 503 }, { status: 429 }, { reset: true }, { status: 503 }, { status: 429 }, { reset: true }];
		await sandbox.addFaults(...answers.map((action) => ({ match: { path: PATH }, action })), { match: { path: PATH }, action: { body: DONE } });
		const { gc, waits } = testClient(sandbox);
		expect(await gc.transport.get(PATH, 'a probe')).toEqual(DONE);
		expect(waits).toEqual([100, 200, 100, 100, 400, 200, 200]);
	});

	it('gives up when one status has used up its retries, whatever else happened', async () => {
		const match = { path: PATH };
		await sandbox.addFaults({ match, times: 3, action: { status: 500 } }, { match, times: 5, action: { status: 503 } }, { match, times: -1, action: { status: 500 } });
		const { gc } = testClient(sandbox);
		expect(await failureOf(gc.transport.get(PATH, 'a probe'))).toMatchObject({ status: 500 });
		expect(await sandbox.requests()).toHaveLength(9);
	});

	it('does not begin for a status that is an answer to what was asked', async () => {
		await sandbox.addFaults({ match: { path: PATH }, times: -1, action: { status: 503 } }, { match: { path: PATH }, times: -1, action: { status: 500 } });
		const { gc, waits } = testClient(sandbox);
		const ask = (final: number[]) => failureOf(gc.transport.json({ method: 'GET', path: PATH, subject: 'a probe', final }));
		expect([await ask([503, 500]), waits]).toEqual([expect.objectContaining({ status: 503, reason: 'unavailable' }), []]);
		await ask([500]);
		expect(waits).toEqual(rhythm(8));
	});

	it('starts anew with the next request', async () => {
		const { gc, waits } = testClient(sandbox);
		await sandbox.addFaults({ match: { path: PATH }, times: -1, action: { status: 500 } });
		await failureOf(gc.transport.get(PATH, 'a probe'));
		await failureOf(gc.transport.get(PATH, 'a probe'));
		expect(waits).toEqual([...rhythm(3), ...rhythm(3)]);
	});
});
