// Algorithm jobs of many input items: side by side, within the limits of the platform.
import type { INodeParameters } from 'n8n-workflow';
import { until } from '../support/client.mts';
import { id, items, json, useWorld, values, type More, type NodeResult } from './fixtures/world.mts';

const world = useWorld({ fresh: true });
beforeEach(async () => void (await world.sandbox.changeSettings({ jobDurationFactor: 0.05, credits: 1e6 })));

/** Input items for jobs that differ in a value. */
const numbered = (count: number): More => ({ items: items(...Array.from({ length: count }, (_, n) => ({ n }))) });
const echo = (options: INodeParameters = {}): INodeParameters => ({ algorithm: id('clinical-echo'), values: values({ json: [['clinical-information', '={{ { n: $json.n } }}']] }), options });
const jobs = async () => (await world.sandbox.state()).jobs;
const posts = async () => (await world.sandbox.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/'));
/** What each result is of, by its input item. */
const results = ({ items: found }: NodeResult) => found.map(({ json: { inputs, error }, pairedItem }) => [error ?? (inputs as { 'clinical-information': { n: number } })['clinical-information'].n, pairedItem]);
const inOrder = (count: number) => Array.from({ length: count }, (_, item) => [item, { item }]);

it('runs 20 jobs side by side, never more than the platform allows, and gives the results in order', async () => {
	const result = await world.run('algorithmJob.startAndWait', echo(), numbered(20));
	expect(results(result)).toEqual(inOrder(20));
	expect(json(result).map(({ status }) => status)).toEqual(Array(20).fill('Succeeded'));
	expect((await posts()).map(({ status }) => status)).toEqual(Array(20).fill(201));
});

it('has as many at the same time as it is told', async () => {
	await world.sandbox.setClock({ mode: 'manual' });
	const { finished } = world.start('algorithmJob.startAndWait', echo({ mostJobs: 3 }), numbered(5));
	await until(async () => (await jobs()).length === 3);
	await world.sandbox.settle();
	await until(async () => (await jobs()).length === 5, 10_000);
	await world.sandbox.settle();
	expect(results(await finished)).toEqual(inOrder(5));
});

it.each(['start', 'startAndWait'])('%s: lets later jobs wait for earlier ones when the platform has no room', async (operation) => {
	await world.sandbox.changeSettings({ maxActiveJobs: 2 });
	const result = await world.run(`algorithmJob.${operation}`, echo(), numbered(7));
	expect(results(result)).toEqual(inOrder(7));
	expect(new Set(json(result).map(({ pk }) => pk))).toEqual(new Set((await jobs()).map(({ pk }) => pk)));
	// Not one request after the other, until one is lucky.
	expect((await posts()).length).toBeLessThan(30);
});

describe('when the credits are used up', () => {
	beforeEach(async () => void (await world.sandbox.changeSettings({ complimentaryJobs: 3, credits: 0 })));

	it('stops, waits for the jobs that it has paid for, and names them', async () => {
		const { error } = await world.run('algorithmJob.startAndWait', echo({ mostJobs: 2 }), numbered(6));
		expect(error?.message).toMatch(/You have run out of algorithm credits$/);
		const started = await jobs();
		expect(started.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
		for (const { pk } of started) expect(error?.description).toContain(pk);
	});

	it('goes on with the others, and asks for no further job', async () => {
		const result = await world.run('algorithmJob.startAndWait', echo({ mostJobs: 1 }), { ...numbered(6), onError: 'continueRegularOutput' });
		const refused = 'Grand Challenge did not accept the job of Clinical Echo: You have run out of algorithm credits';
		const without = 'No further job of Clinical Echo was started, since the account has run out of algorithm credits';
		expect(results(result).map(([what]) => what)).toEqual([0, 1, 2, refused, without, without]);
		expect(await posts()).toHaveLength(4);
	});
});

it('starts no further job when an item stops the node, and names those that run on', async () => {
	await world.sandbox.setClock({ mode: 'manual' });
	const given = { ...echo({ mostJobs: 3 }), algorithm: id('={{ $json.n === 2 ? "no-such-algorithm" : "clinical-echo" }}') };
	await world.sandbox.addFaults({ match: { path: 'no-such-algorithm' }, action: { delay: 1000 } });
	const { error } = await world.run('algorithmJob.startAndWait', given, numbered(8));
	expect([error?.message, error?.context?.itemIndex]).toEqual([expect.stringContaining("algorithm 'no-such-algorithm'"), 2]);
	const started = await jobs();
	expect(started).toHaveLength(2);
	for (const { pk } of started) expect(error?.description).toContain(pk);
});

it('is told by n8n to try again: the jobs that run are taken up', async () => {
	await world.sandbox.addFaults({ match: { method: 'POST', path: '/jobs/' }, skip: 3, action: { status: 403, body: { detail: 'Not now.' } } });
	const result = await world.run('algorithmJob.startAndWait', echo(), { ...numbered(8), retryOnFail: true });
	expect(results(result)).toEqual(inOrder(8));
	expect(await jobs()).toHaveLength(8);
});

describe('Wait for 50 jobs', () => {
	it('looks at all of them with one request', async () => {
		await world.sandbox.changeSettings({ maxActiveJobs: 100 });
		const started = json(await world.run('algorithmJob.start', echo({ mostJobs: 100 }), numbered(50)));
		await world.sandbox.clearRequests();
		const result = await world.run('algorithmJob.wait', { job: id('={{ $json.pk }}') }, { items: items(...started.map(({ pk }) => ({ pk }))) });
		expect(json(result).map(({ pk, status }) => [pk, status])).toEqual(started.map(({ pk }) => [pk, 'Succeeded']));
		const asked = await world.requests();
		// Each is read once, to know its algorithm.
		expect(asked.filter((line) => line === 'GET /api/v1/algorithms/jobs/<pk>/')).toHaveLength(50);
		expect(asked.length).toBeLessThanOrEqual(50 + 20 + 1);
	});
});
