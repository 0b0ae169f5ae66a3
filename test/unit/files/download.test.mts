import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { filesOfValue, imageFiles, noRetries, readSocketValues, type FileSink, type HttpPort, type RemoteFile } from '../../../client';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import { collect, errorOf, failureOf, testClient, type TestClient, type TestClientOptions } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	sandbox = await spawnSandbox();
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

/** The values of an item by slug, each as its files. */
const filesOf = async ({ gc }: TestClient, item: string, slug?: string): Promise<RemoteFile[]> => {
	const values = readSocketValues(await gc.archiveItems.get(state.items[item]?.pk ?? ''), 'values');
	const found: RemoteFile[] = [];
	for (const value of values) if (slug === undefined || value.socket.slug === slug) found.push(...(await filesOfValue(gc.transport, value)));
	await sandbox.clearRequests();
	return found;
};
const image = async (options: TestClientOptions = {}) => {
	const client = testClient(sandbox, options);
	const [file] = await filesOf(client, 'lung1', 'ct-image');
	if (!file) throw new Error('The item has no image');
	return { ...client, file };
};
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const original = async () => (await sandbox.file(state.images.lung1?.files[0] ?? '')).bytes;
const faults = (...actions: FaultAction[]) => sandbox.addFaults(...actions.map((action) => ({ match: { origin: 'download' as const }, action })));
/** Which part of the file was asked for, request by request. */
const ranges = async () => (await sandbox.requests()).filter(({ origin }) => origin === 'download').map(({ headers }) => headers.range);
const sent = async () => (await sandbox.requests()).map(({ origin }) => origin);

describe('the files of a case', () => {
	it('have the bytes that are stored, under the names and types of the platform', async () => {
		const files = await filesOf(testClient(sandbox), 'lung1');
		const got: Record<string, string> = {};
		for (const file of files) {
			const { stored, bytes } = await file.fetch(collect);
			expect(bytes).toBe(stored.length);
			got[`${file.path} ${file.mimeType}`] = stored.length > 300 ? sha(stored) : stored.toString();
		}
		const values = state.items.lung1?.values ?? {};
		const kept = async (pk: string | number | undefined) => (await sandbox.file(pk ?? '')).sha256;
		const text = async (pk: string | number | undefined) => (await sandbox.file(pk ?? '')).bytes.toString();
		expect(got).toEqual({
			'images/ct-image/lung-1.mha application/octet-stream': await kept(values['ct-image']),
			'radiology-report.pdf application/pdf': await kept(values['radiology-report']),
			'measurements.csv text/csv': await text(values['measurements-csv']),
			'acquisition-details.json application/json': await text(values['acquisition-details']),
			'patient-age.json application/json': '61\n',
			'patient-sex.json application/json': '"F"\n',
			'is-smoker.json application/json': 'false\n',
			'clinical-information.json application/json': `${JSON.stringify({ history: ['cough'], score: 0 }, null, 2)}\n`,
			'nodule-location.json application/json': expect.stringContaining('"type": "Point"'),
		});
	});

	it('are announced with their size, and asked for as they are', async () => {
		const { file } = await image();
		let size: number | undefined;
		await file.fetch((incoming) => ((size = incoming.size), collect(incoming)));
		expect(size).toBe((await original()).length);
		expect((await sandbox.requests()).map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'identity']);
	});

	it('of an old pair of header and data are two, side by side', async () => {
		const files = await filesOf(testClient(sandbox), 'legacy');
		expect(files.map(({ path }) => path)).toEqual(['generic-medical-image/legacy.mhd', 'generic-medical-image/legacy.zraw']);
		for (const [i, file] of files.entries()) {
			expect((await file.fetch(collect)).stored.equals((await sandbox.file(state.images.legacy?.files[i] ?? '')).bytes)).toBe(true);
		}
	});

	it('of an image without a folder carry its file names only', async () => {
		const { gc } = testClient(sandbox);
		const files = await imageFiles(gc.transport, await gc.images.get(state.images.lung1?.pk ?? ''));
		expect(files.map(({ path, name }) => [path, name])).toEqual([['lung-1.mha', 'lung-1.mha']]);
	});
});

describe('a download that goes wrong on its way', () => {
	it.each<[string, FaultAction, TestClientOptions]>([
		['cut off at once', { cutAfter: 0 }, {}],
		['cut off in the middle', { cutAfter: 20_000 }, {}],
		['without an answer', { reset: true }, {}],
		['stalled in the middle', { stallAfter: 20_000 }, { idleMs: 300 }],
		['stalled before the headers', { delay: 3000 }, { idleMs: 300 }],
		['503', { status: 503 }, {}],
		['an address that has expired', { status: 403 }, {}],
	])('%s: starts again, and is right', async (_how, action, options) => {
		const { file } = await image(options);
		await faults(action);
		const { stored, bytes } = await file.fetch(collect);
		expect(stored.equals(await original())).toBe(true);
		expect(bytes).toBe(stored.length);
		expect((await sent()).filter((origin) => origin === 'download')).toHaveLength(2);
	});

	it('asks for a fresh address each time, since it ages', async () => {
		const { file } = await image();
		await faults({ cutAfter: 20_000 }, { cutAfter: 100 });
		await file.fetch(collect);
		expect(await sent()).toEqual(['api', 'download', 'api', 'download', 'api', 'download']);
	});

	it('asks for a fresh address when one has expired, even where nothing is retried', async () => {
		const renew = (port: HttpPort): HttpPort => ({
			send: async (request) => {
				const answer = await port.send(request);
				if (answer.status === 403) await sandbox.changeSettings({ urlLifetimeSeconds: 300 });
				return answer;
			},
		});
		const { file, waits } = await image({ retry: noRetries, http: renew });
		await sandbox.changeSettings({ urlLifetimeSeconds: 0 });
		expect((await file.fetch(collect)).stored.equals(await original())).toBe(true);
		expect([await sent(), waits]).toEqual([['api', 'download', 'api', 'download'], []]);
	});

	it('is asked for twice, no more, where the address is refused for good', async () => {
		const { file } = await image();
		await sandbox.changeSettings({ urlLifetimeSeconds: 0 });
		expect(await failureOf(file.fetch(collect))).toMatchObject({ reason: 'noPermission', status: 403 });
		expect(await sent()).toEqual(['api', 'download', 'api', 'download']);
	});

	it('is asked for once where our own site refuses it', async () => {
		const { file } = await image();
		await sandbox.addFaults({ match: { origin: 'api', path: '^/media/' }, action: { status: 403 } });
		expect(await failureOf(file.fetch(collect))).toMatchObject({ reason: 'noPermission', status: 403 });
		expect(await sent()).toEqual(['api']);
	});

	it('announced longer than it is: starts again when there is no rest to be had', async () => {
		const { file } = await image();
		await faults({ contentLength: 40_000 });
		expect((await file.fetch(collect)).stored.equals(await original())).toBe(true);
		expect(await ranges()).toEqual([undefined, `bytes=${(await original()).length}-`, undefined]);
	});

	it('goes on where it broke off, and asks for no byte twice', async () => {
		const { file } = await image();
		await faults({ cutAfter: 10_000 }, { cutAfter: 5000 }, { cutAfter: 12_000 });
		let sinks = 0;
		const { stored } = await file.fetch((incoming) => (sinks++, collect(incoming)));
		expect(stored.equals(await original())).toBe(true);
		expect([sinks, await ranges()]).toEqual([1, [undefined, 'bytes=10000-', 'bytes=15000-', 'bytes=27000-']]);
	});

	it('goes on for as long as something comes, however often it breaks off', async () => {
		const { file, waits } = await image();
		await sandbox.addFaults({ match: { origin: 'download' }, times: -1, action: { cutAfter: 6000 } });
		expect((await file.fetch(collect)).stored.equals(await original())).toBe(true);
		expect(waits).toHaveLength(5);
	});

	it('goes on behind what it has when the server sends the whole file again', async () => {
		const deaf = (port: HttpPort): HttpPort => ({ send: ({ headers: { Range: _, ...headers }, ...request }) => port.send({ ...request, headers }) });
		const { file } = await image({ http: deaf });
		await faults({ cutAfter: 10_000 });
		let sinks = 0;
		const { stored } = await file.fetch((incoming) => (sinks++, collect(incoming)));
		expect([sinks, stored.equals(await original())]).toEqual([1, true]);
	});

	it('starts again when the file is another one by then', async () => {
		let version = 0;
		const changing = (port: HttpPort): HttpPort => ({
			send: async (request) => {
				const answer = await port.send(request);
				return answer.headers.etag === undefined ? answer : { ...answer, headers: { ...answer.headers, etag: `"${version++}"` } };
			},
		});
		const { file } = await image({ http: changing });
		await faults({ cutAfter: 10_000 });
		let sinks = 0;
		const { stored } = await file.fetch((incoming) => (sinks++, collect(incoming)));
		expect([sinks, stored.equals(await original())]).toEqual([2, true]);
	});

	it('is never handed on when it stays short', async () => {
		const { file, waits } = await image();
		await sandbox.addFaults({ match: { origin: 'download' }, times: -1, action: { cutAfter: 0 } });
		const handedOn: unknown[] = [];
		const sink: FileSink<void> = async (incoming) => {
			handedOn.push(await collect(incoming));
		};
		expect(await failureOf(file.fetch(sink))).toMatchObject({ reason: 'notReachable' });
		expect([handedOn, waits.length]).toEqual([[], 8]);
	});

	it('is not handed on by a sink that swallows the failure', async () => {
		const { file } = await image({ retry: noRetries });
		await faults({ cutAfter: 20_000 });
		expect(await failureOf(file.fetch((incoming) => collect(incoming).catch(() => Buffer.from('half'))))).toMatchObject({ reason: 'notReachable' });
	});

	// The rest that was announced is asked for each time, too.
	it.each([[-1, 8], [1, 17]])('is not handed on when it has %i byte more or less than announced', async (more, pauses) => {
		const lying = (port: HttpPort): HttpPort => ({
			send: async (request) => {
				const answer = await port.send(request);
				const length = answer.headers['content-length'];
				return length && answer.status === 200 ? { ...answer, headers: { ...answer.headers, 'content-length': String(Number(length) + more) } } : answer;
			},
		});
		const { file, waits } = await image({ http: lying });
		expect(await failureOf(file.fetch(collect))).toMatchObject({ reason: 'notReachable' });
		expect(waits).toHaveLength(pauses);
	});

	it('is not asked for again when it is not there', async () => {
		const { file, waits } = await image();
		await faults({ status: 404 });
		expect(await failureOf(file.fetch(collect))).toMatchObject({ reason: 'notFound', message: expect.stringContaining('lung-1.mha') });
		expect(waits).toEqual([]);
	});
});

describe('sinks', () => {
	it.each([
		['plainly', new Error('disk full')],
		['with a code that the network has too', Object.assign(new Error('the storage behind n8n is away'), { code: 'ECONNREFUSED' })],
	])('one that fails %s: its own error, and one try', async (_how, failure) => {
		const { file, waits } = await image();
		const sinkOf = (read: number): FileSink<never> => async ({ bytes }) => {
			let chunks = 0;
			if (read > 0 && !(bytes instanceof Uint8Array)) for await (const chunk of bytes) if ((chunks += chunk.length) >= read) break;
			throw failure;
		};
		for (const read of [0, 1, Infinity]) expect(await errorOf(file.fetch(sinkOf(read)))).toBe(failure);
		expect(waits).toEqual([]);
		expect((await sent()).filter((origin) => origin === 'download')).toHaveLength(3);
	});

	it('one that fails without reading: the connection is not left open', async () => {
		const { file } = await image();
		await faults({ bytesPerSecond: 8000 });
		await errorOf(file.fetch(() => Promise.reject(new Error('disk full'))));
		const bytesOut = async () => (await sandbox.requests()).at(-1)?.bytesOut;
		await delay(200);
		const bytes = await bytesOut();
		await delay(400);
		expect(await bytesOut()).toBe(bytes);
	});

	it.each([
		['before it begins', 400, 0],
		['between two chunks', 0, 400],
	])('one that takes its time %s is no silent server', async (_when, before, between) => {
		const { file, waits } = await image({ idleMs: 200 });
		await faults({ bytesPerSecond: 200_000 });
		const { stored } = await file.fetch(async ({ bytes }) => {
			const chunks: Uint8Array[] = [];
			await delay(before);
			if (!(bytes instanceof Uint8Array)) {
				for await (const chunk of bytes) {
					if (chunks.push(chunk) < 4) await delay(between);
				}
			}
			return Buffer.concat(chunks);
		});
		expect(stored.equals(await original())).toBe(true);
		expect(waits).toEqual([]);
	});
});

describe('DICOM image sets', () => {
	it.each(['dicom', 'multiFrame'])('%s: one file per instance, with its bytes, and our token stays at home', async (name) => {
		const files = await filesOf(testClient(sandbox), name);
		expect(files).toHaveLength(name === 'dicom' ? 3 : 1);
		expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
		for (const file of files) {
			const uid = /^images\/ct-dicom-series\/([\d.]+)\.dcm$/.exec(file.path)?.[1] ?? '';
			expect(file.mimeType).toBe('application/dicom');
			const { stored } = await file.fetch(collect);
			expect(stored.equals((await sandbox.file(uid)).bytes)).toBe(true);
		}
		const requests = await sandbox.requests();
		expect(requests.map(({ origin }) => origin)).toEqual(files.map(() => 'dicom'));
		for (const { headers } of requests) {
			expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 /);
			expect(JSON.stringify(headers)).not.toContain(sandbox.tokens.main);
		}
	});

	it.each(['standard', 'none'])('a signature that has expired is made anew once for all files, retries: %s', async (retries) => {
		const client = testClient(sandbox, retries === 'none' ? { retry: noRetries } : {});
		const files = await filesOf(client, 'dicom');
		await sandbox.advance(16 * 60_000);
		for (const file of files) await file.fetch(collect);
		expect(await sent()).toEqual(['dicom', 'api', 'dicom', 'dicom', 'dicom']);
		expect(client.waits).toEqual([]);
	});

	it.each<FaultAction>([{ reset: true }, { cutAfter: 500 }, { status: 503 }])('%j: starts again, and is right', async (action) => {
		const [file] = await filesOf(testClient(sandbox), 'multiFrame');
		await sandbox.addFaults({ match: { origin: 'dicom' }, action });
		const { stored } = (await file?.fetch(collect)) ?? {};
		expect(stored?.equals((await sandbox.file(file?.name.replace('.dcm', '') ?? '')).bytes)).toBe(true);
	});
});

it('a socket value that holds nothing says so', async () => {
	const { gc } = testClient(sandbox);
	const [value] = readSocketValues({ values: [{ interface: { slug: 'patient-age', super_kind: 'Value' }, value: null, file: null, image: null }] }, 'values');
	if (!value) throw new Error('No value');
	expect(await failureOf(filesOfValue(gc.transport, value))).toMatchObject({ reason: 'notFound', message: expect.stringContaining("'patient-age'") });
});
