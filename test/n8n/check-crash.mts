import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FaultAction } from '../../sandbox/faults.mts';
import type { LoggedRequest } from '../../sandbox/requestLog.mts';
import { oftenInsteadOfNightly } from './check-examples.mts';
import type { Checks } from './checks.mts';
import { example } from './examples.mts';
import { assertFiles, emptyFolder } from './files.mts';
import { filesOfLungArchive, platform, type ExpectedFile, type PlatformItem } from './platform.mts';
import { runOrThrow, until } from './process.mts';
import { itemsOf, type Execution } from './session.mts';
import { byId, chain, grandChallenge, readFile, withCredential } from './workflows.mts';
import { saidOfPackage, type World } from './world.mts';

/** n8n ends, or is ended, in the middle of its work, and starts again: nothing gets lost, nothing is there twice. */
export const checkCrash = async (world: World, checks: Checks): Promise<void> => {
	await world.sandbox.reset();
	const files = await filesOfLungArchive(world.sandbox);
	await checkKill(world, files, checks);
	await checkEndInTime(world, files, checks);
	await checkEndTooLate(world, files, checks);
};

/** A way to keep a request from getting its answer. */
interface Hold {
	action: FaultAction;
	holds: (request: LoggedRequest) => boolean;
}

const forEver: Hold = { action: { stallAfter: 1000 }, holds: ({ bytesOut }) => bytesOut === 1000 };
const forSeconds: Hold = { action: { delay: 8000 }, holds: ({ status }) => status === 0 };

const images = async ({ sandbox }: World) =>
	(await sandbox.requests()).filter(({ origin, path }) => origin === 'download' && path.includes('.mha'));

const uploads = async ({ sandbox }: World) =>
	(await sandbox.requests()).filter(({ origin, method }) => origin === 'upload' && method === 'PUT');

/** Publishes the example of the scheduled download, with nothing delivered yet, and holds the third of its four images. */
const startHeldDownload = async (world: World, { action, holds }: Hold): Promise<string> => {
	const { sandbox, session, instance } = world;
	await emptyFolder(instance.files);
	await sandbox.clearRequests();
	await sandbox.addFaults({ match: { origin: 'download', path: '\\.mha' }, skip: 2, action });
	const download = withCredential(oftenInsteadOfNightly(example('archiveDownload', instance.files)));
	const workflow = await session.createWorkflow(download);
	await session.activate(workflow);
	await until('an image to be held', async () => ((await images(world)).some(holds) ? true : undefined));
	return workflow;
};

/** Starts a workflow that adds a case with a file, and holds the upload. Gives the bytes of the file. */
const startHeldUpload = async (world: World, { action, holds }: Hold): Promise<Buffer> => {
	const { sandbox, session, instance } = world;
	const path = join(instance.files, 'upload.pdf');
	const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(100_000)]);
	await writeFile(path, bytes);
	const archive = (await sandbox.state()).archives.empty?.pk ?? '';
	const workflow = await session.createWorkflow(
		chain('Upload', [
			readFile('Read File', path),
			grandChallenge('Add Case', 'archiveItem', 'create', {
				archive: byId(archive),
				title: '',
				values: { binary: [{ socket: byId('radiology-report'), field: 'data' }] },
			}),
		]),
	);
	await sandbox.addFaults({ match: { origin: 'upload', method: 'PUT' }, action });
	await session.startManually(workflow, 'Start');
	await until('the upload to be held', async () => ((await uploads(world)).some(holds) ? true : undefined));
	await rm(path);
	return bytes;
};

/** What the uploads of these checks have left in the archive. */
const uploaded = async ({ sandbox }: World): Promise<PlatformItem[]> => {
	const archive = (await sandbox.state()).archives.empty?.pk;
	return (await platform(sandbox)<{ results: PlatformItem[] }>('GET', `archives/items/?archive=${archive}`)).results;
};

const succeeded = ({ session }: World, workflow: string, isWanted: (execution: Execution) => boolean) =>
	until(`an execution of workflow ${workflow} to end as wanted`, async () => {
		for (const { id, status } of await session.executions(workflow)) {
			if (status === 'success' && isWanted(await session.execution(id))) return true;
		}
		return undefined;
	});

/** Waits until the published workflow has brought all files and then found nothing new, and looks at the disk. */
const assertDelivers = async (world: World, workflow: string, files: ExpectedFile[]) => {
	await succeeded(world, workflow, (execution) => itemsOf(execution, 'Mark as Delivered').length === files.length);
	await succeeded(world, workflow, (execution) => itemsOf(execution, 'Download New Files').length === 0);
	await world.session.deactivate(workflow);
	await assertFiles(world.instance.files, files);
};

const checkKill = async (world: World, files: ExpectedFile[], { check }: Checks) => {
	const { sandbox, session, instance } = world;
	let workflow = '';

	await check('killed while files are downloaded: some have arrived, some have not', async () => {
		workflow = await startHeldDownload(world, forEver);
		assert.equal(await world.server.end('SIGKILL'), 'SIGKILL');
		// On a slow machine the schedule has started the workflow once more.
		const first = (await images(world)).slice(0, 3);
		assert.deepEqual(first.map(forEver.holds), [false, false, true]);
		await sandbox.clearFaults();
	});

	await check('killed again while files are saved: some are on the disk, some are not', async () => {
		// To open a pipe that nobody reads takes for ever: n8n comes as far as this file.
		const torn = files.find(({ name }) => name.endsWith('lung-3.mha'))?.name ?? '';
		const pipe = join(instance.files, torn);
		await runOrThrow('mkfifo', [pipe], { cwd: instance.files });
		await world.restart();
		const saved = async () => (await readdir(instance.files)).filter((name) => name !== torn);
		await until('the first file to be saved', async () => ((await saved()).length > 0 ? true : undefined));
		assert.equal(await world.server.end('SIGKILL'), 'SIGKILL');
		assert((await lstat(pipe)).isFIFO());
		assert((await saved()).length < files.length - 1, 'all but one are on the disk');
		// What is left of a file when n8n dies while it writes.
		await rm(pipe);
		await writeFile(pipe, 'ObjectType = Im');
	});

	await check('started again after both: every file is on the disk once, as the platform has it', async () => {
		await world.restart();
		await assertDelivers(world, workflow, files);
	});
	await check('n8n has marked what was killed as crashed', async () => {
		const statuses = (await session.executions(workflow)).map(({ status }) => status);
		assert.deepEqual([...new Set(statuses)].sort(), ['crashed', 'success']);
	});
};

/** Asks n8n to end; asserts that it does, with this exit code, and that it says nothing of the package. */
const endQuietly = async (world: World, exitCode: number) => {
	const { length } = await world.server.log();
	assert.equal(await world.server.end('SIGTERM'), exitCode);
	assert.deepEqual((await saidOfPackage(world, length)).filter((line) => !isProgress(line)), []);
};

/** What the node says of long transfers while they go on. */
const isProgress = (line: string): boolean => /^Grand Challenge: \d+ files?(?:, \d+ cases?)? \(.* in \d+ s /.test(line);

const checkEndInTime = async (world: World, files: ExpectedFile[], { check }: Checks) => {
	const { sandbox, instance } = world;
	let workflow = '';
	let bytes = Buffer.alloc(0);
	await check('asked to end: n8n finishes the download and the upload that are under way', async () => {
		workflow = await startHeldDownload(world, forSeconds);
		bytes = await startHeldUpload(world, forSeconds);
		for (const requests of [images, uploads]) assert((await requests(world)).some(forSeconds.holds));
		await endQuietly(world, 0);
		await assertFiles(instance.files, files);
		const [item] = await uploaded(world);
		const stored = await sandbox.file(item?.values[0]?.pk ?? '');
		assert(stored.bytes.equals(bytes), 'the platform has other bytes');
	});
	await check('started again: nothing comes twice', async () => {
		await world.restart({ N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '3' });
		await assertDelivers(world, workflow, files);
	});
};

const checkEndTooLate = async (world: World, files: ExpectedFile[], { check }: Checks) => {
	const { sandbox } = world;
	let workflow = '';
	await check('asked to end while a download hangs: n8n gives up', async () => {
		workflow = await startHeldDownload(world, forEver);
		// n8n does not cancel what runs when its time is over, it only dies: the upload stays unfinished on the platform.
		await startHeldUpload(world, forSeconds);
		await endQuietly(world, 1);
		await sandbox.clearFaults();
	});
	await check('started again: every file is on the disk once', async () => {
		await world.restart();
		await assertDelivers(world, workflow, files);
		assert.equal((await uploaded(world)).length, 1, 'the case of the upload that ended in time, and no other');
	});
};
