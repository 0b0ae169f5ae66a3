// What n8n's settings for errors make of every operation, for one input item and for fifty, one of which fails: where it comes out,
// what it is paired with, what was done before, and that Retry On Fail makes nothing twice.
import type { INodeExecutionData } from 'n8n-workflow';
import { useWorld } from '../core/fixtures/world.mts';
import type { FaultRule } from '../../sandbox/faults.mts';
import { cases, titleOf, type Case } from './operations.mts';
import { matchOf, shapeOf, stepsOf, type Step } from './support/kinds.mts';
import { contentsOf, createRuns, type Run } from './support/runs.mts';
import { shortenTime, type ShortTime } from './support/time.mts';

const world = useWorld({ speed: 1_000_000 });
const runs = createRuns(world);

let time: ShortTime;
beforeAll(() => {
	time = shortenTime();
});
afterAll(() => time.end());

/** The first way of using each operation. */
const operations = [...new Map(cases.toReversed().map((of) => [of.operation, of])).values()].toReversed();

/** Which of so many items fails. */
const failing = (count: number) => Math.floor(count / 2);

/** A request that each item makes once; the last such that neither waits nor fetches files, so that the most is done before it fails. */
const stepOfEach = (steps: Step[], { looks }: Case, count: number): Step | undefined => {
	const once = steps.filter(({ kind, count: made }) => made === count && !['storage', 'dicom'].includes(kind));
	return once.findLast(({ kind, shape }) => kind !== 'media' && kind !== 'look' && shape !== looks?.shape) ?? once.at(-1);
};

const forbidden = { status: 403, body: { detail: 'Not this one.' } };

/** The items of an output, by the input item that they are paired with. */
const byInput = (items: INodeExecutionData[]): Map<number, INodeExecutionData[]> => {
	const groups = new Map<number, INodeExecutionData[]>();
	for (const item of items) {
		const { pairedItem } = item;
		if (typeof pairedItem !== 'object' || Array.isArray(pairedItem)) throw new Error('An item is paired with nothing');
		groups.set(pairedItem.item, [...(groups.get(pairedItem.item) ?? []), item]);
	}
	return groups;
};

const inputsOf = (items: INodeExecutionData[]): number[] => [...byInput(items).keys()];

/** What the items of all inputs but one hold. */
const contentsWithout = (items: INodeExecutionData[], left: number) =>
	contentsOf([...byInput(items)].flatMap(([input, group]) => (input === left ? [] : group)));

const posts = ({ requests }: Run) => requests.filter(({ method }) => method === 'POST').length;

const errorOf = { error: expect.any(String) as string, message: expect.any(String) as string, details: { reason: expect.any(String) as string } };

/** Runs an operation without fault, and gives what makes one of its items fail. */
const prepare = async (of: Case, count: number) => {
	await runs.prepare(of);
	const usual = await runs.run(of, { count });
	expect(usual.result.error).toBeUndefined();
	expect(inputsOf(usual.result.items)).toEqual([...Array(count).keys()]);
	const step = stepOfEach(stepsOf(usual.requests, of), of, count);
	if (!step) throw new Error('It makes no request once for each item');
	const fault: FaultRule = { match: matchOf(step.shape), skip: step.skip + failing(count), action: forbidden };
	return { usual, step, fault };
};

describe.each([1, 50])('%d items', (count) => {
	const bad = failing(count);

	describe.each(operations.filter(({ offline }) => !offline).map((of): [string, Case] => [titleOf(of), of]))('%s', (_, of) => {
		let usual: Run;
		let step: Step;
		let fault: FaultRule;
		beforeAll(async () => {
			({ usual, step, fault } = await prepare(of, count));
		}, 120_000);

		it('stops at the failing one', async () => {
			const { result, requests } = await runs.run(of, { count, fault });
			expect([result.status, result.items, result.error?.context?.itemIndex]).toEqual(['error', [], bad]);
			expect(requests.filter((request) => shapeOf(request) === step.shape)).toHaveLength(step.skip + bad + 1);
		});

		it('goes on with an item that tells the error', async () => {
			const { result } = await runs.run(of, { count, fault, onError: 'continueRegularOutput' });
			expect(inputsOf(result.items)).toEqual([...Array(count).keys()]);
			expect(await contentsWithout(result.items, bad)).toEqual(await contentsWithout(usual.result.items, bad));
			expect(byInput(result.items).get(bad)?.map(({ json }) => json)).toEqual([{ ...errorOf, details: expect.objectContaining(errorOf.details) as object }]);
		});

		it('goes on with the error in the error output', async () => {
			const { result } = await runs.run(of, { count, fault, onError: 'continueErrorOutput' });
			const [good = [], failed = []] = result.outputs;
			expect(inputsOf(good)).toEqual([...Array(count).keys()].filter((input) => input !== bad));
			expect(await contentsOf(good)).toEqual(await contentsWithout(usual.result.items, bad));
			expect(failed.map(({ json, pairedItem }) => [json.error, pairedItem])).toEqual([[errorOf.error, { item: bad }]]);
		});

		it('is tried again by n8n, and makes nothing twice', async () => {
			const run = await runs.run(of, { count, fault, retryOnFail: { maxTries: 2, waitBetweenTries: 1 } });
			expect([run.result.error?.message, run.made]).toEqual([undefined, usual.made]);
			expect(await contentsOf(run.result.items)).toEqual(await contentsOf(usual.result.items));
			// Only what the failing item had sent before it failed is sent again.
			expect(posts(run)).toBeLessThanOrEqual(posts(usual) + posts(usual) / count);
		});
	});
});

describe('archive.markAsDelivered', () => {
	const of = cases.find(({ operation }) => operation === 'archive.markAsDelivered');
	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)('%s', async (onError) => {
		if (!of) throw new Error('It is not listed');
		const good = (await of.item?.(world.state)) ?? { json: {} };
		const items = [good, { json: { other: 1 } }, good];
		const { outputs } = await world.run(of.operation, of.parameters(world.state), { items, onError });
		const error = { ...errorOf, details: { reason: 'badInput' } };
		const expected = onError === 'continueErrorOutput' ? [[good.json, good.json], [{ other: 1, ...error }]] : [[good.json, error, good.json]];
		expect(outputs.map((items) => items.map(({ json }) => json))).toEqual(expected);
	});
});
