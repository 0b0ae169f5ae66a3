import type { FaultAction, FaultRule } from '../sandbox/faults.mts';
import { withN8n } from './n8n.mts';

const ITEMS = 200;
/** What the platform lets an account have at a time. */
const AT_ONCE = 16;
/** Of the sandbox's durations: a job takes eight seconds. */
const FACTOR = 0.2;
/** How much longer than the ideal schedule it may take. */
const LIMIT = 1.3;

const id = (value: string) => ({ __rl: true, mode: 'id', value });
const POST = { method: 'POST', path: '/algorithms/jobs/' };
/** A fault again and again, so many requests apart. */
const every = (apart: number, match: FaultRule['match'], action: FaultAction): FaultRule[] => Array.from({ length: 6 }, () => ({ match, action, skip: apart }));

/**
 * Runs the jobs of many input items in the real n8n-core, while requests fail now and then, and compares the time with that of a schedule without
 * any delay.
 * @returns whether each item got its own job, in time
 */
export const jobs = (): Promise<boolean> =>
	withN8n({ speed: 1 }, async ({ n8n, sandbox, credentials }) => {
		await sandbox.changeSettings({ jobDurationFactor: FACTOR, credits: 1e9 });
		const run = async (count: number) => {
			await sandbox.clearRequests();
			const items = Array.from({ length: count }, (_, n) => ({ json: { n: `${count} ${n}` } }));
			const values = { json: [{ socket: id('clinical-information'), value: '={{ { n: $json.n } }}' }] };
			const begun = Date.now();
			const { error, items: results } = await n8n.runNode({ credentials, items, parameters: { resource: 'algorithmJob', operation: 'startAndWait', algorithm: id('clinical-echo'), values } });
			if (error) throw new Error(`${error.message} (${error.description ?? ''})`);
			return { seconds: (Date.now() - begun) / 1000, results, requests: await sandbox.requests() };
		};
		// 40 s in the sandbox.
		const length = 40 * FACTOR;
		const ideal = Math.ceil(ITEMS / AT_ONCE) * length;

		await sandbox.addFaults(
			...every(13, POST, { statusAfterApply: 502 }),
			...every(19, POST, { resetAfterApply: true }),
			...every(11, POST, { status: 503 }),
			...every(9, { method: 'GET', path: '/algorithms/jobs/' }, { status: 500 }),
		);
		const { seconds, results, requests } = await run(ITEMS);
		const started = (await sandbox.state()).jobs.map(({ pk }) => pk);
		const own = new Set(results.map(({ json }) => String(json.pk)));
		const paired = results.every(({ json, pairedItem }, n) => JSON.stringify(json.inputs).includes(`"${ITEMS} ${n}"`) && JSON.stringify(pairedItem) === JSON.stringify({ item: n }));
		const counts = new Map<string, number>();
		for (const { method, path } of requests) {
			const kind = method === 'POST' ? 'starts' : /jobs\/\?/.test(path) ? 'lists' : /jobs\/[0-9a-f]/.test(path) ? 'single looks' : 'others';
			counts.set(kind, (counts.get(kind) ?? 0) + 1);
		}

		console.log(`${ITEMS} jobs of ${length.toFixed(1)} s, ${AT_ONCE} at a time, with faults: ${seconds.toFixed(1)} s, ${(seconds / ideal).toFixed(2)} × the ideal schedule of ${ideal.toFixed(1)} s (limit ${LIMIT})`);
		console.log(`${requests.length} requests, ${(requests.length / ITEMS).toFixed(1)} per job: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
		console.log(`${started.length} jobs on the platform, ${own.size} in the results, ${paired ? 'each with its item' : 'NOT each with its item'}`);
		return started.length === ITEMS && own.size === ITEMS && paired && seconds <= ideal * LIMIT;
	});
