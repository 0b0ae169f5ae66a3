// Many jobs while things go wrong: one job for each item, never two, and each result with its item.
import type { INodeExecutionData } from 'n8n-workflow';
import { id, items, makeBinary, useWorld, values, type More, type NodeResult } from '../core/fixtures/world.mts';
import { testVolume } from '../n8n/volume.mts';
import type { FaultAction, FaultRule } from '../../sandbox/faults.mts';
import { shortenTime, type ShortTime } from './support/time.mts';

const world = useWorld({ speed: 1_000_000, fresh: true });

let time: ShortTime;
beforeAll(() => {
	time = shortenTime();
});
afterAll(() => time.end());
beforeEach(async () => void (await world.sandbox.changeSettings({ credits: 1e9, maxUploads: 1e6, shuffleLists: false })));

const POST = { method: 'POST', path: '/algorithms/jobs/' };

const numbered = (count: number): More => ({ items: items(...Array.from({ length: count }, (_, n) => ({ n }))) });
const echo = { algorithm: id('clinical-echo'), values: values({ json: [['clinical-information', '={{ { n: $json.n } }}']] }) };

const pks = ({ items: found }: NodeResult) => found.map(({ json }) => String(json.pk));
const jobs = async () => (await world.sandbox.state()).jobs.map(({ pk }) => pk);
/** Of which input item each result is. */
const numbersOf = (found: INodeExecutionData[], socket: string) => found.map(({ json: { inputs } }) => (inputs as Record<string, unknown>)[socket]);

/** A fault again and again: after so many requests, so many times. */
const now = (match: FaultRule['match'], action: FaultAction, every: number, times: number): FaultRule[] => Array.from({ length: times }, () => ({ match, action, skip: every }));

it('200 items, 16 at a time, through bursts of errors, lost answers and limits: 200 jobs, each with its item', async () => {
	await world.sandbox.changeSettings({ maxActiveJobs: 12 });
	await world.sandbox.addFaults(
		...now(POST, { statusAfterApply: 502 }, 23, 12),
		...now(POST, { resetAfterApply: true }, 31, 10),
		...now(POST, { status: 503 }, 17, 10),
		...now({ method: 'GET', path: '/algorithms/jobs/' }, { status: 500 }, 40, 10),
	);
	const result = await world.run('algorithmJob.startAndWait', echo, numbered(200));
	expect(result.error?.message).toBeUndefined();
	expect(numbersOf(result.items, 'clinical-information')).toEqual(Array.from({ length: 200 }, (_, n) => ({ n })));
	expect(result.items.map(({ json: { status }, pairedItem }) => [status, pairedItem])).toEqual(Array.from({ length: 200 }, (_, item) => ['Succeeded', { item }]));
	expect(pks(result).sort()).toEqual((await jobs()).sort());
}, 120_000);

describe('1,000 starts whose answers are lost', () => {
	const many = 1000;
	beforeEach(async () => {
		await world.sandbox.changeSettings({ maxActiveJobs: 1e6 });
		await world.sandbox.addFaults({ match: POST, times: -1, action: { resetAfterApply: true } });
	});
	/** The first repeat already is answered with nothing, so that only what the platform holds can tell. */
	const options = (connections: number) => ({ mostJobs: many, connections, retryStrategy: 'none' });
	const check = async (result: NodeResult) => {
		expect(result.error?.message).toBeUndefined();
		expect(new Set(pks(result)).size).toBe(many);
		expect(pks(result).sort()).toEqual((await jobs()).sort());
	};

	it.each([1, 16])('with values, %d at a time', async (connections) => {
		const result = await world.run('algorithmJob.start', { ...echo, options: options(connections) }, numbered(many));
		await check(result);
		expect(numbersOf(result.items, 'clinical-information')).toEqual(Array.from({ length: many }, (_, n) => ({ n })));
	}, 120_000);

	it('of 64 jobs with files only: no job is doubled, and each item is done or names those that it may be', async () => {
		const binary = { data: await makeBinary(Buffer.from('a,b\n1,2\n'), 'table.csv') };
		const given = { algorithm: id('table-summary'), values: values({ binary: [['measurements-csv', 'data']], json: [['patient-age', '={{ $json.n % 8 }}']] }), options: options(16) };
		const { items: found } = await world.run('algorithmJob.start', given, { items: Array.from({ length: 64 }, (_, n) => ({ json: { n }, binary })), onError: 'continueRegularOutput' });
		const started = await jobs();
		expect(started).toHaveLength(64);
		const done = found.flatMap(({ json: { pk } }) => (typeof pk === 'string' ? [pk] : []));
		expect(new Set(done).size).toBe(done.length);
		const inDoubt = found.filter(({ json: { pk } }) => pk === undefined).map(({ json: { details } }) => (details as { reason: string; candidates?: string }) ?? {});
		for (const { reason, candidates = '' } of inDoubt) {
			expect(reason).toBe('outcomeUnknown');
			expect(candidates.split(', ').filter((pk) => started.includes(pk)).length).toBeGreaterThan(0);
		}
	}, 120_000);

	it('with uploaded images, 16 at a time', async () => {
		const binary = { data: await makeBinary(testVolume(4).bytes, 'scan.mha') };
		const given = { algorithm: id('lung-volume-above-threshold'), values: values({ binary: [['ct-image', 'data']], json: [['segmentation-threshold', '={{ $json.n }}']] }), options: options(16) };
		const result = await world.run('algorithmJob.start', given, { items: Array.from({ length: many }, (_, n) => ({ json: { n }, binary })) });
		await check(result);
		expect(numbersOf(result.items, 'segmentation-threshold')).toEqual(Array.from({ length: many }, (_, n) => n));
	}, 120_000);
});
