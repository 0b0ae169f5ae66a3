// Each operation × each request that it makes × each fault of expectations.md, in the real n8n-core. In three files, which run side by side.
import { startServer, type PlainServer } from '../../core/fixtures/server.mts';
import { useWorld } from '../../core/fixtures/world.mts';
import type { FaultRule } from '../../../sandbox/faults.mts';
import { cases, tableOf, titleOf, type Case } from '../operations.mts';
import { readExpectations, type Expected } from './expectations.mts';
import { faultsFor, type Fault } from './faults.mts';
import { matchOf, shapeOf, stepsOf, whileWaiting, type Step } from './kinds.mts';
import { contentsOf, createRuns, differenceOf, UUID, type Run } from './runs.mts';
import { shortenTime, type ShortTime } from './time.mts';

// Nothing in the background takes time, but for what a case sets.
const world = useWorld({ speed: 1_000_000 });
const runs = createRuns(world);
const { kinds, faults: table } = readExpectations();

let foreign: PlainServer;
let time: ShortTime;
beforeAll(async () => {
	foreign = await startServer(404, 'text/plain', 'Nothing here');
	time = shortenTime();
});
afterAll(async () => {
	time.end();
	await foreign.stop();
});

/** One place of the table: a fault on one request of one operation. */
interface Cell {
	of: Case;
	step: Step;
	expected: Expected;
	fault: Fault;
	/** The run in which nothing failed. */
	usual: Run & { contents: string[] };
}

const ruleFor = ({ of, step, fault: { action, times, fromThenOn } }: Cell): FaultRule =>
	// How many calls come before is not known where it looks again and again.
	fromThenOn && !of.looks
		? { match: { origin: 'api' }, skip: step.calls, times, action }
		: { match: matchOf(step.shape), skip: step.skip, times, action };

const reasonOf = ({ result: { error } }: Run): string => {
	const data = error?.context?.data;
	return typeof data === 'object' && data !== null && 'reason' in data ? String(data.reason) : '';
};

/** What is wrong with the outcome of a run, in words. */
const wrongOutcome = async ({ of, expected: { outcome }, usual }: Cell, run: Run): Promise<Array<string | false>> => {
	const { result, made } = run;
	const reason = reasonOf(run);
	const got = result.error === undefined ? 'success' : `${reason}: ${result.error.message} (${result.error.description ?? ''})`;
	const kinds = ['answers', 'items', 'jobs'] as const;
	const more = kinds.some((kind) => made[kind] > usual.made[kind]);
	const less = kinds.some((kind) => made[kind] < usual.made[kind]);
	const differs = (wanted: boolean) => !wanted && `ended with ${got}`;
	if (outcome === '=') {
		if (result.error) return [`ended with ${got}`];
		return [differenceOf(usual.contents, await contentsOf(result.items)) ?? false, (more || less) && `made ${JSON.stringify(made)}`];
	}
	if (outcome === 'until its limit') {
		return [differs(of.atItsLimit === 'item' ? !result.error && result.items.length === 1 : reason === of.atItsLimit)];
	}
	// What was made and is not given back must be named, or be said to be unknown.
	const named = kinds.every((kind) => made[kind] === 0) || reason === 'outcomeUnknown' || UUID.test(result.error?.description ?? '');
	return [differs(reason === outcome), more && `made ${JSON.stringify(made)}`, !named && `does not name what it made: ${got}`];
};

/** What is wrong with the requests that were made for it, in words. */
const wrongRequests = ({ of, step, expected, fault, usual }: Cell, { requests, made }: Run, waits: number[]): Array<string | false> => {
	if (expected.requests === undefined) return [];
	const passes = expected.outcome === '=';
	const asked = requests.filter((request) => shapeOf(request) === step.shape).length - step.skip;
	// What is wrong for good is so for every request of the step.
	const wanted = !passes ? expected.requests : fault.times === -1 ? expected.requests * step.count : expected.requests + step.count - 1;
	// Further looks at what is awaited have the same shape.
	const countable = !passes || ![of.looks?.shape, of.looks?.reason, of.looks?.also, of.looks?.hint].includes(step.shape);
	// Where something is awaited besides, the pauses for that are among them, and dates are past by then.
	const { waits: rhythm = [] } = of.looks ? {} : fault;
	const fitsFrom = (start: number) =>
		rhythm.every(([least, most], i) => {
			const wait = waits[start + i] ?? -1;
			return wait >= least && wait <= most;
		});
	// An upload cannot be cleaned up when nobody knows its pk, or with a token that is no good.
	const cleanable = step.kind !== 'register' && !fault.fromThenOn && !of.keeps;
	return [
		countable && asked !== wanted && `asked ${asked} times, not ${wanted}`,
		rhythm.length > 0 && !waits.some((_, start) => fitsFrom(start)) && `waited ${waits.map(Math.round).join(', ')} ms`,
		cleanable && made.openUploads > usual.made.openUploads && `left ${made.openUploads} uploads open`,
	];
};

const wrongIn = async (cell: Cell): Promise<string[]> => {
	const { of, fault } = cell;
	time.clear();
	if (fault.stalls) time.bear(700);
	const run = await runs.run(of, { fault: ruleFor(cell), ...(fault.token === undefined ? {} : { token: fault.token }) });
	const waits = time.waits();
	const leaks = run.leaks.map((secret) => `leaked ${secret}`);
	return [...(await wrongOutcome(cell, run)), ...wrongRequests(cell, run, waits), ...leaks].filter((words) => words !== false);
};

/** Tests the operations of one of the files. */
export const testTable = (file: ReturnType<typeof tableOf>): void => {
	const mine = cases.filter((of) => !of.offline && tableOf(of) === file);
	it.each(mine.map((of): [string, Case] => [titleOf(of), of]))(
		'%s',
		async (_, of) => {
			await runs.prepare(of);
			if (of.looks) await runs.pace('slow');
			const run = await runs.run(of);
			expect([run.result.error, run.leaks]).toEqual([undefined, []]);
			const usual = { ...run, contents: await contentsOf(run.result.items) };
			// What is refused without any fault, such as a look whether something may be seen, has no line here.
			const steps = stepsOf(run.requests, of).filter(({ first, shape }) => first.status < 400 && shape !== of.elsewhere);
			expect(steps.length).toBeGreaterThan(0);

			const wrong: string[] = [];
			for (const [i, step] of steps.entries()) {
				expect(kinds).toContain(step.kind);
				await runs.pace(whileWaiting(step.kind) ? 'slow' : 'fast');
				const itself = world.sandbox.origins[step.first.origin] + step.first.path;
				for (const [name, row] of table) {
					const expected = row.get(step.kind);
					const fault = faultsFor({ foreign: foreign.url, itself })[name];
					// A token is wrong from the first request on.
					if (!expected || !fault || (fault.token !== undefined && i > 0)) continue;
					const words = await wrongIn({ of, step, expected, fault, usual });
					wrong.push(...words.map((what) => `${step.kind} (${step.shape}), ${name}: ${what}`));
				}
			}
			expect(foreign.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
			expect(wrong).toEqual([]);
		},
		300_000,
	);
};
