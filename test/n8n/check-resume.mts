import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Checks } from './checks.mts';
import { example, withParameters } from './examples.mts';
import { until } from './process.mts';
import { failureOf, itemsOf } from './session.mts';
import { byId, chain, grandChallenge, readFile, withCredential } from './workflows.mts';
import type { World } from './world.mts';

/** Bytes of the parts of an upload. */
const PART = 16 * 1024 * 1024;
/** Parts of the file; the last one is a single byte. */
const PARTS = 5;

/** Below about a minute n8n keeps an execution that waits in memory, from then on in its database only. */
const longWait = { amount: 70, unit: 'seconds' };

/** n8n dies in the middle of an upload, and while jobs are waited for: nothing is sent twice, nothing is started twice. */
export const checkResume = async (world: World, checks: Checks): Promise<void> => {
	await world.sandbox.reset();
	const hours = await startJobs(world);
	await checkUpload(world, checks);
	await checkJobs(world, checks, hours);
};

/** Starts the example for jobs of hours, up to where it waits. @returns the id of the execution */
const startJobs = async ({ session, instance }: World): Promise<string> => {
	const workflow = await session.createWorkflow(withCredential(withParameters(example('hours', instance.files), 'Wait', longWait)));
	const id = await session.startManually(workflow, 'Start');
	const status = async () => (await session.api<{ status: string }>('GET', `/executions/${id}`)).status;
	await until('the workflow to wait', async () => ((await status()) === 'waiting' ? true : undefined));
	return id;
};

const checkJobs = async ({ sandbox, session }: World, { check }: Checks, hours: string) => {
	await check('killed while jobs are waited for: after its start n8n waits on, and gives each result once', async () => {
		const execution = await session.finished(hours);
		assert.equal(failureOf(execution), undefined);
		const { jobs } = await sandbox.state();
		assert.equal(jobs.length, 4);
		const results = itemsOf(execution, 'Results').map(({ json }) => [json.pk, json.status]);
		assert.deepEqual(results.sort(), jobs.map(({ pk }) => [pk, 'Succeeded']).sort());
	});
};

const checkUpload = async (world: World, { check }: Checks) => {
	const { sandbox, session, instance } = world;
	const path = join(instance.files, 'report.pdf');
	const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes((PARTS - 1) * PART - 8)]);
	await writeFile(path, bytes);
	const parts = async () => (await sandbox.requests()).filter(({ origin, method }) => origin === 'upload' && method === 'PUT');
	const sent = async () => (await parts()).filter(({ status }) => status === 200).map(({ path: address }) => Number(new URLSearchParams(address.split('?')[1]).get('partNumber')));

	await check('killed in the middle of an upload: its first parts are stored', async () => {
		const upload = grandChallenge('Upload', 'upload', 'create', { field: 'data', options: { connections: 1 } });
		const workflow = await session.createWorkflow(chain('Upload', [readFile('Read File', path), upload]));
		await sandbox.addFaults({ match: { origin: 'upload', method: 'PUT' }, skip: 2, times: -1, action: { delay: 60_000 } });
		await session.startManually(workflow, 'Start');
		await until('the third part to be held', async () => ((await parts()).length === 3 ? true : undefined));
		assert.equal(await world.server.end('SIGKILL'), 'SIGKILL');
		assert.deepEqual(await sent(), [1, 2]);
		await sandbox.clearFaults();
	});
	await check('started again: Resume sends the parts that are missing, and the file is whole', async () => {
		await world.restart();
		const [left] = (await sandbox.state()).uploads;
		assert.equal(left?.status, 'Initialized');
		await sandbox.clearRequests();
		const archive = (await sandbox.state()).archives.empty?.pk ?? '';
		const workflow = await session.createWorkflow(
			chain('Resume', [
				readFile('Read File', path),
				grandChallenge('Resume', 'upload', 'resume', { upload: byId(left?.pk ?? ''), field: 'data' }),
				grandChallenge('Add Case', 'archiveItem', 'create', {
					archive: byId(archive),
					title: '',
					values: { upload: [{ socket: byId('radiology-report'), upload: byId('={{ $json.pk }}') }] },
				}),
				grandChallenge('Get Case', 'archiveItem', 'get', { archiveItem: byId('={{ $json.pk }}'), simplify: false }),
			]),
		);
		await session.startManually(workflow, 'Start');
		const ended = await until('the workflow to end', async () => (await session.executions(workflow)).find(({ status }) => status !== 'running' && status !== 'new'));
		const execution = await session.execution(ended.id);
		assert.equal(failureOf(execution), undefined);
		assert.deepEqual((await sent()).sort(), [3, 4, 5]);
		const [item] = itemsOf(execution, 'Get Case');
		const values = item?.json.values as Array<{ pk: number }>;
		const stored = await sandbox.file(values[0]?.pk ?? '');
		assert(stored.bytes.equals(bytes), 'the platform has other bytes');
	});
	await rm(path);
};
