import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { customRetries, noRetries, readSocketValues, uploadFile, type FileSource, type HttpPort } from '../../../client';
import { text } from '../../../client/api/json';
import { createUpload, PART_SIZE, resumeUpload, uploadFiles } from '../../../client/files/upload';
import { spawnSandbox, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import { errorOf, failureOf, fileOf, testClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
beforeAll(async () => {
	sandbox = await spawnSandbox();
});
beforeEach(async () => {
	await sandbox.reset();
});
afterAll(() => sandbox.stop());

const MIB = 1024 * 1024;
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('base64');
const puts = async () => (await sandbox.requests()).filter(({ origin }) => origin === 'upload');
const actions = async () => (await sandbox.requests()).map(({ method, path }) => `${method} ${path.split('?')[0]?.split('/').filter(Boolean).at(-1)}`);
const failing = (path: string, ...faults: FaultAction[]) => sandbox.addFaults(...faults.map((action) => ({ match: { path }, action })));
const uploads = async () => (await sandbox.state()).uploads;

/** The bytes that the platform ends up with, seen through a socket that takes any file. */
const stored = async (url: string): Promise<Buffer> => {
	const { gc } = testClient(sandbox);
	const item = await gc.transport.json({ method: 'POST', path: 'archives/items/', body: { archive: (await sandbox.state()).archives.empty?.api_url }, subject: 'an item' });
	const path = `archives/items/${text(item, 'pk')}/`;
	await gc.transport.json({ method: 'PATCH', path, body: { values: [{ interface: 'airway-mesh', user_upload: url }] }, subject: 'an item' });
	await sandbox.settle();
	const [value] = readSocketValues(await gc.transport.get(path, 'an item'), 'values');
	return (await sandbox.file(value?.pk ?? '')).bytes;
};

/** A file of text that is made while it is read, each line another. */
const generated = (name: string, bytes: number): FileSource => {
	const open = async function* () {
		const line = 64 * 1024;
		for (let at = 0; at < bytes; at += line) yield Buffer.alloc(Math.min(line, bytes - at), `v ${at} `);
	};
	return { name, size: bytes, open };
};

describe('a file of several parts', () => {
	it('arrives byte by byte, each part with its checksum, in order, without our token', async () => {
		const source = generated('mesh.obj', 40 * MIB);
		const url = await uploadFile(testClient(sandbox, { connections: 1 }).gc.transport, source);
		const whole: Buffer[] = [];
		for await (const chunk of await source.open()) whole.push(Buffer.from(chunk));
		const bytes = Buffer.concat(whole);
		const sizes = [PART_SIZE, PART_SIZE, 8 * MIB];

		const parts = await puts();
		expect(parts.map(({ bytesIn }) => bytesIn)).toEqual(sizes);
		expect(parts.map(({ headers }) => Number(headers['content-length']))).toEqual(sizes);
		expect(parts.map(({ headers }) => headers['content-md5'])).toEqual(sizes.map((size, i) => md5(bytes.subarray(i * PART_SIZE, i * PART_SIZE + size))));
		for (const { headers } of parts) {
			expect(headers.authorization).toBeUndefined();
			expect(JSON.stringify(headers)).not.toContain(sandbox.tokens.main);
		}
		const completed = (await sandbox.requests()).find(({ path }) => path.includes('complete-multipart-upload'));
		const tag = (i: number) => `"${Buffer.from(String(parts[i]?.headers['content-md5']), 'base64').toString('hex')}"`;
		expect(completed?.body).toEqual({ parts: [0, 1, 2].map((i) => ({ ETag: tag(i), PartNumber: i + 1 })) });
		expect(url).toMatch(/\/api\/v1\/uploads\/[0-9a-f-]{36}\/$/);
		expect((await stored(url)).equals(bytes)).toBe(true);
	});

	it('a part that fails is sent again, with a fresh address; the others are not', async () => {
		await sandbox.addFaults({ match: { origin: 'upload', path: 'partNumber=2' }, times: 2, action: { reset: true } });
		const url = await uploadFile(testClient(sandbox, { connections: 1 }).gc.transport, generated('mesh.obj', 20 * MIB));
		const numbers = (await puts()).map(({ path }) => /partNumber=(\d+)/.exec(path)?.[1]);
		expect(numbers).toEqual(['1', '2', '2', '2']);
		// One request for both addresses, and one for each repeat.
		expect((await actions()).filter((action) => action.includes('presigned'))).toHaveLength(3);
		expect(await stored(url)).toHaveLength(20 * MIB);
	});
});

describe('an upload that broke off', () => {
	const name = 'mesh.obj';
	const source = () => generated(name, 40 * MIB);
	const numbers = async () => (await puts()).map(({ path }) => Number(/partNumber=(\d+)/.exec(path)?.[1]));

	/** Leaves an upload behind that lacks its last part. */
	const breakOff = async () => {
		await sandbox.addFaults({ match: { origin: 'upload', path: 'partNumber=3' }, times: -1, action: { status: 501 } });
		const { gc } = testClient(sandbox);
		const { left } = await failureOf(createUpload(gc, source()));
		await sandbox.clearFaults();
		await sandbox.clearRequests();
		return { gc, pk: left?.upload ?? '' };
	};

	it('is gone on with: only what is missing is sent', async () => {
		const { gc, pk } = await breakOff();
		const upload = await resumeUpload(gc, pk, source());
		expect(upload).toMatchObject({ pk, status: 'Completed' });
		expect(await numbers()).toEqual([3]);
		const completed = (await sandbox.requests()).find(({ path }) => path.includes('complete-multipart-upload'));
		// The platform answers 500 to the other things that it tells of parts.
		expect(completed?.body).toEqual({ parts: [1, 2, 3].map((PartNumber) => ({ ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) as string, PartNumber })) });
		const whole: Uint8Array[] = [];
		for await (const chunk of await source().open()) whole.push(chunk);
		expect((await stored(text(upload, 'api_url'))).equals(Buffer.concat(whole))).toBe(true);
	});

	it('gets the parts that are not those of the file', async () => {
		const { gc, pk } = await breakOff();
		const changed: FileSource = {
			...source(),
			async *open() {
				let first = true;
				for await (const chunk of await source().open()) {
					yield first ? Buffer.alloc(chunk.length, 'w') : chunk;
					first = false;
				}
			},
		};
		const upload = await resumeUpload(gc, pk, changed);
		expect(await numbers()).toEqual([1, 3]);
		expect((await stored(text(upload, 'api_url')))[0]).toBe('w'.charCodeAt(0));
	});

	it('gets parts of the right size where it had others', async () => {
		await sandbox.changeSettings({ minimumPartBytes: 1 });
		const { gc, pk } = await breakOff();
		const upload = await resumeUpload(gc, pk, generated(name, 20 * MIB));
		expect(await numbers()).toEqual([2]);
		expect(await stored(text(upload, 'api_url'))).toHaveLength(20 * MIB);
	});
});

describe('several parts at once', () => {
	/** How many parts, and bytes of them, are under way at the same time at the most. */
	const watched = () => {
		const most = { parts: 0, bytes: 0 };
		const now = { parts: 0, bytes: 0 };
		const http = (port: HttpPort): HttpPort => ({
			send: async (request) => {
				if (request.method !== 'PUT') return port.send(request);
				const bytes = request.body?.length ?? 0;
				now.parts++;
				now.bytes += bytes;
				most.parts = Math.max(most.parts, now.parts);
				most.bytes = Math.max(most.bytes, now.bytes);
				await delay(200);
				const answer = await port.send(request);
				now.parts--;
				now.bytes -= bytes;
				return answer;
			},
		});
		return { most, http };
	};

	it('of one file', async () => {
		const { most, http } = watched();
		const url = await uploadFile(testClient(sandbox, { http }).gc.transport, generated('mesh.obj', 70 * MIB));
		expect([most.parts, (await stored(url)).length]).toEqual([5, 70 * MIB]);
	});

	it('of several files, as many as were asked for', async () => {
		const { most, http } = watched();
		const sources = Array.from({ length: 10 }, (_, i) => fileOf(`mesh-${i}.obj`, `v ${i}`));
		const urls = await uploadFiles(testClient(sandbox, { http, connections: 4 }).gc.transport, sources);
		expect(most.parts).toBe(4);
		for (const [i, url] of urls.entries()) expect((await stored(url)).toString()).toBe(`v ${i}`);
	});

	it('and while one is sent, the address of the next one is asked for already', async () => {
		let addresses = 0;
		let bothAsked = () => {};
		const both = new Promise<void>((resolve) => (bothAsked = resolve));
		const asked: number[] = [];
		const http = (port: HttpPort): HttpPort => ({
			send: async (request) => {
				if (request.url.includes('generate-presigned-urls') && ++addresses === 2) bothAsked();
				if (request.method === 'PUT') {
					await Promise.race([both, delay(3000)]);
					asked.push(addresses);
				}
				return port.send(request);
			},
		});
		await uploadFiles(testClient(sandbox, { http, connections: 1 }).gc.transport, [fileOf('mesh-1.obj', 'v 1'), fileOf('mesh-2.obj', 'v 2')]);
		expect(asked).toEqual([2, 2]);
	});

	it('never more than there is memory for, whatever was asked for', async () => {
		const { most, http } = watched();
		await uploadFiles(testClient(sandbox, { http, connections: 32 }).gc.transport, [1, 2].map((i) => generated(`mesh-${i}.obj`, 96 * MIB)));
		expect(most.bytes).toBeLessThanOrEqual(128 * MIB);
		expect(most.parts).toBeLessThanOrEqual(8);
		expect(most.parts).toBeGreaterThan(4);
	});

	it('ends when one of them fails for good, and is aborted', async () => {
		await sandbox.addFaults({ match: { origin: 'upload', path: 'partNumber=2' }, times: -1, action: { status: 404 } });
		expect(await failureOf(uploadFile(testClient(sandbox).gc.transport, generated('mesh.obj', 200 * MIB)))).toMatchObject({ status: 404 });
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
		// Those behind the first eight were not begun.
		expect((await puts()).length).toBeLessThan(12);
	});
});

describe('whatever the storage does to a part', () => {
	it.each<[string, FaultAction, number]>([
		['503', { status: 503 }, 2],
		['500', { status: 500 }, 2],
		['a lost answer', { resetAfterApply: true }, 2],
		['a lost answer behind a gateway', { statusAfterApply: 502 }, 2],
		['an address that has expired (403)', { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' }, 2],
		['an answer whose body breaks off', { contentLength: 10 }, 1],
		['a part that was damaged on its way (400)', { status: 400, body: '<Error><Code>BadDigest</Code></Error>' }, 2],
		['a storage that is busy (409)', { status: 409 }, 2],
		['a storage that is busy (423)', { status: 423 }, 2],
	])('%s: the file arrives', async (_what, action, sent) => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action });
		const url = await uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'v 1 2 3'));
		expect(await puts()).toHaveLength(sent);
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it('an address that expires on its way is replaced even where nothing is retried', async () => {
		await sandbox.changeSettings({ presignedLifetimeSeconds: 0 });
		const { gc, waits } = testClient(sandbox, {
			retry: noRetries,
			http: (port) => ({
				send: async (request) => {
					const answer = await port.send(request);
					if (!request.signed) await sandbox.changeSettings({ presignedLifetimeSeconds: 3600 });
					return answer;
				},
			}),
		});
		const url = await uploadFile(gc.transport, fileOf('mesh.obj', 'v 1 2 3'));
		expect((await puts()).map(({ status }) => status)).toEqual([403, 200]);
		expect(waits).toEqual([]);
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it('a storage that refuses for good is asked twice, and the upload aborted', async () => {
		await sandbox.changeSettings({ presignedLifetimeSeconds: 0 });
		expect(await failureOf(uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'v 1 2 3')))).toMatchObject({ status: 403 });
		expect(await puts()).toHaveLength(2);
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	it('a confirmation without a tag is none', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action: { status: 200, contentType: 'application/xml', body: '' } });
		expect(await failureOf(uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'x')))).toMatchObject({
			reason: 'unexpectedAnswer',
			message: expect.stringContaining('Part 1'),
		});
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	it('a storage that says nothing is given up, and asked again', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action: { delay: 3000 } });
		const { gc, waits } = testClient(sandbox, { idleMs: 300 });
		const url = await uploadFile(gc.transport, fileOf('mesh.obj', 'v 1 2 3'));
		expect(waits).toEqual([100]);
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it('a slow line is not taken for a silent one', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, action: { bytesPerSecond: 256 * 1024 } });
		// 512 KiB in 2 s; for their bytes alone they would get 8 s.
		const { gc, waits } = testClient(sandbox, { idleMs: 300 });
		await uploadFile(gc.transport, fileOf('mesh.obj', Buffer.alloc(MIB / 2, 'v')));
		expect(waits).toEqual([]);
	});
});

it('a file that ends before its size is no upload', async () => {
	const short = { ...fileOf('mesh.obj', 'v 1 2 3'), size: 8 };
	const error = await failureOf(uploadFile(testClient(sandbox).gc.transport, short));
	expect(error).toMatchObject({ reason: 'badInput', message: "The file 'mesh.obj' ended after 7 of 8 bytes" });
	expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
});

describe('the steps around the parts', () => {
	it.each<[string, string, FaultAction[], string[]]>([
		['creating, answer lost: made again, since an unused upload does no harm', '/uploads/$', [{ statusAfterApply: 502 }], ['POST uploads', 'POST uploads', 'PATCH generate-presigned-urls']],
		['signing, answer lost', 'generate-presigned-urls', [{ resetAfterApply: true }], ['POST uploads', 'PATCH generate-presigned-urls', 'PATCH generate-presigned-urls']],
	])('%s', async (_what, path, faults, first) => {
		await failing(path, ...faults);
		const url = await uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'v 1 2 3'));
		expect((await actions()).slice(0, 3)).toEqual(first);
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it.each<[string, FaultAction]>([
		['502', { statusAfterApply: 502 }],
		['broken connection', { resetAfterApply: true }],
	])('completing, answer lost (%s): the file is there, and is not sent again', async (_how, fault) => {
		await failing('complete-multipart-upload', fault);
		const url = await uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'v 1 2 3'));
		expect([(await puts()).length, (await uploads()).length, (await actions()).includes('PATCH abort-multipart-upload')]).toEqual([1, 1, false]);
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it('completing, refused for good: aborted, and the error is that of the completion', async () => {
		await sandbox.addFaults({ match: { path: 'complete-multipart-upload' }, times: -1, action: { status: 500 } });
		expect(await failureOf(uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'x')))).toMatchObject({ status: 500 });
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	it('aborting, refused: the first error stays the one that is told', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 400 } }, { match: { path: 'abort-multipart' }, times: -1, action: { status: 500 } });
		expect(await failureOf(uploadFile(testClient(sandbox).gc.transport, fileOf('mesh.obj', 'x')))).toMatchObject({ status: 400 });
		expect((await actions()).filter((action) => action.includes('abort'))).toHaveLength(1);
	});
});

describe('sources', () => {
	it('an empty file is one empty part', async () => {
		const url = await uploadFile(testClient(sandbox).gc.transport, fileOf('empty.obj', ''));
		expect((await puts()).map(({ bytesIn, headers }) => [bytesIn, headers['content-length']])).toEqual([[0, '0']]);
		expect(await stored(url)).toHaveLength(0);
	});

	it.each([
		['folder/scan.obj', 'scan.obj'],
		['C:\\data\\scan.obj', 'scan.obj'],
		[`${'x'.repeat(200)}.nii.gz`, `${'x'.repeat(121)}.nii.gz`],
		['..', 'file'],
		['', 'file'],
		['röntgen 1.obj', 'röntgen 1.obj'],
	])('the name %j is sent as %j', async (name, sent) => {
		await uploadFile(testClient(sandbox).gc.transport, fileOf(name, 'x'));
		expect(await uploads()).toMatchObject([{ filename: sent, status: 'Completed' }]);
	});

	it('one that cannot be opened: its own error, and the upload is aborted', async () => {
		const open = () => Promise.reject(new Error('No such binary data'));
		expect(await errorOf(uploadFile(testClient(sandbox).gc.transport, { name: 'a.obj', open }))).toEqual(new Error('No such binary data'));
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	it('one that breaks in the middle: its own error, and the upload is aborted', async () => {
		const open = async function* () {
			yield Buffer.alloc(20 * MIB);
			throw Object.assign(new Error('disk gone'), { code: 'ECONNRESET' });
		};
		const { gc, waits } = testClient(sandbox);
		expect(await errorOf(uploadFile(gc.transport, { name: 'a.obj', open }))).toMatchObject({ message: 'disk gone' });
		expect([await puts(), waits]).toMatchObject([[{ status: 200 }], []]);
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	it('one that is slow is waited for, however patient the watchdog is with the server', async () => {
		const open = async function* () {
			for (const text of ['v 1', ' 2', ' 3']) {
				await delay(300);
				yield Buffer.from(text);
			}
		};
		const url = await uploadFile(testClient(sandbox, { idleMs: 200 }).gc.transport, { name: 'mesh.obj', open });
		expect((await stored(url)).toString()).toBe('v 1 2 3');
	});

	it('one that is closed by us when the storage refuses', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 400 } });
		let closed = false;
		const open = async function* () {
			try {
				for (;;) yield Buffer.alloc(MIB);
			} finally {
				closed = true;
			}
		};
		await failureOf(uploadFile(testClient(sandbox, { retry: customRetries({ tries: 1, firstDelay: 1, longestDelay: 1, statuses: [503] }, () => 0.5) }).gc.transport, { name: 'a.obj', open }));
		expect(closed).toBe(true);
	});

	it('one that hangs is left when the execution is canceled', async () => {
		const { gc, cancel } = testClient(sandbox);
		const open = async function* () {
			yield Buffer.from('x');
			setTimeout(cancel, 50);
			await new Promise(() => undefined);
		};
		expect(await failureOf(uploadFile(gc.transport, { name: 'a.obj', open }))).toMatchObject({ reason: 'cancelled' });
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	}, 5000);
});
