// Stop, at every request that every operation makes: while it waits for the answer, and in the pause before it tries again.
import { setTimeout as delay } from 'node:timers/promises';
import { useWorld } from '../core/fixtures/world.mts';
import type { FaultAction } from '../../sandbox/faults.mts';
import { until } from '../support/client.mts';
import { cases, titleOf, type Case } from './operations.mts';
import { matchOf, shapeOf, stepsOf, whileWaiting, type Step } from './support/kinds.mts';
import { createRuns, openUploads } from './support/runs.mts';

const world = useWorld({ speed: 1_000_000 });
const runs = createRuns(world);

/** What cleans up, and may be sent after Stop. */
const CLEAN_UP = 'PATCH /uploads/<pk>/<id>/abort-multipart-upload/';
/** ms in which a request that should not be sent would arrive. */
const AFTERMATH = 250;

const stages: Array<[string, FaultAction]> = [
	['waits for the answer', { delay: 30_000, status: 503 }],
	['pauses before it tries again', { status: 503, headers: { 'retry-after': '60' } }],
];

/** What is wrong when it is stopped there, in words. */
const wrongAfterStop = async (of: Case, { shape, skip, kind }: Step, stage: string, action: FaultAction): Promise<string[]> => {
	const started = await runs.start(of, { fault: { match: matchOf(shape), skip, times: -1, action }, onError: 'continueRegularOutput' });
	const arrived = async () => (await world.sandbox.requests()).filter((request) => shapeOf(request) === shape && (action.delay !== undefined || request.status > 0));
	await until(async () => (await arrived()).length > skip, 20_000);
	const before = (await world.sandbox.requests()).length;
	started.cancel();
	const { status, items } = await started.finished;
	await delay(AFTERMATH);
	const after = (await world.sandbox.requests()).slice(before).map(shapeOf);
	const open = openUploads(await world.sandbox.state()) - openUploads(started.before);
	// Whoever is stopped while an upload is registered never learns its pk.
	const cleaned = open <= 0 || shape === 'POST /uploads/';
	return [
		status !== 'canceled' && `ended as ${status}`,
		items.some(({ json }) => 'error' in json) && 'gave an item for what was stopped',
		after.some((sent) => sent !== CLEAN_UP) && `sent ${after.join(', ')}`,
		!cleaned && `left ${open} uploads open`,
		...world.leaks(),
	].flatMap((words) => (words === false ? [] : [`${kind} (${shape}), while it ${stage}: ${words}`]));
};

it.each(cases.filter(({ offline }) => !offline).map((of): [string, Case] => [titleOf(of), of]))(
	'%s',
	async (_, of) => {
		await runs.prepare(of);
		if (of.looks) await runs.pace('slow');
		const { requests } = await runs.run(of);
		const wrong: string[] = [];
		for (const step of stepsOf(requests, of)) {
			for (const [stage, action] of stages) {
				if (of.looks) {
					// Slow jobs before would make it wait long for this one.
					await runs.prepare(of);
					await runs.pace(whileWaiting(step.kind) ? 'slow' : 'fast');
				}
				wrong.push(...(await wrongAfterStop(of, step, stage, action)));
			}
		}
		expect(wrong).toEqual([]);
	},
	120_000,
);
