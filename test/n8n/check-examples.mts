import assert from 'node:assert/strict';

import { checkExternalEvaluation } from './check-external-evaluation.mts';
import { checkScriptExamples } from './check-script-examples.mts';
import { checkTriggerExamples } from './check-trigger-examples.mts';
import type { Checks } from './checks.mts';
import { withParameters } from './examples.mts';
import { assertFiles, emptyFolder } from './files.mts';
import { jsonOf } from './http.mts';
import type { Workflow } from './instance.mts';
import { expectedFiles, filesOfLungArchive, platform, type PlatformItem, type PlatformJob, type PlatformValue } from './platform.mts';
import { until } from './process.mts';
import { failureOf, itemsOf, type Execution } from './session.mts';
import { testVolume } from './volume.mts';
import type { World } from './world.mts';

/** For startWorld: the nightly example runs every few seconds while it is published, and minutes are seconds. */
export const oftenInsteadOfNightly = (workflow: Workflow): Workflow => {
	if (workflow.id === 'hours' || workflow.id === 'external') return withParameters(workflow, 'Wait', { amount: 1, unit: 'seconds' });
	return workflow.id === 'archiveDownload' ? withParameters(workflow, 'Every Night', { rule: { interval: [{ field: 'seconds', secondsInterval: 5 }] } }) : workflow;
};

/**
 * Runs every example in the real n8n and compares what it leaves with what the sandbox holds.
 * @param keepsRecord whether n8n gives an execution what an earlier one has put into the static data of the workflow
 */
export const checkExamples = async (world: World, checks: Checks, { keepsRecord = true } = {}): Promise<void> => {
	await checkPipeline(world, checks);
	await checkBatch(world, checks);
	await checkHours(world, checks);
	await checkScheduledDownload(world, checks, keepsRecord);
	await checkWebhook(world, checks);
	await checkAsyncWebhook(world, checks);
	await checkScriptExamples(world, checks);
	await checkTriggerExamples(world, checks);
	await checkExternalEvaluation(world, checks);
};

const assertSucceeded = (execution: Execution) => assert.equal(failureOf(execution), undefined);

const near = (actual: unknown, expected: number, what: string) => {
	assert(
		typeof actual === 'number' && Math.abs(actual - expected) < 0.01,
		`${what} is ${JSON.stringify(actual)}, not ${expected}`,
	);
};

const valueOf = (values: PlatformValue[], slug: string): PlatformValue => {
	const found = values.find((value) => value.interface.slug === slug);
	assert(found, `no value for ${slug}`);
	return found;
};

/** The bytes of the image that a job got, as the sandbox stores them. */
const inputBytes = async ({ sandbox }: World, job: PlatformJob) =>
	(await sandbox.file(valueOf(job.inputs, 'ct-image').pk)).bytes;

const checkPipeline = async (world: World, { check }: Checks) => {
	const { sandbox, session, instance } = world;
	const call = platform(sandbox);
	await emptyFolder(instance.files);
	await check('pipeline: a case is added, the algorithm runs on it, its results are on the disk', async () => {
		const execution = await session.runManually('pipeline', 'Start');
		assertSucceeded(execution);

		const { json: added } = itemsOf(execution, 'Add Case to Archive')[0] ?? { json: {} };
		const item = await call<PlatformItem>('GET', `archives/items/${String(added.pk)}/`);
		assert.match(item.title, /^Sample /);
		const { archives } = await sandbox.state();
		assert.equal(added.archive, archives.empty?.pk, 'the archive of the new item');

		const { json: run } = itemsOf(execution, 'Run Algorithm')[0] ?? { json: {} };
		const job = await call<PlatformJob>('GET', `algorithms/jobs/${String(run.pk)}/`);
		assert.equal(job.status, 'Succeeded');
		assert.equal(
			valueOf(job.inputs, 'ct-image').image,
			valueOf(item.values, 'ct-image').image,
			'the image of the new item',
		);
		// The block of the example has 9 × 9 × 3 voxels of 300 in 24 × 24 × 8 of -1000.
		near(valueOf(job.outputs, 'mean-intensity').value, (243 * 300 - (4608 - 243) * 1000) / 4608, 'the mean intensity');

		assert.equal(job.outputs.length, 5);
		await assertFiles(instance.files, await expectedFiles(sandbox, job.pk, job.outputs));
	});
};

const checkBatch = async ({ sandbox, session }: World, { check }: Checks) => {
	const jobs = async () => (await sandbox.state()).jobs.length;
	const rows = async () => {
		const execution = await session.runManually('batch', 'Start');
		assertSucceeded(execution);
		assert.deepEqual(itemsOf(execution, 'Table of Failed Items'), []);
		return itemsOf(execution, 'Table').map(({ json }) => json);
	};
	const titles = ['Case 1', 'Case 2', 'Case 3', 'Case 4'];
	await check('batch: every item of the archive has its job, and a row with what was found', async () => {
		const before = await jobs();
		const found = await rows();
		assert.deepEqual(found.map(({ title }) => title).sort(), titles);
		assert.equal(await jobs(), before + titles.length);
		for (const { status, existed, ...row } of found) assert.deepEqual([status, existed, typeof row['mean-intensity']], ['Succeeded', false, 'number']);
	});
	await check('batch: run again, it gives the same and runs nothing', async () => {
		const before = await jobs();
		const found = await rows();
		assert.deepEqual(found.map(({ title, status, existed }) => [title, status, existed]).sort(), titles.map((title) => [title, 'Succeeded', true]));
		assert.equal(await jobs(), before);
	});
};

const checkHours = async ({ sandbox, session }: World, { check }: Checks) => {
	await check('jobs of hours: each is started once, and awaited until all have ended', async () => {
		const before = (await sandbox.state()).jobs.length;
		const execution = await session.runManually('hours', 'Start');
		assertSucceeded(execution);
		const started = itemsOf(execution, 'Start Algorithm').map(({ json }) => json.pk);
		const { jobs } = await sandbox.state();
		assert.deepEqual([...started].sort(), jobs.slice(before).map(({ pk }) => pk).sort());
		assert.deepEqual(jobs.slice(before).map(({ status }) => status), started.map(() => 'Succeeded'));
		assert.equal(started.length, 4);
		assert(itemsOf(execution, 'Results').length > 0);
	});
};

/** Publishes the workflow until its schedule has started it once, and waits for that execution. */
const runScheduled = async ({ session }: World, workflow: string): Promise<Execution> => {
	const before = new Set((await session.executions(workflow)).map(({ id }) => id));
	const started = async () => (await session.executions(workflow)).filter(({ id }) => !before.has(id));
	await session.activate(workflow);
	await until('the schedule to start the workflow', async () => ((await started()).length > 0 ? true : undefined));
	await session.deactivate(workflow);
	const [execution, ...more] = await started();
	assert(execution && more.length === 0, `${more.length} executions too many: slow machine`);
	assert.equal(execution.mode, 'trigger');
	return session.finished(execution.id);
};

const checkScheduledDownload = async (world: World, { check }: Checks, keepsRecord: boolean) => {
	const { sandbox, instance } = world;
	const call = platform(sandbox);

	await emptyFolder(instance.files);
	await check('scheduled download: the first run brings the whole archive to the disk', async () => {
		const execution = await runScheduled(world, 'archiveDownload');
		assertSucceeded(execution);
		const files = await filesOfLungArchive(sandbox);
		assert.equal(files.length, 30);
		await assertFiles(instance.files, files);
		assert.equal(itemsOf(execution, 'Mark as Delivered').length, 30);
	});

	if (!keepsRecord) {
		await emptyFolder(instance.files);
		await check('scheduled download: the second run brings everything again, as n8n gives its workers no record', async () => {
			const execution = await runScheduled(world, 'archiveDownload');
			assertSucceeded(execution);
			await assertFiles(instance.files, await filesOfLungArchive(sandbox));
		});
		return;
	}

	await emptyFolder(instance.files);
	await check('scheduled download: the second run downloads nothing', async () => {
		await sandbox.clearRequests();
		const execution = await runScheduled(world, 'archiveDownload');
		assertSucceeded(execution);
		assert.equal(itemsOf(execution, 'Download New Files').length, 0);
		await assertFiles(instance.files, []);
		const downloads = (await sandbox.requests()).filter(
			({ origin, path }) => origin === 'download' || path.startsWith('/media/'),
		);
		assert.deepEqual(
			downloads.map(({ path }) => path),
			[],
		);
	});

	await check('scheduled download: a changed value and a new case come, and nothing else', async () => {
		const state = await sandbox.state();
		const first = state.items.lung1?.pk ?? '';
		await call('PATCH', `archives/items/${first}/`, { values: [{ interface: 'patient-age', value: 62 }] });
		const { pk } = await call<{ pk: string }>('POST', 'archives/items/', {
			archive: state.archives.lung?.api_url,
			title: 'Case 5',
			values: [],
		});
		await call('PATCH', `archives/items/${pk}/`, { values: [{ interface: 'patient-sex', value: 'M' }] });
		const execution = await runScheduled(world, 'archiveDownload');
		assertSucceeded(execution);
		await assertFiles(instance.files, [
			{ name: `${first}__patient-age.json`, content: { value: 62 } },
			{ name: `${pk}__patient-sex.json`, content: { value: 'M' } },
		]);
	});
};

/** Sends a file as a form, like `curl -F data=@scan.mha`. */
const sendImage = ({ server }: World, path: string, bytes: Buffer<ArrayBuffer>) => {
	const form = new FormData();
	form.append('data', new Blob([bytes]), 'scan.mha');
	return fetch(`${server.url}/webhook/${path}`, { method: 'POST', body: form });
};

const checkWebhook = async (world: World, { check }: Checks) => {
	const { sandbox, session } = world;
	const call = platform(sandbox);
	await check('webhook: the answer holds the result for the image that was sent', async () => {
		await session.activate('webhook');
		const volume = testVolume(6);
		const answer = await sendImage(world, 'grand-challenge-job', volume.bytes);
		assert.equal(answer.status, 200);
		const {
			job: page,
			status,
			outputs,
		} = await jsonOf<{ job: string; status: string; outputs: Record<string, unknown> }>(answer);
		assert.equal(status, 'Succeeded');
		near(outputs['mean-intensity'], volume.mean, 'the mean intensity');
		near(outputs['volume-above-threshold'], volume.volume, 'the volume above the threshold');
		const pk = /\/jobs\/([0-9a-f-]{36})\/$/.exec(page)?.[1] ?? '';
		const bytes = await inputBytes(world, await call<PlatformJob>('GET', `algorithms/jobs/${pk}/`));
		assert(bytes.equals(volume.bytes), 'the image of the job is not what was sent');
	});
	await check('webhook: a request without an image is told what is missing', async () => {
		const answer = await fetch(`${world.server.url}/webhook/grand-challenge-job`, { method: 'POST' });
		assert.equal(answer.status, 502);
		const { error } = await jsonOf<{ error: string }>(answer);
		assert.match(error, /no binary data in the field 'data'/);
	});
};

const checkAsyncWebhook = async (world: World, { check }: Checks) => {
	const { sandbox, session } = world;
	const call = platform(sandbox);
	await check('webhook that answers at once: names the job, which then succeeds', async () => {
		await session.activate('webhookAsync');
		await sandbox.setClock({ mode: 'manual' });
		const volume = testVolume(4);
		// The platform imports the image before it makes the job, so only the job itself may be held back.
		const ticking = setInterval(() => void sandbox.advance(1000), 100);
		const answer = await sendImage(world, 'grand-challenge-job-start', volume.bytes).finally(() =>
			clearInterval(ticking),
		);
		assert.equal(answer.status, 202);
		const { pk, job: page } = await jsonOf<{ pk: string; job: string }>(answer);
		assert(page.endsWith(`/jobs/${pk}/`), page);
		const look = () => call<PlatformJob>('GET', `algorithms/jobs/${pk}/`);
		assert.notEqual((await look()).status, 'Succeeded', 'the answer came only after the job');
		await sandbox.settle();
		const job = await look();
		assert.equal(job.status, 'Succeeded');
		near(valueOf(job.outputs, 'mean-intensity').value, volume.mean, 'the mean intensity');
		assert((await inputBytes(world, job)).equals(volume.bytes), 'the image of the job is not what was sent');
	});
	await sandbox.setClock({ mode: 'auto' });
};
