import { setTimeout as delay } from 'node:timers/promises';

import type { FaultRule } from '../sandbox/faults.mts';
import type { LoggedRequest } from '../sandbox/requestLog.mts';
import type { NodeRun } from '../test/core/support/harness.mts';
import { withN8n, type Bench } from './n8n.mts';

/** ms after Stop in which everything but the clean-up has to be over. */
const LIMIT = 250;
const TIMES = 10;

interface Stage {
	operation: [resource: string, operation: string];
	parameters: NodeRun['parameters'];
	fault?: FaultRule;
	/** Its request tells that the stage has begun. */
	begins: (request: LoggedRequest) => boolean;
}

const id = (value: string) => ({ __rl: true, mode: 'id', value });
const always = (match: FaultRule['match'], action: FaultRule['action']): FaultRule => ({ match, times: -1, action });
const slow = { delay: 30_000, status: 503 };
const isGet = (path: RegExp) => (request: LoggedRequest) => request.method === 'GET' && path.test(request.path);

const stagesFor = async ({ sandbox }: Bench): Promise<Record<string, Stage>> => {
	const { images } = await sandbox.state();
	const image = images.lung1?.pk ?? '';
	const intoArchive = { archive: id('incoming-cases'), title: '', values: { binary: [{ socket: id('measurements-csv'), field: 'data' }] } };
	return {
		'waiting between retries': {
			operation: ['archive', 'getMany'],
			parameters: {},
			fault: always({ path: '/archives/' }, { status: 503, headers: { 'retry-after': '60' } }),
			begins: (request) => request.status === 503,
		},
		listing: { operation: ['archive', 'getMany'], parameters: {}, fault: always({ path: '/archives/' }, slow), begins: isGet(/archives/) },
		uploading: {
			operation: ['archiveItem', 'create'],
			parameters: intoArchive,
			fault: always({ origin: 'upload' }, slow),
			begins: ({ origin }) => origin === 'upload',
		},
		'waiting for an import': { operation: ['archiveItem', 'create'], parameters: intoArchive, begins: isGet(/archives\/items\/[^?/]+\/$/) },
		'waiting for a job': {
			operation: ['algorithmJob', 'startAndWait'],
			parameters: { algorithm: id('lung-volume-above-threshold'), values: { image: [{ socket: id('ct-image'), image: id(image) }] } },
			begins: isGet(/algorithms\/jobs\/[^?/]+\/$/),
		},
		downloading: {
			operation: ['image', 'download'],
			parameters: { image: id(image) },
			fault: always({ origin: 'download' }, { stallAfter: 1000 }),
			begins: ({ origin }) => origin === 'download',
		},
	};
};

/** @returns ms from Stop to the end of the execution, and to the last request that is no clean-up */
const stopOnce = async ({ n8n, sandbox, credentials, makeBinary }: Bench, { operation: [resource, operation], parameters, fault, begins }: Stage) => {
	await sandbox.reset();
	await sandbox.setClock({ mode: 'manual' });
	if (fault) await sandbox.addFaults(fault);
	const items = [{ json: {}, binary: { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') } }];
	const { cancel, finished } = n8n.startNode({ credentials, items, parameters: { resource, operation, ...parameters } });
	while (!(await sandbox.requests()).some(begins)) await delay(5);
	await delay(50);
	const start = Date.now();
	cancel();
	const { status } = await finished;
	const ended = Date.now() - start;
	if (status !== 'canceled') throw new Error(`${resource}.${operation} ended as ${status}`);
	await delay(2 * LIMIT);
	const sent = (await sandbox.requests()).filter(({ path }) => !path.endsWith('/abort-multipart-upload/'));
	return { ended, last: Math.max(0, ...sent.map(({ at }) => Date.parse(at) - start)) };
};

/**
 * Stops the built node in the real n8n-core at each stage, and prints how long it takes to stand still.
 * @returns whether everything but the clean-up was over within the limit
 */
export const stop = (): Promise<boolean> =>
	withN8n({}, async (bench) => {
		let inTime = true;
		for (const [name, stage] of Object.entries(await stagesFor(bench))) {
			const runs = [];
			for (let i = 0; i < TIMES; i++) runs.push(await stopOnce(bench, stage));
			const [ended, last] = [Math.max(...runs.map((run) => run.ended)), Math.max(...runs.map((run) => run.last))];
			inTime &&= ended <= LIMIT && last <= LIMIT;
			console.log(`${name}: canceled after ${ended} ms, last request after ${last} ms (the worst of ${TIMES}, limit ${LIMIT})`);
		}
		return inTime;
	});
