import { ARCHIVE_ITEMS, createCase, type Assignment, type NewCase } from '../../../client';
import { readSocketValues } from '../../../client/api/types';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import { failureOf, fileOf, testClient, type TestClientOptions } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	// Imports take 15 ms.
	sandbox = await spawnSandbox({ speed: 1000 });
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const create = async (wanted: Partial<NewCase>, options: TestClientOptions = {}) =>
	(await createCase(testClient(sandbox, options).gc, ARCHIVE_ITEMS, { parent: 'incoming-cases', title: '', values: [], waitMs: 20_000, ...wanted })).entity;
const json = (socket: string, value: unknown): Assignment => ({ socket, source: { from: 'json', value } });
const files = (socket: string, ...sources: ReturnType<typeof fileOf>[]): Assignment => ({ socket, source: { from: 'files', files: sources } });
const image = (socket: string, pk = state.images.lung1?.pk ?? ''): Assignment => ({ socket, source: { from: 'image', image: pk } });
const scan = async (name = 'scan.mha') => fileOf(name, (await sandbox.file(state.images.lung2?.pk ?? '')).bytes);
const pdf = '%PDF-1.4\n%%EOF';
const bad = fileOf('notes.mha', 'These are only notes.');

/** The items of the archive, as the platform has them. */
const items = async () => {
	const found: Array<{ pk: unknown; title: unknown; values: ReturnType<typeof readSocketValues> }> = [];
	for await (const item of testClient(sandbox).gc.archiveItems.iterate({ archive: state.archives.empty?.pk })) {
		found.push({ pk: item.pk, title: item.title, values: readSocketValues(item, 'values') });
	}
	return found;
};
const written = async () => (await sandbox.requests()).filter(({ method, origin }) => method !== 'GET' || origin !== 'api').map(({ origin, method, path }) => `${origin} ${method} ${path.split('?')[0]}`);
const onItems = (method: 'POST' | 'PATCH', ...actions: FaultAction[]) => sandbox.addFaults(...actions.map((action) => ({ match: { method, path: '/archives/items/' }, action })));
const seen = (item: unknown) => Object.fromEntries(readSocketValues(item, 'values').map(({ socket, value, file, image: url }) => [socket.slug, url ? 'an image' : file ? 'a file' : value]));

describe('a new archive item', () => {
	it('holds what it was given, from every kind of source, when its imports are done', async () => {
		const item = await create({
			title: ' Case 7 ',
			values: [
				files('ct-image', await scan()),
				image('chest-xray'),
				files('radiology-report', fileOf('report.pdf', pdf)),
				json('acquisition-details', { kvp: 120 }),
				json('patient-age', 0),
				json('is-smoker', false),
			],
		});
		expect(item.title).toBe('Case 7');
		expect(seen(item)).toEqual({
			'ct-image': 'an image',
			'chest-xray': 'an image',
			'radiology-report': 'a file',
			'acquisition-details': 'a file',
			'patient-age': 0,
			'is-smoker': false,
		});
		expect((await written()).filter((request) => request.includes('items'))).toEqual(['api POST /api/v1/archives/items/', `api PATCH /api/v1/archives/items/${String(item.pk)}/`]);
	});

	it.each<[string, () => Promise<Assignment[]> | Assignment[], Record<string, unknown>]>([
		['an image from a file', async () => [files('ct-image', await scan())], { 'ct-image': 'an image' }],
		['an image from a pair of files', async () => {
			const [header, data] = await Promise.all((state.images.legacy?.files ?? []).map((pk) => sandbox.file(pk)));
			if (!header || !data) throw new Error('No pair');
			return [files('ct-image', fileOf('legacy.mhd', header.bytes), fileOf('legacy.zraw', data.bytes))];
		}, { 'ct-image': 'an image' }],
		['an image that is there, by pk', () => [image('chest-xray')], { 'chest-xray': 'an image' }],
		['an image that is there, by URL', () => [image('chest-xray', state.images.lung1?.api_url)], { 'chest-xray': 'an image' }],
		['a file', () => [files('radiology-report', fileOf('a/b/report.pdf', pdf))], { 'radiology-report': 'a file' }],
		['a JSON value', () => [json('patient-age', 0)], { 'patient-age': 0 }],
		['false', () => [json('is-smoker', false)], { 'is-smoker': false }],
		['a JSON value in a file socket', () => [json('acquisition-details', { kvp: 120 })], { 'acquisition-details': 'a file' }],
		['a JSON value in a file socket whose path has a folder', () => [json('threshold-report', { a: 1 })], { 'threshold-report': 'a file' }],
		['a socket by its pk', () => [json(String(state.sockets['patient-age']?.pk), 5)], { 'patient-age': 5 }],
		['nothing', () => [], {}],
	])('holds %s', async (_what, values, expected) => {
		const item = await create({ title: ' Case 7 ', values: await values() });
		expect(item).toMatchObject({ title: 'Case 7' });
		expect(seen(item)).toEqual(expected);
		expect(await items()).toMatchObject([{ pk: item.pk }]);
	});

	it('has the bytes that were sent', async () => {
		const item = await create({ values: [json('acquisition-details', { kvp: 120 }), files('radiology-report', fileOf('report.pdf', pdf))] });
		const stored = await Promise.all(readSocketValues(item, 'values').map(async ({ socket, pk }) => [socket.slug, (await sandbox.file(pk ?? '')).bytes.toString()]));
		expect(Object.fromEntries(stored)).toEqual({ 'acquisition-details': '{"kvp":120}', 'radiology-report': pdf });
	});

	it('may go to an archive by pk or URL too', async () => {
		for (const archive of [state.archives.empty?.pk, state.archives.empty?.api_url, `${sandbox.origins.api}/archives/incoming-cases/`]) await create({ parent: archive });
		expect(await items()).toHaveLength(3);
	});

	it('is given at once where nothing is waited for', async () => {
		await sandbox.setClock({ mode: 'manual' });
		const item = await create({ values: [files('ct-image', await scan()), json('patient-age', 3)], waitMs: 0 });
		expect(seen(item)).toEqual({ 'patient-age': 3 });
		await sandbox.setClock({ mode: 'auto' });
	});
});

describe('what cannot be', () => {
	it.each<[string, Partial<NewCase>, RegExp]>([
		['a title that is too long', { title: 'x'.repeat(256) }, /'Title' has 256 characters/],
		['an archive that is not there', { parent: 'no-such', values: [json('patient-age', 1)] }, /archive 'no-such'/],
		['a socket that is not there', { values: [json('patient-age', 1), json('no-such', 1)] }, /socket 'no-such'/],
		['a socket given twice', { values: [json('patient-age', 1), json('patient-age', 2)] }, /'patient-age' is given twice/],
		['JSON for an image', { values: [json('ct-image', {})] }, /takes an image, not a JSON value/],
		['JSON for a PDF', { values: [json('radiology-report', {})] }, /takes a file, not a JSON value/],
		['null', { values: [json('patient-age', null)] }, /was given no value/],
		['an image for a number', { values: [{ socket: 'patient-age', source: { from: 'image', image: 'x' } }] }, /takes a JSON value, not an image/],
		['an image that is not there', { values: [{ socket: 'ct-image', source: { from: 'image', image: '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0' } }] }, /image '0d11fc7b/],
		['a file for a number', { values: [files('patient-age', bad)] }, /takes a JSON value, and the file holds none/],
		['no file', { values: [files('ct-image')] }, /was given no file/],
		['two files for a PDF', { values: [files('radiology-report', bad, bad)] }, /takes one file, not 2/],
		['two files of one name', { values: [files('ct-image', bad, bad)] }, /two files of the same name: file 1 of 2 and file 2 of 2/],
		['DICOM files', { values: [files('ct-dicom-series', bad)] }, /de-identified/],
	])('%s is refused before anything is written', async (_what, wanted, message) => {
		const good = files('radiology-report', fileOf('report.pdf', pdf));
		const values = wanted.values?.some(({ socket }) => socket === 'radiology-report') ? wanted.values : [good, ...(wanted.values ?? [])];
		expect((await failureOf(create({ ...wanted, values }))).message).toMatch(message);
		expect(await written()).toEqual([]);
	});

	// Defect: only the whole names are compared, so the platform finds it, after the files went up and an upload each is left.
	it('two files whose names differ only in their folders are refused too: folders are cut off', async () => {
		const error = await failureOf(create({ values: [files('ct-image', fileOf('a/slice.mha', 'x'), fileOf('b/slice.mha', 'y'))] }));
		expect(error).toMatchObject({ reason: 'badInput' });
		expect(await written()).toEqual([]);
	});

	it('a file that is no image: the reason of the platform, and the item that is there', async () => {
		const error = await failureOf(create({ values: [json('patient-age', 3), files('ct-image', bad)] }));
		const [item] = await items();
		expect(error).toMatchObject({ reason: 'failedThere', message: expect.stringMatching(/'ct-image': 1 file could not be imported/), left: { archiveItem: item?.pk } });
		expect(error.advice).toContain(String(item?.pk));
	});

	it('a file that the socket drops without a word: the time limit, and the item that is there', async () => {
		const error = await failureOf(create({ values: [files('radiology-report', bad), json('patient-age', 3)], waitMs: 400 }));
		const [item] = await items();
		expect(error).toMatchObject({ reason: 'timeLimit', message: expect.stringContaining("'radiology-report'"), left: { archiveItem: item?.pk } });
	});

	it('a value that the platform refuses: the reason, and the item that was left empty', async () => {
		const error = await failureOf(create({ title: 'Case 7', values: [json('patient-age', 500)] }));
		const [item] = await items();
		expect(item).toMatchObject({ title: 'Case 7', values: [] });
		expect(error).toMatchObject({ reason: 'notAccepted', status: 400, left: { archiveItem: item?.pk } });
		expect(error.message).toContain('patient-age');
		expect(error.advice).toContain(`${item?.pk} was made and is empty`);
	});

	it('an upload that fails: no item is made', async () => {
		await sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 400 } });
		await failureOf(create({ values: [files('radiology-report', fileOf('report.pdf', pdf))] }));
		expect(await items()).toEqual([]);
		expect((await sandbox.state()).uploads).toMatchObject([{ status: 'Aborted' }]);
	});
});

describe('an answer that is lost', () => {
	const lost: Array<[string, FaultAction]> = [
		['502', { statusAfterApply: 502 }],
		['broken connection', { resetAfterApply: true }],
	];

	it.each(lost)('when the item is made (%s): the item is found by its title and filled', async (_how, action) => {
		await onItems('POST', action);
		const item = await create({ title: 'Case 7', values: [json('patient-age', 3), files('ct-image', await scan())] });
		expect(seen(item)).toEqual({ 'patient-age': 3, 'ct-image': 'an image' });
		expect(await items()).toMatchObject([{ pk: item.pk, title: 'Case 7' }]);
		expect((await written()).filter((request) => request.endsWith('POST /api/v1/archives/items/'))).toHaveLength(1);
	});

	it.each(lost)('when the item is made without a title (%s): outcome unknown, and no second one', async (_how, action) => {
		await onItems('POST', action);
		expect(await failureOf(create({ values: [json('patient-age', 3)] }))).toMatchObject({ reason: 'outcomeUnknown' });
		expect(await items()).toHaveLength(1);
	});

	it('when nothing came of it: outcome unknown, and no item', async () => {
		await onItems('POST', { status: 502 });
		expect(await failureOf(create({ title: 'Case 7' }))).toMatchObject({ reason: 'outcomeUnknown', message: expect.stringContaining("'Case 7'") });
		expect(await items()).toEqual([]);
	});

	it('when the item is made: another one of that title that holds something is not touched', async () => {
		await create({ title: 'Case 7', values: [json('patient-age', 9)] });
		await onItems('POST', { status: 502 });
		expect(await failureOf(create({ title: 'Case 7', values: [json('patient-age', 3)] }))).toMatchObject({ reason: 'outcomeUnknown' });
		expect((await items()).map(({ values }) => values.map(({ value }) => value))).toEqual([[9]]);
	});

	it.each(lost)('when a JSON value is written (%s)', async (_how, action) => {
		await onItems('PATCH', action);
		expect(seen(await create({ values: [json('patient-age', 3)] }))).toEqual({ 'patient-age': 3 });
	});

	it.each(lost)('when a file is written (%s)', async (_how, action) => {
		await onItems('PATCH', action, { delay: 300 });
		expect(seen(await create({ values: [files('radiology-report', fileOf('report.pdf', pdf))] }))).toEqual({ 'radiology-report': 'a file' });
	});

	it.each(lost)('when an image is written (%s)', async (_how, action) => {
		await onItems('PATCH', action, { delay: 300 });
		expect(seen(await create({ values: [files('ct-image', await scan())] }))).toEqual({ 'ct-image': 'an image' });
	});

	it.each(lost)('when the session is registered (%s): another one does no harm', async (_how, action) => {
		await sandbox.addFaults({ match: { method: 'POST', path: '/upload-sessions/' }, action });
		expect(seen(await create({ values: [files('ct-image', await scan())] }))).toEqual({ 'ct-image': 'an image' });
		expect((await sandbox.state()).sessions.map(({ status }) => status).sort()).toEqual(['Queued', 'Succeeded']);
	});
});
