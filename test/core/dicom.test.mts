// Image: De-Identify DICOM, and DICOM files that are sent.
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { createDicom } from '../../sandbox/media/dicom.mts';
import { createRandom } from '../../sandbox/random.mts';
import { id, json, makeBinary, readBinary, useWorld } from './fixtures/world.mts';

const PATIENT = 'Secret^Jane';

/** A CT slice of a series. */
const slice = (instance: number, series = 1, patientName = PATIENT): Buffer =>
	createDicom({ random: createRandom(100 * series + instance), studyUid: '1.2.3.1', seriesUid: `1.2.3.1.${series}`, instance, size: 8, patientName }).bytes;

const item = async (bytes: Buffer, name = `${PATIENT}.dcm`): Promise<INodeExecutionData> => ({ json: { patient: PATIENT }, binary: { data: await makeBinary(bytes, name) } });

const uidsIn = (bytes: Buffer): string[] => bytes.toString('latin1').match(/2\.25\.\d+/g) ?? [];

describe.each(['filesystem', 'default'] as const)('Image: De-Identify DICOM, n8n keeping binary data in the mode %s', (binaryMode) => {
	const world = useWorld({ binaryMode });
	const run = async (items: INodeExecutionData[], parameters = {}) => world.run('image.deidentifyDicom', parameters, { items });

	it('gives clean files under neutral names, with counts, and asks the platform nothing', async () => {
		await world.sandbox.clearRequests();
		const result = await run([await item(slice(1)), await item(slice(2))]);
		expect(result.error).toBeUndefined();
		expect(json(result)).toEqual(Array(2).fill({ files: 1, procedure: '2025.11.0', kept: 17, removed: 0, replaced: 7, emptied: 3, newUids: 4 }));
		expect(result.items.map(({ binary }) => binary?.data?.fileName)).toEqual(['dicom_image_1.dcm', 'dicom_image_2.dcm']);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		for (const made of result.items) {
			const bytes = await readBinary(made);
			expect(bytes.toString('latin1')).toContain('DUMMY^PATIENT');
			expect(bytes.toString('latin1')).not.toMatch(/Secret|SANDBOX-1|1\.2\.3\.1/);
			expect(JSON.stringify(made.json)).not.toContain('Secret');
		}
		expect(await world.requests()).toEqual([]);
	});

	it('replaces UIDs alike in all files of a run, so that a series stays one', async () => {
		const { items } = await run([await item(slice(1)), await item(slice(2))]);
		const [first, second] = [uidsIn(await readBinary(items[0])), uidsIn(await readBinary(items[1]))];
		// All but those of the instances themselves, which stand in front of the data and in it.
		expect(first.filter((uid) => second.includes(uid)).length).toBe(first.length - 2);
	});

	it('takes several fields of one item', async () => {
		const binary = { a_1: await makeBinary(slice(1), 'x.dcm'), a_2: await makeBinary(slice(2), 'x.dcm'), other: await makeBinary(slice(3), 'x.dcm') };
		const { items } = await run([{ json: {}, binary }], { field: 'a_*' });
		expect(items[0]?.json.files).toBe(2);
		expect(Object.entries(items[0]?.binary ?? {}).map(([field, { fileName }]) => [field, fileName])).toEqual([['a_1', 'dicom_image_1_1.dcm'], ['a_2', 'dicom_image_1_2.dcm']]);
	});

	it('refuses files of two series where one is wanted, and tells where they are, and no value', async () => {
		const items = [await item(slice(1, 1)), await item(slice(1, 2))];
		expect((await run(items)).error).toBeUndefined();
		const { error } = await run(items, { options: { groupBy: 'one' } });
		expect(error?.message).toMatch(/^The file (\d) of 2 \(binary field 'data' of item \d\) does not belong to the others of this image: its Series Instance UID is another than in the file (?!\1)\d of 2 \(binary field 'data' of item \d\)/);
		expect(error?.description).toContain('An image set holds the files of one series of one patient');
	});

	it('refuses what is no DICOM file, or cut off', async () => {
		const errorOf = async (bytes: Buffer) => (await run([await item(bytes)])).error?.message;
		expect(await errorOf(Buffer.from('text'))).toMatch(/^The file \(binary field 'data' of item 0\) is no DICOM file/);
		expect(await errorOf(slice(1).subarray(0, -5))).toMatch(/^The file \(binary field 'data' of item 0\) is cut off/);
	});
});

describe('DICOM files for sockets', () => {
	const world = useWorld({ fresh: true });
	const two = async (second = slice(2)): Promise<INodeExecutionData[]> => [{ json: {}, binary: { a: await makeBinary(slice(1), `${PATIENT}1.dcm`), b: await makeBinary(second, `${PATIENT}2.dcm`) } }];
	const create = async (socket: string, row: INodeParameters, items: INodeExecutionData[]) =>
		world.run('archiveItem.create', { archive: id('incoming-cases'), values: { dicom: [{ socket: id(socket), field: 'a, b', ...row }] } }, { items });
	const uploads = async () => (await world.sandbox.requests()).filter(({ origin }) => origin === 'upload');
	const sentNames = async () => (await world.sandbox.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/uploads/')).map(({ body }) => body);

	/** What is on the platform then, as our node fetches it. */
	const fetched = async () => {
		const [image] = (await world.run('image.getMany', { filters: { name: 'series' } })).items;
		const { items } = await world.run('image.download', { image: id(String(image?.json.pk)) });
		return Promise.all(items.map((file) => readBinary(file)));
	};

	it('are de-identified on their way into an image set, under neutral names', async () => {
		const result = await create('ct-dicom-series', { imageName: 'series' }, await two());
		expect(result.error).toBeUndefined();
		expect(JSON.stringify(await sentNames())).toMatch(/^\[.*dicom_image_1\.dcm.*dicom_image_2\.dcm.*\]$/);
		const files = await fetched();
		expect(files).toHaveLength(2);
		for (const file of files) {
			expect(file.toString('latin1')).toContain('DUMMY^PATIENT');
			expect(file.toString('latin1')).not.toMatch(/Secret|1\.2\.3\.1/);
		}
	});

	it('are sent as they are when they identify no patient any more', async () => {
		const result = await create('ct-dicom-series', { imageName: 'series', alreadyDeidentified: true }, await two());
		expect(result.error).toBeUndefined();
		expect((await fetched()).map((file) => file.equals(slice(1)) || file.equals(slice(2)))).toEqual([true, true]);
		expect(JSON.stringify(await sentNames())).not.toContain('Secret');
	});

	it('are cleaned for an ordinary image, when that is wanted; else a hint says that they are not', async () => {
		const result = await create('ct-image', {}, await two());
		expect([result.error, result.hints]).toEqual([undefined, []]);
		expect(JSON.stringify(await sentNames())).toContain('dicom_image_2.dcm');
		const values = { binary: [{ socket: id('ct-image'), field: 'a, b' }] };
		const { hints } = await world.run('archiveItem.create', { archive: id('incoming-cases'), values }, { items: await two() });
		expect(hints.map(({ message }) => message)).toEqual([expect.stringContaining("'DICOM Files From Binary Data' de-identifies them first")]);
	});

	it.each(['archive.importImages', 'upload.create', 'uploadSession.create'])('are told by a hint to go as they are: %s', async (operation) => {
		const parameters = { archive: id('incoming-cases'), options: { waitForImport: false }, inputItems: 'separate' };
		const { hints } = await world.run(operation, operation.startsWith('archive') ? parameters : {}, { items: [await item(slice(1)), await item(slice(2))] });
		expect(hints.map(({ message }) => message)).toEqual([expect.stringContaining('Image: De-Identify DICOM de-identifies them first')]);
		const { items } = await world.run('image.deidentifyDicom', { field: 'data' }, { items: [await item(slice(1))] });
		expect((await world.run(operation, operation.startsWith('archive') ? parameters : {}, { items })).hints).toEqual([]);
	});

	it.each<[string, string, INodeParameters, () => Promise<INodeExecutionData[]>, RegExp]>([
		['no name for the image', 'ct-dicom-series', {}, two, /was given no name for its image/],
		['a name for an ordinary image', 'ct-image', { imageName: 'x' }, two, /names its image by itself/],
		['a socket of values', 'patient-age', { field: 'a' }, two, /takes a JSON value/],
		['two series', 'ct-dicom-series', { imageName: 'x' }, () => two(slice(2, 2)), /^The file \d of 2 \(binary field '[ab]' of item 0\) does not belong to the others/],
		['a bad file at the end', 'ct-dicom-series', { imageName: 'x' }, () => two(Buffer.from('text')), /^The file 2 of 2 \(binary field 'b' of item 0\) is no DICOM file/],
		['a bad file that is sent as it is', 'ct-dicom-series', { imageName: 'x', alreadyDeidentified: true }, () => two(Buffer.from('text')), /is no DICOM file/],
	])('are refused before anything is sent: %s', async (_, socket, row, items, message) => {
		const { error } = await create(socket, row, await items());
		expect(error?.message).toMatch(message);
		expect(await uploads()).toEqual([]);
		expect(await world.writes()).toEqual([]);
	});

	/** With a name that people may give a file. */
	const named = async (bytes: Buffer) => await makeBinary(bytes, `${PATIENT}.dcm`);
	const one = (binary: INodeExecutionData['binary'] = {}): INodeExecutionData[] => [{ json: {}, binary }];
	/** An error, the log and all requests; not what n8n saves of an execution that failed, since its input is a part of that. */
	const said = async (error: unknown) => [JSON.stringify(error), ...world.n8n.transcript().split('\n').filter((line) => !line.startsWith('[{"version"')), JSON.stringify(await world.sandbox.requests())].join('\n');
	const pixelsCut = slice(1).subarray(0, -5);

	it.each<[string, string, INodeParameters, () => Promise<INodeExecutionData[]>, RegExp]>([
		['De-Identify DICOM, of what is cut off', 'image.deidentifyDicom', {}, async () => one({ data: await named(pixelsCut) }), /is cut off/],
		['De-Identify DICOM, of two series', 'image.deidentifyDicom', { field: '*' }, async () => one({ a: await named(slice(1)), b: await named(slice(1, 2)) }), /another than in the file/],
		['De-Identify DICOM, of an expression', 'image.deidentifyDicom', { field: '={{ $binary.data }}' }, async () => one({ data: await named(Buffer.from('text')) }), /^The file \(binary data from an expression, item 0\)/],
		['a row for values', 'archiveItem.create', { archive: id('incoming-cases'), values: { binary: [{ socket: id('patient-age'), field: 'data' }] } }, async () => one({ data: await named(slice(1)) }), /takes a JSON value/],
		['files of the same name', 'archiveItem.create', { archive: id('incoming-cases'), values: { binary: [{ socket: id('ct-image'), field: '*' }] } }, async () => one({ a: await named(slice(1)), b: await named(slice(2)) }), /two files of the same name: file 1 of 2 \(binary field 'a' of item 0\) and file 2 of 2 \(binary field 'b' of item 0\)/],
		['files of the same name, to be imported', 'archive.importImages', { archive: id('incoming-cases'), field: '*' }, async () => one({ a: await named(slice(1)), b: await named(slice(2)) }), /two files of the same name/],
	])('are not named by an error, nor in the log or a request: %s', async (_, operation, parameters, items, message) => {
		const { error } = await world.run(operation, parameters, { items: await items() });
		expect(error?.message).toMatch(message);
		expect(await said(error)).not.toContain('Secret');
	});

	it('are not named where their upload fails', async () => {
		await world.sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 403 } });
		const { error } = await create('ct-dicom-series', { imageName: 'series' }, await two());
		expect(error?.message).toContain('dicom_image_1.dcm');
		expect(await said(error)).not.toContain('Secret');
	});
});
