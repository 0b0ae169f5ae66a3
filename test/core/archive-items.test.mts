// Archive Item: Create: values from everywhere they can come from arrive as they were given.
import type { IBinaryKeyData, INodeParameters } from 'n8n-workflow';
import { by, id, items, json, makeBinary, useWorld, values, type NodeResult, type World } from './fixtures/world.mts';

const incoming = { archive: id('incoming-cases') };
const create = async (world: World, parameters: INodeParameters, binary: IBinaryKeyData = {}) =>
	await world.run('archiveItem.create', { ...incoming, ...parameters }, { items: [{ json: {}, binary }] });

type Values = Record<string, unknown>;
const valuesIn = (result: NodeResult, i = 0): Values => (result.items[i]?.json.values ?? {}) as Values;

/** The bytes that the platform stores for a socket of an item. */
const stored = async (world: World, pk: unknown, socket: string): Promise<Buffer> => {
	const item = (await world.api(`/api/v1/archives/items/${String(pk)}/`)) as {
		values: Array<{ pk: number; interface: { slug: string } }>;
	};
	const value = item.values.find((entry) => entry.interface.slug === socket);
	return (await world.sandbox.file(value?.pk ?? 0)).bytes;
};

const points = {
	name: 'Nodules',
	type: 'Multiple points',
	points: [{ name: 'a', point: [1, 2, 3] }],
	version: { major: 1, minor: 0 },
};

describe.each(['filesystem', 'default'] as const)('n8n keeps binary data in mode %s', (mode) => {
	const world = useWorld({ binaryMode: mode });
	const scan = async () => (await world.sandbox.file(world.state.images.lung1?.pk ?? '')).bytes;

	it('takes values, files and images', async () => {
		const [mha, pdf, csv] = [await scan(), Buffer.from('%PDF-1.4\nreport'), Buffer.from('a;b\r\n1;2\r\n')];
		const { pk: xray = '', api_url } = world.state.images.xray ?? {};
		const result = await create(
			world,
			{
				title: '  Case A ',
				values: values({
					json: [
						['patient-age', 61],
						['is-smoker', false],
						['patient-sex', '"F"'],
						['clinical-information', { a: [null, 'ü'] }],
						['nodule-locations', points],
					],
					binary: [
						['ct-image', 'scan'],
						['radiology-report', 'report'],
						['measurements-csv', 'table'],
					],
					image: [['chest-xray', xray]],
				}),
			},
			{
				scan: await makeBinary(mha, 'a folder/scan 1 (ü).mha'),
				report: await makeBinary(pdf, 'report.pdf'),
				table: await makeBinary(csv, 'table.csv'),
			},
		);
		expect(result.error?.message).toBeUndefined();
		const [{ outcome, files, ...item } = {}] = json(result);
		expect(outcome).toBe('created');
		const scanPk = (item.values as { 'ct-image': { pk: string } })['ct-image'].pk;
		expect(files).toEqual([
			{ socket: 'ct-image', files: ['scan 1 (ü).mha'], image: scanPk, name: 'scan 1 (ü).mha' },
			{ socket: 'radiology-report', files: ['report.pdf'], image: null, name: null },
			{ socket: 'measurements-csv', files: ['table.csv'], image: null, name: null },
		]);
		expect(item).toEqual({
			pk: expect.any(String) as string,
			title: 'Case A',
			archive: world.state.archives.empty?.pk,
			values: {
				'patient-age': 61,
				'is-smoker': false,
				'patient-sex': 'F',
				'clinical-information': { a: [null, 'ü'] },
				'nodule-locations': { file: expect.stringMatching(/\/nodule-locations\.json$/) as string },
				'ct-image': { image: expect.stringMatching(/^http/) as string, pk: expect.any(String) as string },
				'radiology-report': { file: expect.stringMatching(/\/report\.pdf$/) as string },
				'measurements-csv': { file: expect.stringMatching(/\/table\.csv$/) as string },
				'chest-xray': { image: api_url, pk: xray },
			},
		});
		expect((await stored(world, item?.pk, 'ct-image')).equals(mha)).toBe(true);
		expect((await stored(world, item?.pk, 'radiology-report')).equals(pdf)).toBe(true);
		expect((await stored(world, item?.pk, 'measurements-csv')).equals(csv)).toBe(true);
		expect(JSON.parse((await stored(world, item?.pk, 'nodule-locations')).toString())).toEqual(points);
		// What a next step reads is the same.
		expect(json(await world.run('archiveItem.get', { archiveItem: id(String(item?.pk)) }))).toEqual([item]);
		expect((await world.sandbox.state()).uploads).toEqual([]);
	});

	it('takes an image of two files', async () => {
		const [header, data] = world.state.images.legacy?.files ?? [];
		const binary = {
			mhd: await makeBinary((await world.sandbox.file(header ?? '')).bytes, 'legacy.mhd'),
			zraw: await makeBinary((await world.sandbox.file(data ?? '')).bytes, 'legacy.zraw'),
		};
		const result = await create(world, { values: values({ binary: [['ct-image', 'mhd, zraw']] }) }, binary);
		const image = json(
			await world.run('image.get', { image: id((valuesIn(result)['ct-image'] as { pk: string }).pk) }),
		);
		expect(image).toMatchObject([{ name: 'legacy.mhd', width: 32, height: 32, depth: 16 }]);
	});

	it('takes a file of several parts, unchanged', async () => {
		const big = Buffer.alloc(17 * 1024 * 1024 + 3, 'a,b,c,d,e,f,g\n');
		const result = await create(
			world,
			{ values: values({ binary: [['measurements-csv', 'data']] }) },
			{ data: await makeBinary(big, 'big.csv') },
		);
		expect((await stored(world, result.items[0]?.json.pk, 'measurements-csv')).equals(big)).toBe(true);
		const parts = (await world.sandbox.requests()).filter(({ origin }) => origin === 'upload');
		expect(parts.map(({ method, bytesIn, headers }) => [method, bytesIn, headers.authorization])).toEqual([
			['PUT', 16 * 1024 * 1024, undefined],
			['PUT', 1024 * 1024 + 3, undefined],
		]);
	});

	it('takes an empty file', async () => {
		const result = await create(
			world,
			{ values: values({ binary: [['measurements-csv', 'data']] }) },
			{ data: await makeBinary(Buffer.alloc(0), 'empty.csv') },
		);
		expect((await stored(world, result.items[0]?.json.pk, 'measurements-csv')).length).toBe(0);
	});

	it('takes binary data from an expression that holds it', async () => {
		const mha = await scan();
		const fields = values({ binary: [['ct-image', '={{ $("Source").item.binary.scan }}']] });
		const result = await create(world, { values: fields }, { scan: await makeBinary(mha, 'scan.mha') });
		expect((await stored(world, result.items[0]?.json.pk, 'ct-image')).equals(mha)).toBe(true);
	});

	it('takes $binary where it holds the data, and sends nothing where it does not', async () => {
		const mha = await scan();
		const fields = values({ binary: [['ct-image', '={{ $binary.scan }}']] });
		const result = await create(world, { values: fields }, { scan: await makeBinary(mha, 'scan.mha') });
		if (mode === 'filesystem') {
			expect((await stored(world, result.items[0]?.json.pk, 'ct-image')).equals(mha)).toBe(true);
			return;
		}
		expect(result.error).toMatchObject({
			message: 'The expression gives no binary data',
			description:
				"Name the field that holds the file in 'Input Data Field Name'; it is shown in the Binary tab of the node before",
		});
		expect(await world.writes()).toEqual([]);
	});
});

describe('the wait', () => {
	const world = useWorld({ fresh: true });
	const files = async () => ({
		scan: await makeBinary((await world.sandbox.file(world.state.images.lung1?.pk ?? '')).bytes, 'scan.mha'),
		text: await makeBinary(Buffer.from('no image and no PDF'), 'notes.txt'),
	});
	const fields = values({ json: [['patient-age', 61]], binary: [['ct-image', 'scan']] });

	it('can be left out', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const result = await create(world, { values: fields, options: { waitForImport: false } }, await files());
		expect(valuesIn(result)).toEqual({ 'patient-age': 61 });
		await world.sandbox.settle();
		const later = await world.run('archiveItem.get', { archiveItem: id(String(result.items[0]?.json.pk)) });
		expect(Object.keys(valuesIn(later))).toEqual(['patient-age', 'ct-image']);
	});

	it('is not needed for what is there at once', async () => {
		await create(world, { values: values({ json: [['patient-age', 61]] }) });
		expect(await world.requests()).toEqual([
			'GET /api/v1/archives/?slug=incoming-cases&limit=2',
			'GET /api/v1/components/interfaces/?slug=patient-age&limit=2',
			'POST /api/v1/archives/items/',
			'PATCH /api/v1/archives/items/<pk>/',
			'GET /api/v1/archives/items/<pk>/',
		]);
	});

	it('tells why an import failed, and which item was made', async () => {
		const { error } = await create(world, { values: values({ binary: [['ct-image', 'text']] }) }, await files());
		const [, pk] = /The archive item (\S+) was made$/.exec(error?.description ?? '') ?? [];
		expect(error?.message).toBe(
			"Grand Challenge could not import the files of the socket 'ct-image': 1 file could not be imported",
		);
		expect(error?.description).toContain(
			'Check that the files are of a format that Grand Challenge imports, and that they make up one image. ',
		);
		expect(error?.context?.data).toEqual({ reason: 'failedThere', archiveItem: pk });
		expect(await world.api(`/api/v1/archives/items/${pk}/`)).toMatchObject({ values: [] });
	});

	it('ends, and tells what has not come', async () => {
		const result = await world.run(
			'archiveItem.create',
			{ ...incoming, values: values({ binary: [['radiology-report', 'text']] }), options: { maxWait: 0.01 } },
			{ items: [{ json: {}, binary: await files() }], onError: 'continueRegularOutput' },
		);
		expect(result.items[0]?.json).toEqual({
			error: "After 0.01 minutes there is no value for 'radiology-report' yet",
			message: expect.stringContaining("'Longest Wait' sets the time. The archive item ") as string,
			details: { reason: 'timeLimit', status: undefined, archiveItem: expect.any(String) as string },
		});
	});
});

describe('what the platform refuses', () => {
	const world = useWorld({ fresh: true });
	const emptyOne = 'The archive item <pk> was made and is empty; it can be deleted on the site';
	const told = (words: unknown) =>
		String(words)
			.replaceAll(world.sandbox.origins.api, '<site>')
			.replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<pk>');

	it.each<[string, INodeParameters, string, string]>([
		[
			'an archive that may only be read',
			{ archive: id('read-only-cases') },
			'Grand Challenge did not accept the archive item: archive: Invalid hyperlink - Object does not exist.',
			'This account can see the archive but not add to it: it has to be one of its uploaders or editors. Ask an editor of the archive (its page is found at <site>/archives/)',
		],
		[
			'a title that is taken',
			{ archive: id('lung-phantoms'), title: 'Case 1' },
			"Grand Challenge did not accept the archive item 'Case 1': The fields title, archive must make a unique set.",
			"There is already a case with this title. Change 'Title', or leave it empty",
		],
		[
			'a value that does not fit its socket',
			{ ...incoming, values: values({ json: [['patient-age', 200]] }) },
			'Grand Challenge did not accept the values of the archive item: values, patient-age: JSON does not fulfill schema: instance is greater than the maximum of 150',
			`Check the fields that are named. ${emptyOne}`,
		],
		[
			'a socket that the archive of a challenge does not take',
			{ archive: id('phase-test-cases'), values: values({ json: [['patient-age', 20]] }) },
			"Grand Challenge did not accept the values of the archive item: Socket 'patient-age' is not allowed for this archive.",
			`The archive belongs to a challenge and takes only the sockets that its algorithms use. ${emptyOne}`,
		],
	])('%s', async (_, parameters, message, description) => {
		const { error } = await world.run('archiveItem.create', parameters);
		expect([told(error?.message), told(error?.description), error?.context?.itemIndex]).toEqual([
			message,
			description,
			0,
		]);
	});
});

describe('identifiers', () => {
	const world = useWorld({ fresh: true });

	it.each<[string, () => INodeParameters]>([
		['from the list', () => by('list', world.state.archives.empty?.pk ?? '')],
		['by slug', () => by('id', 'incoming-cases')],
		['by pk', () => by('id', world.state.archives.empty?.pk ?? '')],
		['by page', () => by('url', `${world.sandbox.origins.api}/archives/incoming-cases/`)],
		['by API address', () => by('url', world.state.archives.empty?.api_url ?? '')],
		['by expression', () => by('id', '={{ $json.archive }}')],
	])('archive and socket %s', async (_, archive) => {
		const socket = world.state.sockets['patient-age']?.pk;
		const result = await world.run(
			'archiveItem.create',
			{
				archive: archive(),
				title: '={{ "Case " + $json.number }}',
				values: {
					json: [
						{ socket: by('list', 'is-smoker'), value: '={{ $json.number > 1 }}' },
						{ socket: by('id', String(socket)), value: '={{ $json.age }}' },
						{
							socket: by(
								'url',
								`${world.sandbox.origins.api}/api/v1/components/interfaces/${world.state.sockets['patient-sex']?.pk}/`,
							),
							value: '={{ JSON.stringify($json.sex) }}',
						},
						{ socket: by('id', '={{ $json.socket }}'), value: '={{ $json.object }}' },
					],
					image: [{ socket: id('ct-image'), image: '={{ $json.image }}' }],
				},
			},
			{
				items: items(
					...[1, 2].map((number) => ({
						archive: 'incoming-cases',
						number,
						age: 60 + number,
						sex: 'F',
						socket: 'clinical-information',
						object: { number },
						image: `/cases/images/${world.state.images[`lung${number}`]?.pk}/`,
					})),
				),
			},
		);
		expect(result.error?.message).toBeUndefined();
		expect(result.items).toMatchObject(
			[1, 2].map((number) => ({
				json: {
					title: `Case ${number}`,
					values: {
						'is-smoker': number > 1,
						'patient-age': 60 + number,
						'patient-sex': 'F',
						'clinical-information': { number },
						'ct-image': { pk: world.state.images[`lung${number}`]?.pk },
					},
				},
				pairedItem: { item: number - 1 },
			})),
		);
		// What both items name is looked up once.
		const asked = await world.requests();
		expect(asked.filter((line) => line.includes('/components/interfaces/'))).toHaveLength(5);
		expect(asked.filter((line) => /\/archives\/(\?|<pk>)/.test(line))).toHaveLength(1);
	});
});
