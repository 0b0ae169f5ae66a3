// Archive items and display sets that are made, changed, replaced and waited for.
import type { IBinaryKeyData, IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { createSession } from '../../client/files/sessions';
import { uploadFile } from '../../client/files/upload';
import { fileOf, testClient } from '../support/client.mts';
import { by, id, json, makeBinary, useWorld, values, type NodeResult } from './fixtures/world.mts';

const world = useWorld({ fresh: true });

const pkOf = (named: { pk: string } | undefined): string => named?.pk ?? '';
const scan = async (name = 'scan.mha') => makeBinary((await world.sandbox.file(pkOf(world.state.images.lung2))).bytes, name);
const csv = (name = 'table.csv', text = 'a,b\n1,2\n') => makeBinary(Buffer.from(text), name);
const jsonFile = (value: unknown, name = 'value.json') => makeBinary(Buffer.from(JSON.stringify(value)), name);

/** The two sorts of cases, with what each is in and one that may be changed. */
const sorts = [
	{ resource: 'archiveItem', place: { archive: id('incoming-cases') }, api: 'archives/items', field: 'archiveItem' },
	{ resource: 'displaySet', place: { readerStudy: id('practice-study') }, api: 'reader-studies/display-sets', field: 'displaySet' },
] as const;
type Sort = (typeof sorts)[number];

const stored = async ({ api }: Sort, pk: unknown) => {
	const entity = await world.api(`/api/v1/${api}/${String(pk)}/`);
	const found = entity.values as Array<{ interface: { slug: string }; value: unknown; file: unknown; image: unknown; pk: number }>;
	return { title: entity.title, order: entity.order, values: Object.fromEntries(found.map((value) => [value.interface.slug, value])) };
};
/** What a case holds, in short. */
const holds = async (sort: Sort, pk: unknown) =>
	Object.fromEntries(Object.entries((await stored(sort, pk)).values).map(([slug, { value, file, image }]) => [slug, image ? 'image' : file ? 'file' : value]));
const count = async ({ api }: Sort) => Number((await world.api(`/api/v1/${api}/?limit=1`)).count);

const create = (sort: Sort, parameters: INodeParameters, input: INodeExecutionData[] = [{ json: {} }], more: IDataObject = {}) =>
	world.run(`${sort.resource}.create`, { ...sort.place, title: '', ...parameters }, { items: input, ...more });
const only = (result: NodeResult) => {
	expect(result.error?.message).toBeUndefined();
	expect(result.items).toHaveLength(1);
	return json(result)[0] ?? {};
};
const withBinary = (binary: IBinaryKeyData, fields: IDataObject = {}): INodeExecutionData => ({ json: fields, binary });

describe.each(sorts)('$resource', (sort) => {
	const age = { title: 'Case 1', values: values({ json: [['patient-age', 61], ['is-smoker', true]] }) };
	const change = (operation: 'update' | 'replace' | 'wait', pk: unknown, parameters: INodeParameters, input: INodeExecutionData = { json: {} }) =>
		world.run(`${sort.resource}.${operation}`, { [sort.field]: id(String(pk)), ...parameters }, { items: [input] });

	it('is made and filled', async () => {
		const item = only(await create(sort, { ...age, values: values({ json: [['patient-age', 61]], binary: [['ct-image', 'data']] }) }, [withBinary({ data: await scan() })]));
		expect(item).toMatchObject({ title: 'Case 1', outcome: 'created', files: [{ socket: 'ct-image', files: ['scan.mha'], name: 'scan.mha' }] });
		expect(await holds(sort, item.pk)).toEqual({ 'patient-age': 61, 'ct-image': 'image' });
	});

	it('is updated: what is named is added or replaced, the rest stays', async () => {
		const { pk } = only(await create(sort, age));
		const updated = only(await change('update', pk, { values: values({ json: [['patient-age', 62]], binary: [['measurements-csv', 'data']] }) }, withBinary({ data: await csv() })));
		expect(updated).toMatchObject({ pk, title: 'Case 1', outcome: 'updated' });
		expect(await holds(sort, pk)).toEqual({ 'patient-age': 62, 'is-smoker': true, 'measurements-csv': 'file' });
	});

	it('is updated with a file in place of another: the step ends when the new one is there', async () => {
		const first = only(await create(sort, { values: values({ binary: [['measurements-csv', 'data']] }) }, [withBinary({ data: await csv('one.csv') })]));
		const before = (await stored(sort, first.pk)).values['measurements-csv']?.pk;
		only(await change('update', first.pk, { values: values({ binary: [['measurements-csv', 'data']] }) }, withBinary({ data: await csv('two.csv', 'c\n3\n') })));
		const after = (await stored(sort, first.pk)).values['measurements-csv']?.pk ?? 0;
		expect(after).not.toBe(before);
		expect((await world.sandbox.file(after)).bytes.toString()).toBe('c\n3\n');
	});

	it('gets another title, or none', async () => {
		const { pk } = only(await create(sort, age));
		expect(only(await change('update', pk, { options: { title: 'Case 2' } }))).toMatchObject({ title: 'Case 2' });
		expect(only(await change('update', pk, { options: { title: '' } }))).toMatchObject({ title: '' });
		expect(await holds(sort, pk)).toEqual({ 'patient-age': 61, 'is-smoker': true });
	});

	it('is not updated with nothing', async () => {
		const { pk } = only(await create(sort, age));
		await world.sandbox.clearRequests();
		expect((await change('update', pk, {})).error?.message).toBe('Nothing is to be changed');
		expect(await world.writes()).toEqual([]);
	});

	it('has all its values replaced, and keeps its title', async () => {
		const { pk } = only(await create(sort, age));
		only(await change('replace', pk, { values: values({ json: [['patient-sex', '"F"']] }) }));
		expect(await stored(sort, pk)).toMatchObject({ title: 'Case 1' });
		expect(await holds(sort, pk)).toEqual({ 'patient-sex': 'F' });
		only(await change('replace', pk, {}));
		expect(await holds(sort, pk)).toEqual({});
	});

	it('is waited for by another step', async () => {
		const made = only(await create(sort, { values: values({ binary: [['ct-image', 'data']] }), options: { waitForImport: false } }, [withBinary({ data: await scan() })]));
		expect(made.pending).toEqual([{ socket: 'ct-image', session: expect.any(String) as string, before: null }]);
		const arrived = only(await change('wait', '={{ $json.pk }}', { pending: '={{ $json.pending }}' }, { json: made }));
		expect(arrived).toMatchObject({ pk: made.pk, values: { 'ct-image': { pk: expect.any(String) as string } } });
		// By the name of the socket, and with nothing that is pending.
		expect(only(await change('wait', made.pk, { pending: 'ct-image' }))).toMatchObject({ pk: made.pk });
		expect(only(await change('wait', made.pk, { pending: '={{ $json.pending }}' }))).toMatchObject({ pk: made.pk });
	});

	it('says while it is waited for why nothing will come', async () => {
		const made = only(await create(sort, { values: values({ binary: [['ct-image', 'data']] }), options: { waitForImport: false } }, [withBinary({ data: await csv('notes.mha') })]));
		const { error } = await change('wait', made.pk, { pending: '={{ $json.pending }}' }, { json: made });
		expect(error?.message).toBe("Grand Challenge could not import the files of the socket 'ct-image': 1 file could not be imported");
	});

	it('is downloaded', async () => {
		const { pk } = only(await create(sort, { title: 'Case 1', values: values({ json: [['patient-age', 61]], binary: [['measurements-csv', 'data']] }) }, [withBinary({ data: await csv() })]));
		const result = await world.run(`${sort.resource}.download`, { [sort.field]: id(String(pk)) });
		expect(json(result).map(({ path, title }) => [path, title]).sort()).toEqual([
			[`${String(pk)}/measurements.csv`, 'Case 1'],
			[`${String(pk)}/patient-age.json`, 'Case 1'],
		].sort());
	});

	describe('a title that exists', () => {
		it.each<['fail' | undefined]>([['fail'], [undefined]])('fails (%s), before a file is sent', async (ifTitleExists) => {
			const { pk } = only(await create(sort, age));
			const [before] = [await count(sort), await world.sandbox.clearRequests()];
			const options: INodeParameters = ifTitleExists ? { ifTitleExists } : {};
			const { error } = await create(sort, { title: 'Case 1', values: values({ binary: [['ct-image', 'data']] }), options }, [withBinary({ data: await scan() })]);
			expect(error?.message).toBe(`There is already a case with the title 'Case 1': ${String(pk)}`);
			expect(await world.writes()).toEqual([]);
			expect(await count(sort)).toBe(before);
		});

		it('is skipped', async () => {
			const { pk } = only(await create(sort, age));
			await world.sandbox.clearRequests();
			const item = only(await create(sort, { title: 'Case 1', values: values({ json: [['patient-age', 5]] }), options: { ifTitleExists: 'skip' } }));
			expect(item).toMatchObject({ pk, outcome: 'skipped', values: { 'patient-age': 61 } });
			expect(await world.writes()).toEqual([]);
		});

		it('is updated, and only that case', async () => {
			const { pk } = only(await create(sort, age));
			const before = await count(sort);
			const item = only(await create(sort, { title: ' Case 1 ', values: values({ json: [['patient-age', 5]] }), options: { ifTitleExists: 'update' } }));
			expect(item).toMatchObject({ pk, outcome: 'updated' });
			expect(await holds(sort, pk)).toEqual({ 'patient-age': 5, 'is-smoker': true });
			expect(await count(sort)).toBe(before);
		});

		it('among the items of one run counts too, and the list is read once', async () => {
			const before = await count(sort);
			await world.sandbox.clearRequests();
			const input = [1, 2, 3].map((n) => ({ json: { n, title: n === 3 ? 'B' : 'A' } }));
			const result = await create(sort, { title: '={{ $json.title }}', values: values({ json: [['patient-age', '={{ $json.n }}']] }), options: { ifTitleExists: 'update' } }, input);
			expect(json(result).map(({ outcome }) => outcome)).toEqual(['created', 'updated', 'created']);
			expect((await world.requests()).filter((line) => line.includes(`${sort.api}/?`))).toHaveLength(1);
			expect(await count(sort)).toBe(before + 2);
		});
	});

	describe('files that make up one case', () => {
		it('come from several input items', async () => {
			const input = [
				withBinary({ data: await scan('scan.mha') }, { directory: '/cases/7', socket: 'ct-image' }),
				withBinary({ data: await csv('b.csv') }, { directory: '/cases/8', socket: 'measurements-csv' }),
				withBinary({ data: await csv('a.csv') }, { directory: '/cases/7', socket: 'measurements-csv' }),
			];
			const result = await create(
				sort,
				{
					title: '={{ $json.directory }}',
					values: values({ binary: [['={{ $json.socket }}', 'data']], json: [['patient-age', 3]] }),
					options: { groupBy: '={{ $json.directory }}' },
				},
				input,
			);
			expect(result.error?.message).toBeUndefined();
			expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 2 }], { item: 1 }]);
			expect(await Promise.all(json(result).map(({ pk }) => holds(sort, pk)))).toEqual([
				{ 'ct-image': 'image', 'measurements-csv': 'file', 'patient-age': 3 },
				{ 'measurements-csv': 'file', 'patient-age': 3 },
			]);
		});

		it('become one image of many files', async () => {
			const pair = await Promise.all((world.state.images.legacy?.files ?? []).map(async (pk, i) => makeBinary((await world.sandbox.file(pk)).bytes, i === 0 ? 'legacy.mhd' : 'legacy.zraw')));
			const input = pair.map((data) => withBinary({ data }, { name: 'x' }));
			const item = only(await create(sort, { values: values({ binary: [['ct-image', 'data']] }), options: { groupBy: '={{ $json.name }}' } }, input));
			expect(item).toMatchObject({ files: [{ files: ['legacy.mhd', 'legacy.zraw'], name: 'legacy.mhd' }] });
		});

		it('are found by a pattern of field names', async () => {
			const [mhd, zraw] = await Promise.all((world.state.images.legacy?.files ?? []).map(async (pk, i) => makeBinary((await world.sandbox.file(pk)).bytes, i === 0 ? 'legacy.mhd' : 'legacy.zraw')));
			const binary = { part_0: mhd, part_1: zraw, other: await csv() } as IBinaryKeyData;
			const item = only(await create(sort, { values: values({ binary: [['ct-image', 'part_*']] }) }, [withBinary(binary)]));
			expect(item).toMatchObject({ files: [{ files: ['legacy.mhd', 'legacy.zraw'] }] });
			const { error } = await create(sort, { values: values({ binary: [['ct-image', 'slice.*']] }) }, [withBinary(binary)]);
			expect(error).toMatchObject({ message: "No binary data of the input item has a field name like 'slice.*' for the socket 'ct-image'", description: "It has 'part_0', 'part_1', 'other'" });
		});

		it('have to agree on what else there is', async () => {
			const input = [withBinary({ data: await csv() }, { age: 1, name: 'x' }), withBinary({ data: await csv() }, { age: 2, name: 'x' })];
			const options = { groupBy: '={{ $json.name }}' };
			const values2 = values({ json: [['patient-age', '={{ $json.age }}']] });
			await world.sandbox.clearRequests();
			expect((await create(sort, { values: values2, options }, input)).error?.message).toBe("The items of one case give different values for the socket 'patient-age'");
			expect((await create(sort, { title: '={{ $json.age }}', options }, input)).error?.message).toBe("The items of one case differ in 'Title'");
			expect((await create(sort, { values: values({ binary: [['ct-image', 'scan']] }), options }, input)).error?.message).toBe("None of the items of this case has a file for the socket 'ct-image'");
			expect(await world.writes()).toEqual([]);
		});

		it('fail together', async () => {
			const input = [0, 1, 2].map((n) => ({ json: { n, name: n === 1 ? 'good' : 'bad' } }));
			const result = await create(sort, { values: values({ json: [['patient-age', '={{ $json.name === "bad" ? "\\"x\\"" : "1" }}']] }), options: { groupBy: '={{ $json.name }}' } }, input, { onError: 'continueRegularOutput' });
			expect(result.items.map((item) => [item.pairedItem, 'error' in item.json])).toEqual([
				[{ item: 0 }, true],
				[{ item: 2 }, true],
				[{ item: 1 }, false],
			]);
		});
	});
});

describe('values from elsewhere', () => {
	const [items, sets] = sorts;
	const rows = (row: INodeParameters): INodeParameters => row;

	it('come from a JSON file, where a socket holds a value', async () => {
		const item = only(await create(items, { values: values({ binary: [['clinical-information', 'data']] }) }, [withBinary({ data: await jsonFile({ a: [1, 'ü'] }) })]));
		expect(item).toMatchObject({ values: { 'clinical-information': { a: [1, 'ü'] } } });
		const { error } = await create(items, { values: values({ binary: [['clinical-information', 'data']] }) }, [withBinary({ data: await csv() })]);
		expect(error?.message).toBe("The socket 'clinical-information' (Anything) takes a JSON value, and the file (binary field 'data' of item 0) holds none");
	});

	it('come from an archive item, all of them, into a display set, without a new upload of its image', async () => {
		const { pk } = world.state.items.lung1 ?? { pk: '' };
		const from = await stored(items, pk);
		await world.sandbox.clearRequests();
		const made = only(await create(sets, { values: rows({ archiveItem: [{ archiveItem: id(pk) }] }) }));
		const copy = await stored(sets, made.pk);
		expect(Object.keys(copy.values).sort()).toEqual(Object.keys(from.values).sort());
		for (const [slug, { value, file, image, pk: valuePk }] of Object.entries(from.values)) {
			const copied = copy.values[slug];
			expect([slug, copied?.value, copied?.image]).toEqual([slug, value, image]);
			// Files cannot be shared: they were fetched and sent again.
			if (file) expect([slug, (await world.sandbox.file(copied?.pk ?? 0)).bytes.equals((await world.sandbox.file(valuePk)).bytes)]).toEqual([slug, true]);
		}
		const uploads = (await world.writes()).filter((line) => line === 'POST /api/v1/uploads/');
		expect(uploads).toHaveLength(Object.values(from.values).filter(({ file }) => file).length);
	});

	it('come from a display set: only those that are named, for other sockets where that is said', async () => {
		const { pk } = only(await create(sets, { values: values({ image: [['ct-image', pkOf(world.state.images.lung1)]], json: [['patient-age', 3], ['is-smoker', true]] }) }));
		const made = only(await create(items, { values: rows({ displaySet: [{ displaySet: id(String(pk)), sockets: 'ct-image > chest-xray, patient-age' }] }) }));
		expect(await holds(items, made.pk)).toEqual({ 'chest-xray': 'image', 'patient-age': 3 });
		const { error } = await create(items, { values: rows({ displaySet: [{ displaySet: id(String(pk)), sockets: 'patient-sex' }] }) });
		expect(error?.message).toBe(`The display set ${String(pk)} has no value for the socket 'patient-sex'`);
		expect(error?.description).toContain("'ct-image'");
	});

	it('come from a job: its outputs go to the case, and a value that is given counts more', async () => {
		const job = json(await world.run('algorithmJob.startAndWait', { algorithm: id('lung-volume-above-threshold'), values: values({ image: [['ct-image', pkOf(world.state.images.lung1)]], json: [['segmentation-threshold', -333]] }) }))[0];
		const outputs = Object.keys(job?.outputs as IDataObject);
		const made = only(await create(items, { values: { ...values({ json: [[outputs[0] ?? '', 1]] }), job: [{ job: id(String(job?.pk)), side: 'outputs' }] } }));
		const found = await holds(items, made.pk);
		expect(Object.keys(found).sort()).toEqual([...outputs].sort());
		expect(found[outputs[0] ?? '']).toBe(1);
		const both = only(await create(items, { values: rows({ job: [{ job: id(String(job?.pk)), side: 'inputs' }] }) }));
		expect(await holds(items, both.pk)).toEqual({ 'ct-image': 'image', 'segmentation-threshold': -333 });
	});

	it('feed a job with what of an archive item its algorithm takes', async () => {
		const run = await world.run('algorithmJob.start', { algorithm: id('lung-volume-above-threshold'), values: { ...values({ json: [['segmentation-threshold', -321]] }), archiveItem: [{ archiveItem: id(pkOf(world.state.items.lung1)) }] } });
		expect(run.error?.message).toBeUndefined();
		expect(json(run)).toMatchObject([{ inputs: { 'ct-image': { pk: expect.any(String) as string }, 'segmentation-threshold': -321 } }]);
	});

	it('come from an upload and an upload session that are there', async () => {
		const { gc } = testClient(world.sandbox);
		const [table, image] = await Promise.all([uploadFile(gc.transport, fileOf('table.csv', 'a\n1\n')), uploadFile(gc.transport, fileOf('scan.mha', (await world.sandbox.file(pkOf(world.state.images.lung2))).bytes))]);
		const session = String((await createSession(gc, [image], 'a session')).pk);
		const given = { upload: [{ socket: id('measurements-csv'), upload: by('url', table) }], session: [{ socket: id('ct-image'), uploadSession: id(session) }] };
		const made = only(await create(items, { values: given }));
		expect(await holds(items, made.pk)).toEqual({ 'measurements-csv': 'file', 'ct-image': 'image' });
		// Each can be used once.
		const { error } = await create(items, { values: { session: given.session } });
		expect(error?.message).toBe(`The upload session ${session} is Succeeded, not Queued`);
		expect((await create(items, { values: { upload: given.upload } })).error?.message).toMatch(/^Grand Challenge does not show upload '/);
	});
});

describe('a display set', () => {
	const [, sets] = sorts;

	it('has its place among the others', async () => {
		const { pk } = only(await create(sets, { title: 'First', options: { order: 5 } }));
		expect(await stored(sets, pk)).toMatchObject({ order: 5 });
		only(await world.run('displaySet.update', { displaySet: id(String(pk)), options: { order: 15 } }));
		expect(await stored(sets, pk)).toMatchObject({ order: 15, title: 'First' });
	});

	it('that has been answered is not changed, and nothing is sent for it', async () => {
		const { pk } = world.state.displaySets.nodules1 ?? { pk: '' };
		await world.sandbox.clearRequests();
		const files = await world.run('displaySet.update', { displaySet: id(pk), values: values({ binary: [['ct-image', 'data']] }) }, { items: [withBinary({ data: await scan() })] });
		expect(files.error?.message).toBe(`The display set ${pk} cannot be changed any more, since it has been answered`);
		expect(await world.writes()).toEqual([]);
		const title = await world.run('displaySet.update', { displaySet: id(pk), options: { title: 'Other' } });
		expect(title.error).toMatchObject({ message: expect.stringContaining('answers for it already exist') as string, description: 'Make a new display set, or have its answers deleted on the site' });
	});
});
