// Inputs of a job by fields: one for each socket of the algorithm that is chosen.
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { createDicom } from '../../sandbox/media/dicom.mts';
import { createRandom } from '../../sandbox/random.mts';
import { by, id, items, json, makeBinary, readBinary, useWorld, type More } from './fixtures/world.mts';

const world = useWorld({ fresh: true });
beforeEach(async () => void (await world.sandbox.changeSettings({ jobDurationFactor: 0.01 })));

const lung1 = () => world.state.images.lung1?.pk ?? '';
const fieldsOf = async (parameters: INodeParameters) => await world.n8n.resourceMapping('algorithmInputs', { parameters, credentials: world.credentials() });
const both = 'ct-image, segmentation-threshold';

describe('the editor', () => {
	it('shows a field for each socket of the first interface, or of the one that is chosen, and of another algorithm', async () => {
		const ct = { id: 'ct-image', displayName: 'CT Image (Image)', required: true, defaultMatch: false, display: true, type: 'string' };
		const algorithm = by('list', 'lung-volume-above-threshold');
		expect(await fieldsOf({ algorithm })).toEqual({ fields: [ct] });
		const { fields } = await fieldsOf({ algorithm, interface: by('list', both) });
		expect(fields.map(({ id: slug, type, required }) => [slug, type, required])).toEqual([
			['ct-image', 'string', true],
			['segmentation-threshold', 'number', true],
		]);
		// The interface is still that of the algorithm before.
		const other = await fieldsOf({ algorithm: id('table-summary'), interface: by('list', both) });
		expect(other.fields.map(({ id: slug, type }) => [slug, type])).toEqual([
			['measurements-csv', 'string'],
			['patient-age', 'number'],
		]);
		expect((await fieldsOf({ algorithm: id('clinical-echo') })).fields.map(({ type }) => type)).toEqual(['string']);
	});

	it('lists the interfaces of the algorithm', async () => {
		const parameters = { algorithm: id('lung-volume-above-threshold') };
		const search = async (filter?: string) => (await world.n8n.listSearch('searchInterfaces', { parameters, credentials: world.credentials(), filter })).results;
		expect(await search()).toEqual([
			{ name: 'CT Image', value: 'ct-image' },
			{ name: 'CT Image, Segmentation Threshold', value: both },
		]);
		expect((await search('threshold')).map(({ value }) => value)).toEqual([both]);
	});

	it('asks besides the files of a DICOM image set for the name of its image, and whether they are clean', async () => {
		const { fields } = await fieldsOf({ algorithm: id('slice-counter') });
		expect(fields.map(({ id: key, displayName, type, required }) => [key, displayName, type, required])).toEqual([
			['ct-dicom-series', 'CT DICOM Series (DICOM Image Set)', 'string', true],
			['ct-dicom-series:imageName', 'CT DICOM Series: Image Name', 'string', false],
			['ct-dicom-series:alreadyDeidentified', 'CT DICOM Series: Files Are Already De-Identified', 'boolean', false],
		]);
	});

	it.each(['', '={{ $json.algorithm }}'])('says what to do while no algorithm is chosen: %j', async (value) => {
		expect(await fieldsOf({ algorithm: by('list', value) })).toEqual({ fields: [], emptyFieldsNotice: "Choose an 'Algorithm' to see its inputs. Where an expression names it, use rows" });
	});

	it('says why there are no fields', async () => {
		await expect(fieldsOf({ algorithm: id('no-such-algorithm') })).rejects.toThrow("Grand Challenge does not show algorithm 'no-such-algorithm'");
	});
});

describe('a run', () => {
	/** As the editor saves it. */
	const given = async (algorithm: string, value: IDataObject, chosen = ''): Promise<INodeParameters> => {
		const parameters = { algorithm: id(algorithm), interface: by('list', chosen) };
		const schema = (await fieldsOf(parameters)).fields.map(({ id: slug, displayName, required, defaultMatch, display, type = 'string' }) => ({ id: slug, displayName, required, defaultMatch, display, type }));
		return { ...parameters, inputsFrom: 'fields', inputs: { mappingMode: 'defineBelow', value: value as INodeParameters, matchingColumns: [], schema } };
	};
	const run = async (parameters: INodeParameters, more: More = {}) => await world.run('algorithmJob.startAndWait', parameters, more);
	const inputsOf = (result: Awaited<ReturnType<typeof run>>) => json(result)[0]?.inputs as Record<string, unknown>;
	const binary = async () => ({ scan: await makeBinary((await world.sandbox.file(lung1())).bytes, 'scan.mha') });

	it.each<[string, () => string]>([
		['ID', lung1],
		['URL', () => `${world.sandbox.origins.api}/cases/images/${lung1()}/`],
		['expression', () => '={{ $json.image }}'],
	])('takes an image by its %s, and makes a number of a text', async (_, image) => {
		const parameters = await given('lung-volume-above-threshold', { 'ct-image': image(), 'segmentation-threshold': '-2000' }, both);
		const result = await run(parameters, { items: items({ image: lung1() }) });
		expect(result.error?.message).toBeUndefined();
		expect(inputsOf(result)).toEqual({ 'ct-image': expect.objectContaining({ pk: lung1() }) as object, 'segmentation-threshold': -2000 });
	});

	it.each(['scan', 'sca*', '={{ $binary.scan }}'])('takes an image from binary data: %s', async (field) => {
		const result = await run(await given('lung-volume-above-threshold', { 'ct-image': field }), { items: [{ json: {}, binary: await binary() }] });
		expect([result.error?.message, json(result)[0]?.status]).toEqual([undefined, 'Succeeded']);
	});

	it('takes a file, and JSON', async () => {
		const table = await makeBinary(Buffer.from('a,b\n1,2\n'), 'table.csv');
		const files = await run(await given('table-summary', { 'measurements-csv': 'table', 'patient-age': 61 }), { items: [{ json: {}, binary: { table } }] });
		expect((json(files)[0]?.outputs as IDataObject)['row-count']).toBe(1);
		const value = await run(await given('clinical-echo', { 'clinical-information': '{ "history": ["cough"] }' }));
		expect(inputsOf(value)).toEqual({ 'clinical-information': { history: ['cough'] } });
	});

	describe('with a DICOM image set', () => {
		const slices = [1, 2].map((instance) => createDicom({ random: createRandom(instance), studyUid: '1.2.3', seriesUid: '1.2.3.1', instance, size: 8, patientName: 'Secret^Jane' }).bytes);
		const series = async () => Object.fromEntries(await Promise.all(slices.map(async (bytes, i) => [`slice_${i + 1}`, await makeBinary(bytes, `Secret ${i}.dcm`)] as const)));
		const count = async (value: IDataObject) => run(await given('slice-counter', value), { items: [{ json: { name: 'A series' }, binary: await series() }] });
		const imageOf = (result: Awaited<ReturnType<typeof run>>) => String((inputsOf(result)['ct-dicom-series'] as IDataObject).image);
		const stored = async (result: Awaited<ReturnType<typeof run>>) => {
			const { items: files } = await world.run('image.download', { image: id(imageOf(result)) });
			return Promise.all(files.map(async (file) => (await readBinary(file)).toString('latin1')));
		};

		it('de-identifies its files, and names its image', async () => {
			const result = await count({ 'ct-dicom-series': 'slice_*', 'ct-dicom-series:imageName': '={{ $json.name }}' });
			expect([result.error?.message, json(result)[0]?.outputs]).toEqual([undefined, { 'slice-count': 2 }]);
			expect((await world.api(imageOf(result))).name).toBe('A series');
			const files = await stored(result);
			expect(files.map((file) => [file.includes('DUMMY^PATIENT'), file.includes('Secret')])).toEqual([[true, false], [true, false]]);
			expect(JSON.stringify(await world.sandbox.requests())).not.toContain('Secret');
		});

		it('sends them as they are only where that is said', async () => {
			const result = await count({ 'ct-dicom-series': 'slice_1, slice_2', 'ct-dicom-series:imageName': 'series', 'ct-dicom-series:alreadyDeidentified': true });
			expect(result.error?.message).toBeUndefined();
			expect((await stored(result)).every((file) => file.includes('Secret'))).toBe(true);
		});

		it('takes an image that is on the platform, which has its name', async () => {
			const result = await count({ 'ct-dicom-series': world.state.images.dicom?.pk ?? '', 'ct-dicom-series:imageName': 'another', 'ct-dicom-series:alreadyDeidentified': false });
			expect([result.error?.message, json(result)[0]?.outputs]).toEqual([undefined, { 'slice-count': 3 }]);
		});

		it.each<[string, IDataObject, string | RegExp]>([
			['no name', { 'ct-dicom-series': 'slice_*' }, "The socket 'ct-dicom-series' (DICOM Image Set) was given no name for its image"],
			['no files', { 'ct-dicom-series:imageName': 'series' }, /./],
			['a file that is none', { 'ct-dicom-series': 'slice_*, text', 'ct-dicom-series:imageName': 'series' }, "The input item has no binary data in the field 'text'"],
		])('refuses %s before anything is sent', async (_, value, message) => {
			expect((await count(value)).error?.message).toMatch(message);
			expect(await world.writes()).toEqual([]);
		});
	});

	it('warns of DICOM files for an ordinary image', async () => {
		const scan = await makeBinary((await world.sandbox.file(lung1())).bytes, 'scan.dcm');
		const { hints } = await run(await given('lung-volume-above-threshold', { 'ct-image': 'scan' }), { items: [{ json: {}, binary: { scan } }, { json: {}, binary: { scan } }] });
		expect(hints.map(({ message }) => message)).toEqual([expect.stringContaining('Image: De-Identify DICOM de-identifies them first')]);
	});

	it('takes the jobs of an earlier try up', async () => {
		await world.sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/[0-9a-f]' }, times: 4, action: { status: 500 } });
		const result = await run(await given('clinical-echo', { 'clinical-information': '={{ { n: $json.n } }}' }), { items: items({ n: 1 }, { n: 2 }), retryOnFail: true });
		expect(json(result).map(({ inputs }) => inputs)).toEqual([1, 2].map((n) => ({ 'clinical-information': { n } })));
		expect((await world.sandbox.state()).jobs).toHaveLength(2);
	});

	it.each<[string, string, IDataObject, string, string]>([
		['an image that is neither', 'lung-volume-above-threshold', { 'ct-image': 'nothing' }, '', "The input item has no binary data in the field 'nothing'"],
		['an image that is missing', 'lung-volume-above-threshold', { 'ct-image': '={{ "" }}' }, '', "Lung Volume Above Threshold does not take these inputs. The closest of its interfaces takes 'ct-image' (missing: 'ct-image')"],
		['text that is no JSON', 'clinical-echo', { 'clinical-information': 'cough' }, '', "The value for the socket 'clinical-information' is not JSON"],
		['another interface', 'clinical-echo', { 'clinical-information': '1' }, 'ct-image', "Clinical Echo has no interface 'ct-image'"],
	])('refuses %s before anything is sent', async (_, algorithm, value, chosen, message) => {
		const parameters = await given(algorithm, value, chosen);
		expect((await run(parameters)).error?.message).toBe(message);
		expect(await world.writes()).toEqual([]);
	});
});
