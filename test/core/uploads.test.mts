// Upload: Create, Resume, Abort. Upload Session: Create, Wait. Archive: Import Images.
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { by, id, json, makeBinary, useWorld } from './fixtures/world.mts';
import { testVolume } from '../n8n/volume.mts';

const world = useWorld({ fresh: true });

const volume = (name: string) => makeBinary(testVolume(4).bytes, name);
const item = async (name = 'scan.mha'): Promise<INodeExecutionData> => ({ json: {}, binary: { data: await volume(name) } });
const incoming = id('incoming-cases');
const uploads = async () => (await world.sandbox.state()).uploads;
const sessions = async () => (await world.sandbox.state()).sessions;
const posted = async () => (await world.sandbox.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/upload-sessions/')).map(({ body }) => body);
const itemsOf = async (archive: string) => json(await world.run('archiveItem.getMany', { archive: id(archive), returnAll: true }));

describe('Upload', () => {
	const create = async (more: object = {}) => world.run('upload.create', {}, { items: [await item()], ...more });

	it('sends a file, to be used as the value of a socket', async () => {
		const [upload = {}] = json(await create());
		expect(upload).toEqual({ pk: (await uploads())[0]?.pk, filename: 'scan.mha', status: 'Completed', created: expect.any(String) as string, api_url: expect.any(String) as string });
		const mesh = { items: [{ json: {}, binary: { data: await makeBinary(Buffer.from('v 1 2 3'), 'mesh.obj') } }] };
		const [sent] = json(await world.run('upload.create', { field: 'd*' }, mesh));
		const used = { archive: incoming, title: 'used', values: { upload: [{ socket: id('airway-mesh'), upload: id(String(sent?.pk)) }] } };
		expect((await world.run('archiveItem.create', used)).error?.message).toBeUndefined();
	});

	it('keeps what fails, names it, and can go on with it', async () => {
		await world.sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 501 } });
		const { error } = await create();
		const [{ pk, status } = { pk: '', status: '' }] = await uploads();
		expect([status, error?.context?.data]).toEqual(['Initialized', { reason: 'unavailable', upload: pk }]);
		expect(error?.description).toContain(`The upload ${pk} is kept for a day; Upload: Resume sends what is missing`);
		await world.sandbox.clearFaults();
		const resumed = await world.run('upload.resume', { upload: id(pk) }, { items: [await item()] });
		expect(json(resumed)).toMatchObject([{ pk, status: 'Completed' }]);
		// There is nothing left to do.
		await world.sandbox.clearRequests();
		expect(json(await world.run('upload.resume', { upload: id(pk) }, { items: [await item()] }))).toMatchObject([{ pk, status: 'Completed' }]);
		expect(await world.writes()).toEqual([]);
	});

	it('goes on with what failed when n8n tries again', async () => {
		await world.sandbox.addFaults({ match: { origin: 'upload' }, action: { status: 501 } });
		expect(json(await create({ retryOnFail: true }))).toMatchObject([{ status: 'Completed' }]);
		expect(await uploads()).toHaveLength(1);
	});

	it('is aborted when it is stopped', async () => {
		await world.sandbox.addFaults({ match: { origin: 'upload' }, action: { delay: 30_000 } });
		const started = world.start('upload.create', {}, { items: [await item()] });
		while ((await world.sandbox.requests()).every(({ origin }) => origin !== 'upload')) await new Promise((resolve) => setTimeout(resolve, 10));
		started.cancel();
		await started.finished;
		expect(await uploads()).toMatchObject([{ status: 'Aborted' }]);
	});

	const begin = async () => String((await world.api('/api/v1/uploads/', 'POST', { filename: 'scan.mha' })).pk);

	it('is aborted on demand, as often as one likes', async () => {
		const upload = id(await begin());
		expect(json(await world.run('upload.abort', { upload }))).toMatchObject([{ status: 'Aborted' }]);
		expect(json(await world.run('upload.abort', { upload }))).toMatchObject([{ status: 'Aborted' }]);
	});

	it('is known to be aborted when the answer is lost', async () => {
		await world.sandbox.addFaults({ match: { path: '/abort-multipart-upload/' }, action: { resetAfterApply: true } });
		expect(json(await world.run('upload.abort', { upload: id(await begin()) }))).toMatchObject([{ status: 'Aborted' }]);
	});

	it('that is complete is not aborted', async () => {
		const [{ pk } = { pk: '' }] = json(await create());
		const { error } = await world.run('upload.abort', { upload: id(String(pk)) });
		expect([error?.message, error?.description]).toEqual([`The upload ${String(pk)} is complete`, 'Grand Challenge removes it when it was used, or a day after it was begun']);
	});

	it.each<[string, (pk: string) => Promise<unknown>, string, string]>([
		['one that was begun for another file', async () => undefined, 'other.mha', "The upload <pk> was begun for the file 'scan.mha', not for 'other.mha'"],
		['one that was aborted', async (pk) => world.run('upload.abort', { upload: id(pk) }), 'scan.mha', 'The upload <pk> was aborted'],
	])('does not resume %s', async (_, prepare, name, message) => {
		const pk = await begin();
		await prepare(pk);
		await world.sandbox.clearRequests();
		const { error } = await world.run('upload.resume', { upload: id(pk) }, { items: [await item(name)] });
		expect(error?.message).toBe(message.replace('<pk>', pk));
		expect(await world.writes()).toEqual([]);
	});

	it('is one file', async () => {
		const binary = { a: await volume('a.mha'), b: await volume('b.mha') };
		const { error } = await world.run('upload.create', { field: '*' }, { items: [{ json: {}, binary }] });
		expect([error?.message, error?.description]).toEqual(["'Input Data Field Name' names 2 files", 'An upload is one file; Upload Session: Create sends several']);
	});
});

describe('Upload Session', () => {
	it('registers files, to be used as the value of a socket', async () => {
		const binary = { a: await volume('a.mha'), b: await makeBinary(Buffer.from('x'), 'b.txt') };
		const [session = {}] = json(await world.run('uploadSession.create', { field: '*' }, { items: [{ json: {}, binary }] }));
		expect(session).toEqual({ pk: (await sessions())[0]?.pk, status: 'Queued', error_message: '', images: [], api_url: expect.any(String) as string });
		expect((await uploads()).map(({ filename }) => filename).sort()).toEqual(['a.mha', 'b.txt']);
		expect(await posted()).toEqual([{ uploads: [expect.any(String), expect.any(String)] }]);
	});

	it.each<[string, () => INodeParameters, () => object]>([
		['an archive by its address', () => ({ target: 'archive', archive: by('url', `${world.sandbox.origins.api}/archives/incoming-cases/`) }), () => ({ archive: 'incoming-cases' })],
		['an archive by its ID, in a socket', () => ({ target: 'archive', archive: id(world.state.archives.empty?.pk ?? ''), socket: id('ct-image') }), () => ({ archive: 'incoming-cases', interface: 'ct-image' })],
		['an archive item', () => ({ target: 'archiveItem', archiveItem: id(world.state.items.lung4?.pk ?? ''), socket: id('ct-image') }), () => ({ archive_item: world.state.items.lung4?.pk, interface: 'ct-image' })],
		['a display set', () => ({ target: 'displaySet', displaySet: id(world.state.displaySets.practice3?.pk ?? ''), socket: id('ct-image') }), () => ({ display_set: world.state.displaySets.practice3?.pk, interface: 'ct-image' })],
	])('brings images into %s', async (_, parameters, expected) => {
		const [session] = json(await world.run('uploadSession.create', parameters(), { items: [await item()] }));
		expect(await posted()).toEqual([{ uploads: [expect.any(String)], ...expected() }]);
		const [done] = json(await world.run('uploadSession.wait', { uploadSession: id(String(session?.pk)) }));
		expect(done).toMatchObject({ pk: session?.pk, status: 'Succeeded', images: [expect.any(String)] });
	});

	it('tells why an import failed', async () => {
		const file = { json: {}, binary: { data: await makeBinary(Buffer.from('no image'), 'notes.txt') } };
		const [session] = json(await world.run('uploadSession.create', { target: 'archive', archive: incoming }, { items: [file] }));
		const { error } = await world.run('uploadSession.wait', { uploadSession: id(String(session?.pk)) });
		expect([error?.message, error?.context?.data]).toEqual([`Grand Challenge could not import the files of the upload session ${String(session?.pk)}: 1 file could not be imported`, { reason: 'failedThere' }]);
	});

	it('is given up when the longest wait is over', async () => {
		const [session] = json(await world.run('uploadSession.create', {}, { items: [await item()] }));
		const { error } = await world.run('uploadSession.wait', { uploadSession: id(String(session?.pk)), options: { maxWait: 0.01 } });
		expect([error?.message, error?.context?.data]).toEqual([`The upload session ${String(session?.pk)} has not imported its files yet`, { reason: 'timeLimit', uploadSession: session?.pk }]);
	});

	it.each([{ resetAfterApply: true }, { statusAfterApply: 502 }])('that goes somewhere is not made twice when the answer is lost (%j)', async (action) => {
		await world.sandbox.setClock({ mode: 'manual' });
		await world.sandbox.addFaults({ match: { method: 'POST', path: '/upload-sessions/' }, action });
		const [session] = json(await world.run('uploadSession.create', { target: 'archive', archive: incoming }, { items: [await item()] }));
		expect(await sessions()).toMatchObject([{ pk: session?.pk, status: 'Queued' }]);
	});

	const files = async (names: string[]) => ({ items: [{ json: {}, binary: Object.fromEntries(await Promise.all(names.map(async (name, i) => [`file_${i}`, await makeBinary(Buffer.from('x'), name)]))) }] });

	it.each<[string, INodeParameters, string[], string]>([
		['no file', { field: ' ' }, [], "No 'Input Data Field Name' is given"],
		['no matching file', { field: 'slice_*' }, ['a.mha'], "No binary data of the input item has a field name like 'slice_*'"],
		['two files of one name', { field: '*' }, ['a.mha', 'a.mha'], "The upload session was given two files of the same name: file 1 of 2 (binary field 'file_0' of item 0) and file 2 of 2 (binary field 'file_1' of item 0)"],
		['too many files', { field: '*' }, Array.from({ length: 101 }, (_, i) => `${i}.dcm`), '101 files are too many for one upload session'],
		['a case without a socket', { field: '*', target: 'archiveItem', archiveItem: id('0d11fc7b-c63f-4fd7-b80b-51d2e21492c0') }, ['a.mha'], 'No socket is chosen for the image'],
		['a socket for values', { field: '*', target: 'archive', archive: incoming, socket: id('patient-age') }, ['a.mha'], "The socket 'patient-age' (Integer) takes no image"],
		['a socket that is not there', { field: '*', target: 'archive', archive: incoming, socket: id('no-such-socket') }, ['a.mha'], "Grand Challenge does not show socket 'no-such-socket'"],
		['an archive that is not there', { field: '*', target: 'archive', archive: id('no-such-archive') }, ['a.mha'], "Grand Challenge does not show archive 'no-such-archive'"],
		['no archive', { field: '*', target: 'archive' }, ['a.mha'], 'No archive is chosen'],
		['another place', { field: '*', target: '={{ "trash" }}' }, ['a.mha'], "'Images Go To' is 'trash'"],
	])('with %s is refused before anything is sent', async (_, parameters, names, message) => {
		const { error } = await world.run('uploadSession.create', parameters, await files(names));
		expect(error?.message).toBe(message);
		expect(await world.writes()).toEqual([]);
	});
});

describe('Import Images', () => {
	const run = async (names: string[], parameters: INodeParameters = {}, more: object = {}) =>
		world.run('archive.importImages', { archive: incoming, ...parameters }, { items: await Promise.all(names.map(item)), ...more });
	const names = (found: unknown) => (found as Array<{ name: string }>).map(({ name }) => name).sort();

	it('makes an item of every image in the files of all input items', async () => {
		const result = await run(['a.mha', 'b.mha']);
		expect(result.error?.message).toBeUndefined();
		const [{ images, ...rest } = {}] = json(result);
		expect(rest).toEqual({ pk: (await sessions())[0]?.pk, status: 'Succeeded', archive: world.state.archives.empty?.pk });
		expect(names(images)).toEqual(['a.mha', 'b.mha']);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 1 }]]);
		const pks = (images as Array<{ pk: string }>).map(({ pk }) => pk).sort();
		const stored = (await itemsOf('incoming-cases')).map(({ values: held }) => (held as { 'generic-medical-image': { pk: string } })['generic-medical-image'].pk);
		expect(stored.sort()).toEqual(pks);
		expect(await posted()).toHaveLength(1);
	});

	it('imports the files of each input item by themselves where asked to', async () => {
		const result = await run(['a.mha', 'b.mha'], { inputItems: 'separate' });
		expect(json(result).map(({ images }) => names(images))).toEqual([['a.mha'], ['b.mha']]);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
	});

	it('keeps input items for different archives apart', async () => {
		const items = [
			{ ...(await item('a.mha')), json: { archive: 'incoming-cases' } },
			{ ...(await item('b.mha')), json: { archive: 'lung-phantoms' } },
			{ ...(await item('c.mha')), json: { archive: 'incoming-cases' } },
		];
		const result = await run([], { archive: id('={{ $json.archive }}') }, { items });
		expect(json(result).map(({ images }) => names(images))).toEqual([['a.mha', 'c.mha'], ['b.mha']]);
	});

	it('puts images into another socket where asked to', async () => {
		await run(['a.mha'], { options: { socket: id('ct-image') } });
		expect((await itemsOf('incoming-cases')).map(({ values: held }) => Object.keys(held as object))).toEqual([['ct-image']]);
	});

	it('does not wait where that is not wanted', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const [result] = json(await run(['a.mha'], { options: { waitForImport: false } }));
		expect(result).toEqual({ pk: (await sessions())[0]?.pk, status: 'Queued', archive: world.state.archives.empty?.pk, images: [] });
		await world.sandbox.settle();
		expect(json(await world.run('uploadSession.wait', { uploadSession: id(String(result?.pk)) }))).toMatchObject([{ status: 'Succeeded' }]);
	});

	it('tells why nothing could be imported, and which session it was', async () => {
		const file = { json: {}, binary: { data: await makeBinary(Buffer.from('no image'), 'notes.txt') } };
		const { error } = await run([], {}, { items: [file] });
		const [{ pk } = { pk: '' }] = await sessions();
		expect(error?.message).toContain('1 file could not be imported');
		expect(error?.context?.data).toEqual({ reason: 'failedThere', uploadSession: pk });
	});

	it('is not made twice when n8n tries again', async () => {
		await world.sandbox.addFaults({ match: { method: 'GET', path: '/upload-sessions/' }, action: { status: 403, body: { detail: 'Not now.' } } });
		const result = await run(['a.mha'], {}, { retryOnFail: true });
		expect(json(result)).toMatchObject([{ status: 'Succeeded' }]);
		expect(await posted()).toHaveLength(1);
	});

	it.each<[string, string[], INodeParameters, string, string]>([
		['too many files', Array.from({ length: 101 }, (_, i) => `${i}.mha`), {}, '101 files are too many for one upload session', 'Put them into one zip file'],
		['two files of one name', ['a.mha', 'a.mha'], {}, "The upload session was given two files of the same name: file 1 of 2 (binary field 'data' of item 0) and file 2 of 2 (binary field 'data' of item 1)", 'need different names'],
		['no files', ['a.mha', 'b.mha'], { field: 'other' }, 'No file is given', "in 'Input Data Field Name'"],
		['another choice of items', ['a.mha'], { inputItems: '={{ "some" }}' }, "'Input Items' is 'some'", 'Use together or separate'],
	])('refuses %s before anything is sent', async (_, given, parameters, message, advice) => {
		const { error } = await run(given, parameters);
		expect(error?.message).toBe(message);
		expect(error?.description).toContain(advice);
		expect(await world.writes()).toEqual([]);
	});

	it('says what right is missing', async () => {
		const { error } = await run(['a.mha'], { archive: id('read-only-cases') });
		expect([error?.message, error?.context?.data]).toEqual(['Grand Challenge did not accept the images for the archive: archive: Object with slug=read-only-cases does not exist.', { reason: 'noPermission' }]);
	});
});

it('an upload session can be used as an input', async () => {
	const [session] = json(await world.run('uploadSession.create', {}, { items: [await item()] }));
	const used = { archive: incoming, title: '', values: { session: [{ socket: id('ct-image'), uploadSession: id(String(session?.pk)) }] } };
	expect((await world.run('archiveItem.create', used)).error?.message).toBeUndefined();
});
