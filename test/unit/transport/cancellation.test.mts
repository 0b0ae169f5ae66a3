import { setTimeout as delay } from 'node:timers/promises';

import { ARCHIVE_ITEMS, createCase, imageFiles, startJob, uploadFile, waitForJob, type FileSink, type RemoteFile } from '../../../client';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import { collect, failureOf, fileOf, testClient, until, type TestClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	sandbox = await spawnSandbox();
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const sent = async () => (await sandbox.requests()).map(({ origin, method, path }) => `${origin} ${method} ${path.split('?')[0]}`);

/** Cancels, and gives what was sent from then on until some time after the work has ended. */
const cancelled = async (client: TestClient, work: Promise<unknown>): Promise<string[]> => {
	const before = (await sent()).length;
	client.cancel();
	const start = Date.now();
	expect(await failureOf(work)).toMatchObject({ reason: 'cancelled' });
	expect(Date.now() - start).toBeLessThan(2000);
	await delay(300);
	return (await sent()).slice(before);
};

it('before the start: nothing is sent', async () => {
	const client = testClient(sandbox);
	client.cancel();
	expect(await cancelled(client, client.gc.account())).toEqual([]);
});

it('between two tries', async () => {
	await sandbox.addFaults({ match: {}, times: -1, action: { status: 503 } });
	const client = testClient(sandbox, { realTime: true, retry: { delay: () => 60_000 } });
	const work = client.gc.account();
	await until(() => client.waits.length === 1);
	expect(await cancelled(client, work)).toEqual([]);
});

it('in a wait of a program', async () => {
	const client = testClient(sandbox, { realTime: true });
	expect(await cancelled(client, client.gc.transport.pause(60_000))).toEqual([]);
});

it('while a server asks to wait', async () => {
	await sandbox.addFaults({ match: {}, times: -1, action: { status: 429, headers: { 'retry-after': '100' } } });
	const client = testClient(sandbox, { realTime: true });
	const work = client.gc.account();
	await until(() => client.waits.length === 1);
	expect(await cancelled(client, work)).toEqual([]);
});

describe('while a list is read', () => {
	const read = async (client: TestClient, onEntry: () => void) => {
		for await (const entry of client.gc.archives.pages({}, 2)) {
			expect(entry.results).toHaveLength(2);
			onEntry();
		}
	};

	it('between two pages', async () => {
		const client = testClient(sandbox);
		expect(await failureOf(read(client, client.cancel))).toMatchObject({ reason: 'cancelled' });
		await delay(300);
		expect(await sent()).toEqual(['api GET /api/v1/archives/']);
	});

	it('while the next page is on its way', async () => {
		await sandbox.addFaults({ match: { path: 'offset=2' }, action: { delay: 5000 } });
		const client = testClient(sandbox);
		const work = read(client, () => undefined);
		await until(async () => (await sent()).length === 2);
		expect(await cancelled(client, work)).toEqual([]);
	});
});

describe('while a file is downloaded', () => {
	const slowFile = async (client: TestClient): Promise<RemoteFile> => {
		await sandbox.addFaults({ match: { origin: 'download' }, times: -1, action: { bytesPerSecond: 8000 } });
		const [file] = await imageFiles(client.gc.transport, await client.gc.images.get(state.images.lung1?.pk ?? ''));
		if (!file) throw new Error('The image has no file');
		return file;
	};
	const bytesOut = async () => (await sandbox.requests()).find(({ origin }) => origin === 'download')?.bytesOut ?? 0;

	const slowSink: FileSink<void> = async () => {
		await delay(500);
	};
	it.each<[string, FileSink<unknown>]>([
		['and is read', collect],
		['and its sink has not begun to read', async (file) => (await slowSink(file), collect(file))],
		['and its sink gives up by itself', async (file) => (await slowSink(file), Promise.reject(new Error('stopped')))],
		['and its sink does not care', async (file) => collect(file).catch(() => 'half a file')],
	])('%s', async (_when, sink) => {
		const client = testClient(sandbox);
		const file = await slowFile(client);
		const work = file.fetch(sink);
		await until(async () => (await bytesOut()) > 0);
		expect(await cancelled(client, work)).toEqual([]);
		const bytes = await bytesOut();
		await delay(300);
		expect(await bytesOut()).toBe(bytes);
		expect(bytes).toBeLessThan(32_768);
	});
});

describe('while a file is uploaded', () => {
	const oneMiB = fileOf('scan.mha', Buffer.alloc(1024 * 1024, 'x'));

	it('the part on its way ends, and the platform is told to forget the upload', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action: { bytesPerSecond: 100_000 } });
		const client = testClient(sandbox);
		const work = uploadFile(client.gc.transport, oneMiB);
		await until(async () => (await sandbox.requests()).some(({ origin, bytesIn }) => origin === 'upload' && bytesIn > 0));
		expect(await cancelled(client, work)).toEqual([expect.stringMatching(/^api PATCH .*\/abort-multipart-upload\/$/)]);
		expect((await sandbox.state()).uploads).toMatchObject([{ filename: 'scan.mha', status: 'Aborted' }]);
	});

	it('the source is read no further', async () => {
		const client = testClient(sandbox);
		let read = 0;
		const endless = async function* () {
			for (;;) {
				read++;
				yield Buffer.alloc(1024 * 1024);
				await delay(1);
			}
		};
		const work = uploadFile(client.gc.transport, { name: 'endless.mha', open: endless });
		await until(async () => (await sent()).some((request) => request.startsWith('upload PUT')));
		await cancelled(client, work);
		const before = read;
		await delay(200);
		expect(read).toBe(before);
		expect((await sandbox.state()).uploads).toMatchObject([{ status: 'Aborted' }]);
	});

	it('is aborted with one try: nobody waits for a clean-up that does not work', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action: { bytesPerSecond: 100_000 } }, { match: { path: '/abort-multipart-upload/' }, times: -1, action: { status: 503 } });
		const client = testClient(sandbox);
		const work = uploadFile(client.gc.transport, oneMiB);
		await until(async () => (await sandbox.requests()).some(({ origin, bytesIn }) => origin === 'upload' && bytesIn > 0));
		expect(await cancelled(client, work)).toHaveLength(1);
	});
});

describe('while the platform works', () => {
	beforeEach(() => sandbox.setClock({ mode: 'manual' }));
	afterEach(() => sandbox.setClock({ mode: 'auto' }));

	it('on a job: the wait ends, the job goes on there', async () => {
		const client = testClient(sandbox, { realTime: true });
		const started = await startJob(client.gc, {
			algorithm: 'lung-volume-above-threshold',
			inputs: [{ socket: 'ct-image', source: { from: 'image', image: state.images.lung1?.pk ?? '' } }],
		});
		// It waits at once, for seconds.
		const work = waitForJob(client.gc, started, 600_000);
		expect(await cancelled(client, work)).toEqual([]);
		await sandbox.settle();
		expect((await sandbox.state()).jobs).toMatchObject([{ status: 'Succeeded' }]);
	});

	it('on an import: the wait ends', async () => {
		const client = testClient(sandbox, { realTime: true });
		const { bytes } = await sandbox.file(state.images.lung1?.pk ?? '');
		const work = createCase(client.gc, ARCHIVE_ITEMS, {
			parent: 'incoming-cases',
			title: '',
			values: [{ socket: 'ct-image', source: { from: 'files', files: [fileOf('a.mha', bytes)] } }],
			waitMs: 600_000,
		});
		await until(() => client.waits.length === 1);
		expect(await cancelled(client, work)).toEqual([]);
	});
});
