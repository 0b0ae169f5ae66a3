// Downloads: the bytes that the platform stores, under names and paths that can be written to a disk, in both modes in which n8n
// keeps binary data.
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { by, id, items, json, readBinary, useWorld, values, type NodeResult, type World } from './fixtures/world.mts';

/** What holds for every downloaded item. */
const checkFiles = async (mode: string, { items: files, status }: NodeResult): Promise<void> => {
	expect(status).toBe('success');
	for (const item of files) {
		const { bytes, path, fileName, mimeType } = item.json;
		const data = item.binary?.data;
		expect(Object.keys(item.binary ?? {})).toEqual(['data']);
		expect((await readBinary(item)).length).toBe(bytes);
		expect({ fileName: data?.fileName, mimeType: data?.mimeType, bytes: data?.bytes }).toEqual({
			fileName,
			mimeType,
			bytes,
		});
		expect(data?.id !== undefined).toBe(mode === 'filesystem');
		expect(String(path)).toMatch(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u);
		expect(String(path).endsWith(`/${String(fileName)}`)).toBe(true);
	}
	expect(new Set(files.map((item) => item.json.path)).size).toBe(files.length);
};

const shown = (result: NodeResult, ...keys: string[]) => result.items.map((item) => keys.map((key) => item.json[key]));

/** Whether the file of an item is what the sandbox stores under a pk. */
const isStored = async (world: World, item: INodeExecutionData | undefined, pk: string | number): Promise<boolean> =>
	(await readBinary(item)).equals((await world.sandbox.file(pk)).bytes);

const archiveItemValues = (world: World, name: string) => Object.entries(world.state.items[name]?.values ?? {});

describe.each(['filesystem', 'default'] as const)('n8n keeps binary data in mode %s', (mode) => {
	const world = useWorld({ binaryMode: mode });

	it('that break off go on where they ended, and keep their order', async () => {
		// Slowly, so that what came is read before the connection breaks.
		const rule = { match: { origin: 'download' as const }, action: { cutAfter: 20_000, bytesPerSecond: 100_000 } };
		await world.sandbox.addFaults(rule, rule, rule);
		const pks = ['lung2', 'lung3', 'lung1'].map((name) => world.state.images[name]?.pk ?? '');
		const result = await world.run('image.download', { image: id('={{ $json.pk }}') }, { items: items(...pks.map((pk) => ({ pk }))) });
		await checkFiles(mode, result);
		expect(shown(result, 'image').flat()).toEqual(pks);
		for (const [i, name] of ['lung2', 'lung3', 'lung1'].entries()) expect(await isStored(world, result.items[i], world.state.images[name]?.files[0] ?? '')).toBe(true);
		const ranges = (await world.sandbox.requests()).filter(({ origin }) => origin === 'download').map(({ headers }) => headers.range);
		expect(ranges.filter(Boolean)).toHaveLength(3);
	});

	describe('in other forms', () => {
		const lungs = { archive: id('lung-phantoms'), onlyNew: false };

		it('one item per case, its files named by their sockets, its values at hand', async () => {
			const perFile = await world.run('archive.download', lungs);
			const { items: cases } = await world.run('archive.download', { ...lungs, options: { output: 'case', jsonValues: 'inline' } });
			expect(new Set(cases.map(({ json: { archiveItem } }) => archiveItem)).size).toBe(4);
			const lung1 = cases.find(({ json: { archiveItem } }) => archiveItem === world.state.items.lung1?.pk);
			expect(Object.keys(lung1?.binary ?? {}).sort()).toEqual(['acquisition-details', 'ct-image', 'measurements-csv', 'radiology-report']);
			expect(lung1?.json).toMatchObject({ title: 'Case 1', folder: world.state.items.lung1?.pk, values: { 'patient-age': 61, 'is-smoker': false, 'ct-image': { pk: world.state.images.lung1?.pk } } });
			for (const { field, socket, path, bytes } of lung1?.json.files as IDataObject[]) {
				const same = perFile.items.find(({ json }) => json.path === path);
				expect(same?.json).toMatchObject({ socket, bytes });
				expect((await readBinary({ json: {}, binary: { data: lung1?.binary?.[String(field)] as IBinaryData } })).equals(await readBinary(same))).toBe(true);
			}
		});

		it('the next images looked up before there is room for their files', async () => {
			await world.sandbox.addFaults({ match: { path: '/cases/images/' }, times: -1, action: { delay: 200 } });
			await world.run('archive.download', { ...lungs, options: { sockets: 'ct-image', connections: 2 } });
			const steps = (await world.sandbox.requests()).flatMap(({ origin, path }) => (path.includes('/cases/images/') ? ['image'] : origin === 'download' ? ['file'] : []));
			expect(steps).toHaveLength(8);
			expect(steps.slice(0, 4)).toEqual(['image', 'image', 'image', 'file']);
		});

		it('only some sockets, below a folder of another name', async () => {
			const paths = async (options: IDataObject, more = {}) => json(await world.run('archive.download', { ...lungs, options: { sockets: 'ct-image', ...options } }, more)).map(({ path }) => path).sort();
			expect(await paths({ folder: 'title' })).toEqual([1, 2, 3, 4].map((n) => `Case ${n}/images/ct-image/lung-${n}.mha`));
			const short = (name: string) => world.state.items[name]?.pk.slice(0, 8) ?? '';
			expect(await paths({ folder: 'image' })).toEqual([1, 2, 3, 4].map((n) => `lung-${n}-${short(`lung${n}`)}/images/ct-image/lung-${n}.mha`));
			expect(await paths({ sockets: 'no-such' })).toEqual([]);
		});

		it('of an item, with values in the item only', async () => {
			const result = await world.run('archiveItem.download', { archiveItem: id(world.state.items.lung1?.pk ?? ''), options: { jsonValues: 'inline', sockets: 'patient-age, radiology-report' } });
			expect(result.items.map(({ json: { socket, value, path }, binary }) => [socket, value, path === undefined, binary === undefined])).toEqual([
				['patient-age', 61, true, true],
				['radiology-report', undefined, false, false],
			]);
		});
	});

	it('only files of some types of images', async () => {
		const paths = async (...imageTypes: string[]) => json(await world.run('archive.download', { archive: id('legacy-and-dicom'), onlyNew: false, options: { imageTypes } })).map(({ path }) => String(path).split('.').at(-1)).sort();
		expect(await paths('TIFF')).toEqual(['tif']);
		expect(await paths('MHD')).toEqual(['mhd', 'zraw']);
		expect(new Set(await paths('DICOM'))).toEqual(new Set(['dcm']));
		expect(await paths('DZI')).toEqual([]);
		const image = { image: id(world.state.images.xray?.pk ?? '') };
		expect(json(await world.run('image.download', { ...image, options: { imageTypes: ['DZI', 'TIFF'] } }))).toMatchObject([{ mimeType: 'image/tiff' }]);
		expect((await world.run('image.download', { ...image, options: { imageTypes: ['MHD'] } })).error).toMatchObject({
			message: `The image '${world.state.images.xray?.pk}' has no MHD file`,
			description: 'It has TIFF. A whole-slide image gets its DZI some time after the import',
		});
	});

	it('of a size that memory does not hold are refused before they come, large ones are warned of', async () => {
		const announced = async (contentLength: number) => {
			await world.sandbox.addFaults({ match: { origin: 'download' }, action: { contentLength } });
			return world.run('image.download', { image: id(world.state.images.lung1?.pk ?? '') });
		};
		const large = await announced(150_000_000);
		expect(large.items).toHaveLength(1);
		const warnings = large.hints.filter(({ type }) => type === 'warning').map(({ message }) => message);
		expect(warnings).toEqual(mode === 'filesystem' ? [] : [expect.stringMatching(/^n8n keeps files in memory here and holds each one whole .* 'lung-1\.mha' \(150\.0 MB\)\. With N8N_DEFAULT_BINARY_DATA_MODE=filesystem it does not$/)]);
		if (mode === 'filesystem') return;
		await world.sandbox.clearRequests();
		expect((await announced(500_000_000)).error).toMatchObject({
			message: "n8n keeps files in memory here, which cannot hold 'lung-1.mha' (500.0 MB)",
			description: 'Let n8n keep them on disk: set N8N_DEFAULT_BINARY_DATA_MODE=filesystem. The most it holds in memory is 402.7 MB a file',
		});
		expect((await world.sandbox.requests()).filter(({ origin }) => origin === 'download')).toHaveLength(1);
	});

	it('of many files say in the end what it took', async () => {
		await world.sandbox.addFaults({ match: { origin: 'download' }, action: { status: 503 } });
		const { hints, items: files } = await world.run('archive.download', { archive: id('lung-phantoms'), onlyNew: false });
		const fetched = files.filter(({ json: { value } }) => value === undefined).length;
		expect(hints.map(({ message }) => message)).toEqual([expect.stringMatching(new RegExp(`^${fetched} files, 4 cases \\([\\d.]+ [kM]B\\) fetched in \\d+ s \\(.*/s\\); 1 request was tried again, after waits of 0 s in all$`))]);
		// Of one small file there is nothing to say.
		expect((await world.run('image.download', { image: id(world.state.images.lung1?.pk ?? '') })).hints).toEqual([]);
	});

	it.each(['lung1', 'legacy', 'xray'])('image %s', async (name) => {
		const { pk = '', name: title, files = [] } = world.state.images[name] ?? {};
		const result = await world.run('image.download', { image: id(pk) });
		await checkFiles(mode, result);
		expect(result.items).toHaveLength(files.length);
		const types: Record<string, string> = {
			mha: 'application/octet-stream',
			mhd: 'application/octet-stream',
			zraw: 'application/octet-stream',
			tif: 'image/tiff',
		};
		for (const [i, item] of result.items.entries()) {
			const file = await world.sandbox.file(files[i] ?? '');
			expect((await readBinary(item)).equals(file.bytes)).toBe(true);
			expect(item.json).toEqual({
				image: pk,
				name: title,
				fileName: file.name,
				path: `${pk}/${file.name}`,
				mimeType: types[file.name.split('.').at(-1) ?? ''],
				bytes: file.bytes.length,
			});
		}
	});

	it.each([
		['dicom', 3],
		['multiFrame', 1],
	])('DICOM image set %s, each instance once', async (name, count) => {
		const { pk = '' } = world.state.images[name] ?? {};
		const result = await world.run('image.download', { image: id(pk) });
		await checkFiles(mode, result);
		expect(result.items).toHaveLength(count);
		for (const item of result.items) {
			const uid = String(item.json.fileName).replace(/\.dcm$/, '');
			expect(uid).toMatch(/^[\d.]+$/);
			expect(item.json).toMatchObject({ path: `${pk}/${uid}.dcm`, mimeType: 'application/dicom' });
			expect(await isStored(world, item, uid)).toBe(true);
		}
		// Their own address signs these requests: it must not get our token.
		const requests = (await world.sandbox.requests()).filter(({ origin }) => origin !== 'api');
		expect(requests.map(({ origin, status }) => [origin, status])).toEqual(result.items.map(() => ['dicom', 200]));
		expect(JSON.stringify(requests)).not.toContain(world.sandbox.tokens.main);
	});

	it('archive item: images, files and values', async () => {
		const { pk = '', archive } = world.state.items.lung1 ?? {};
		const result = await world.run('archiveItem.download', {
			archiveItem: by('url', `/archives/lung-phantoms/items/${pk}/`),
		});
		await checkFiles(mode, result);
		const given: Record<string, [path: string, mimeType: string, value?: unknown]> = {
			'ct-image': ['images/ct-image/lung-1.mha', 'application/octet-stream'],
			'patient-age': ['patient-age.json', 'application/json', 61],
			'patient-sex': ['patient-sex.json', 'application/json', 'F'],
			'is-smoker': ['is-smoker.json', 'application/json', false],
			'clinical-information': ['clinical-information.json', 'application/json', { history: ['cough'], score: 0 }],
			'nodule-location': [
				'nodule-location.json',
				'application/json',
				{ name: 'nodule', type: 'Point', point: [13.4, 24, 24], version: { major: 1, minor: 0 } },
			],
			'radiology-report': ['radiology-report.pdf', 'application/pdf'],
			'measurements-csv': ['measurements.csv', 'text/csv'],
			'acquisition-details': ['acquisition-details.json', 'application/json'],
		};
		const valuePks = archiveItemValues(world, 'lung1');
		expect(result.items.map((item) => item.json)).toEqual(
			valuePks.map(([socket, valuePk]) => {
				const [path = '', mimeType, value] = given[socket] ?? [];
				return {
					archive,
					archiveItem: pk,
					title: 'Case 1',
					socket,
					valuePk,
					...(socket === 'ct-image' ? { image: world.state.images.lung1?.pk } : {}),
					...(value === undefined ? {} : { value }),
					fileName: path.split('/').at(-1),
					path: `${pk}/${path}`,
					mimeType,
					bytes: expect.any(Number) as number,
				};
			}),
		);
		for (const [i, [socket, valuePk]] of valuePks.entries()) {
			const value = given[socket]?.[2];
			if (value === undefined) expect(await isStored(world, result.items[i], valuePk)).toBe(true);
			else expect((await readBinary(result.items[i])).toString()).toBe(`${JSON.stringify(value, null, 2)}\n`);
		}
		// The token goes to the site, and not to where it sends the downloads.
		const beyond = (await world.sandbox.requests()).filter(({ origin }) => origin === 'download');
		expect(beyond).toHaveLength(4);
		expect(beyond.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
	});

	it('job: outputs, inputs, both, and with its end', async () => {
		const image = world.state.images.lung1?.pk ?? '';
		const started = await world.run('algorithmJob.startAndWait', {
			algorithm: id('lung-volume-above-threshold'),
			values: values({ image: [['ct-image', image]] }),
			options: { downloadOutputs: true },
		});
		const { pk, outputs } = (started.items[0]?.json ?? {}) as { pk: string; outputs: Record<string, IDataObject> };
		const download = async (which: string) => await world.run('algorithmJob.download', { job: id(pk), which });
		const input = ['ct-image', `${pk}/images/ct-image/lung-1.mha`];
		const output = [
			['mean-intensity', `${pk}/mean-intensity.json`],
			['volume-above-threshold', `${pk}/volume-above-threshold.json`],
			['summary-report', `${pk}/summary.pdf`],
			['threshold-report', `${pk}/reports/threshold-report.json`],
			['lung-segmentation', `${pk}/images/lung-segmentation/segmentation.mha`],
		];
		const both = await download('both');
		for (const result of [both, await download('inputs'), await download('outputs')]) await checkFiles(mode, result);
		expect(shown(both, 'socket', 'path')).toEqual([input, ...output]);
		expect(shown(await download('inputs'), 'socket', 'path')).toEqual([input]);
		expect(shown(await download('outputs'), 'socket', 'path')).toEqual(output);
		expect(shown(both, 'job', 'of')).toEqual(['input', ...output.map(() => 'output')].map((of) => [pk, of]));
		expect(await isStored(world, both.items[0], image)).toBe(true);
		expect(await isStored(world, both.items[5], String(outputs['lung-segmentation']?.pk))).toBe(true);

		const fields = started.items[0]?.binary ?? {};
		expect(Object.keys(fields).sort()).toEqual(output.map(([socket]) => socket).sort());
		for (const [i, [socket]] of output.entries()) {
			expect((await readBinary(started.items[0], socket)).equals(await readBinary(both.items[i + 1]))).toBe(true);
		}
	});

	it('archive: everything of every item', async () => {
		const result = await world.run('archive.download', { archive: id('lung-phantoms') });
		await checkFiles(mode, result);
		const archive = world.state.archives.lung?.pk;
		const wanted = [1, 2, 3, 4].flatMap((i) =>
			archiveItemValues(world, `lung${i}`).map(([socket, value]) => [
				`Case ${i}`,
				socket,
				{ archive, item: world.state.items[`lung${i}`]?.pk, value, files: 1, file: 0 },
			]),
		);
		expect(shown(result, 'title', 'socket', 'delivery').sort()).toEqual(wanted.sort());
		for (const item of result.items.filter(({ json: { value } }) => value === undefined)) {
			expect(await isStored(world, item, Number(item.json.valuePk))).toBe(true);
		}
	});
});

describe('a workflow that keeps binary data in the items (binaryMode combined)', () => {
	const world = useWorld();
	const settings = { binaryMode: 'combined' as const };

	it('gets files there, and takes them from there', async () => {
		const { pk = '' } = world.state.images.lung1 ?? {};
		const { bytes } = await world.sandbox.file(pk);
		const down = await world.run('image.download', { image: id(pk) }, { settings });
		const files = down.items[0]?.json._files as Record<string, IBinaryData>;
		expect((await readBinary({ json: {}, binary: files })).equals(bytes)).toBe(true);

		for (const field of ['_files.data', '={{ $json._files.data }}']) {
			const up = await world.run(
				'archiveItem.create',
				{ archive: id('incoming-cases'), values: values({ binary: [['ct-image', field]] }) },
				{ settings, items: [{ json: { _files: files as never } }] },
			);
			const { pk: image } = (up.items[0]?.json.values as Record<string, { pk: string }>)['ct-image'] ?? { pk: '' };
			expect((await world.sandbox.file(image)).bytes.equals(bytes)).toBe(true);
		}
	});
});

describe('what comes over the network is not trusted', () => {
	const world = useWorld();

	it('paths stay below the folder they are put in', async () => {
		const { pk = '' } = world.state.items.lung1 ?? {};
		const value = (slug: string, relative_path: string, more = {}) => ({
			interface: { slug, kind: 'Anything', super_kind: 'Value', relative_path },
			value: 1,
			...more,
		});
		const body = {
			pk: `../../${pk}`,
			archive: `${world.sandbox.origins.api}/api/v1/archives/x/`,
			title: '../title',
			values: [
				value('a', '../../../etc/passwd'),
				value('b', '/etc/cron.d/job'),
				value('c', 'C:\\Windows\\System32\\x.json'),
				value('d', 'a/./b/../../../c\u0000\n.json'),
				value('generic-medical-image', ''),
				value('f', 'con<>:"|?*.json. . '),
			],
		};
		await world.sandbox.addFaults({ match: { path: '/archives/items/' }, action: { body } });
		const result = await world.run('archiveItem.download', { archiveItem: id(pk) });
		expect(shown(result, 'path')).toEqual([
			[`${pk}/etc/passwd`],
			[`${pk}/etc/cron.d/job`],
			[`${pk}/C_/Windows/System32/x.json`],
			[`${pk}/a/b/c__.json`],
			[`${pk}/generic-medical-image`],
			[`${pk}/con_______.json`],
		]);
	});

	it('files of another site are not fetched with the token', async () => {
		const { pk = '' } = world.state.items.lung1 ?? {};
		const value = {
			interface: { slug: 'report', kind: 'PDF file', super_kind: 'File', relative_path: 'r.pdf' },
			file: 'https://evil.example/r.pdf',
		};
		await world.sandbox.addFaults({ match: { path: '/archives/items/' }, action: { body: { pk, values: [value] } } });
		const { error } = await world.run('archiveItem.download', { archiveItem: id(pk) });
		expect(error?.message).toMatch(/^The address leads to evil\.example, not to /);
	});

	it.each([
		['is cut off', { cutAfter: 1000 }],
		['is shorter than announced', { contentLength: 5000, contentType: 'application/octet-stream', body: 'x'.repeat(400) }],
		['is refused for a moment', { status: 503 }],
	])('a download that %s starts again', async (_, action) => {
		const { pk = '' } = world.state.images.lung1 ?? {};
		await world.sandbox.addFaults({ match: { origin: 'download' }, action });
		const result = await world.run('image.download', { image: id(pk) });
		await checkFiles('filesystem', result);
		expect(await isStored(world, result.items[0], pk)).toBe(true);
		expect((await world.sandbox.requests()).filter(({ origin }) => origin === 'download')).toHaveLength(2);
	});

	it('a download that never comes whole is not handed on', async () => {
		const { pk = '' } = world.state.images.lung1 ?? {};
		await world.sandbox.addFaults({ match: { origin: 'download' }, times: -1, action: { cutAfter: 1000 } });
		const given = { items: items({}, {}), onError: 'continueErrorOutput' as const };
		const { outputs } = await world.run('image.download', { image: id(pk), options: { retryStrategy: 'none' } }, given);
		expect(outputs[0]).toEqual([]);
		expect(outputs[1]?.map((item) => [item.json.error, item.pairedItem])).toEqual([
			["Grand Challenge broke the connection off when asked for the file 'lung-1.mha'", { item: 0 }],
			["Grand Challenge broke the connection off when asked for the file 'lung-1.mha'", { item: 1 }],
		]);
	});
});

describe('only what is new or has changed', () => {
	const world = useWorld({ fresh: true });
	const archive = id('lung-phantoms');
	const download = async (staticData?: IDataObject, onlyNew = true) =>
		await world.run('archive.download', { archive, onlyNew }, { staticData });
	const everything = 30;

	it('is downloaded in steps, until nothing is left', async () => {
		let staticData: IDataObject | undefined;
		const step = async () => {
			const result = await world.run('archive.download', { archive, onlyNew: true, options: { mostCases: 3, output: 'case' } }, { staticData });
			const marked = await world.run('archive.markAsDelivered', {}, { items: result.items, staticData });
			staticData = marked.staticData;
			return { cases: result.items.map(({ json: { title } }) => title), hints: result.hints.map(({ message }) => message) };
		};
		const [first, second, third] = [await step(), await step(), await step()];
		expect(first.hints.join()).toContain('3 cases were fetched; the next run goes on with the rest');
		expect([...first.cases, ...second.cases].sort()).toEqual(['Case 1', 'Case 2', 'Case 3', 'Case 4']);
		expect([first.cases.length, third.cases]).toEqual([3, []]);
		expect(third.hints.join()).toContain('values had been delivered before');
	});

	it('ends with the case that brings it over the bytes', async () => {
		const options = { mostMegabytes: 0.001, connections: 1, output: 'case' };
		const { items: cases, hints } = await world.run('archive.download', { archive, onlyNew: true, options });
		expect(cases).toHaveLength(1);
		expect(hints.map(({ message }) => message)).toContain('1 case was fetched; the next run goes on with the rest, once these are marked as delivered');
	});

	it('comes until it is marked as delivered', async () => {
		const first = await download();
		expect(first.items).toHaveLength(everything);
		expect(first.staticDataChanged).toBe(false);
		const again = await download(first.staticData);
		expect(again.items).toHaveLength(everything);

		const marked = await world.run('archive.markAsDelivered', {}, { items: again.items, staticData: again.staticData });
		expect(marked.staticDataChanged).toBe(true);
		expect(marked.hints).toEqual([]);
		expect(marked.items.map(({ json: fields, binary }) => ({ json: fields, binary }))).toEqual(
			again.items.map(({ json: fields, binary }) => ({ json: fields, binary })),
		);
		expect(marked.items.map(({ pairedItem }) => pairedItem)).toEqual(again.items.map((_, item) => ({ item })));
		expect((await download(marked.staticData)).items).toEqual([]);
		expect((await download(marked.staticData, false)).items).toHaveLength(everything);

		const { pk = '' } = world.state.items.lung3 ?? {};
		await world.api(`/api/v1/archives/items/${pk}/`, 'PATCH', { values: [{ interface: 'patient-age', value: 71 }] });
		const changed = await download(marked.staticData);
		expect(shown(changed, 'archiveItem', 'socket', 'value')).toEqual([[pk, 'patient-age', 71]]);

		const all = await world.run('archive.markAsDelivered', {}, { items: changed.items, staticData: marked.staticData });
		expect((await download(all.staticData)).items).toEqual([]);
	});

	it('leaves the files that were not marked', async () => {
		const { items: files } = await download();
		const { staticData } = await world.run('archive.markAsDelivered', {}, { items: files.slice(0, 12) });
		const rest = await download(staticData);
		expect(
			json(rest)
				.map(({ path }) => path)
				.sort(),
		).toEqual(
			files
				.slice(12)
				.map(({ json: { path } }) => path)
				.sort(),
		);
	});

	it('comes again as long as one file of an image is not marked', async () => {
		const legacy = async (staticData?: IDataObject) => {
			const all = await world.run('archive.download', { archive: id('legacy-and-dicom') }, { staticData });
			return all.items.filter(({ json: { title } }) => title === 'Old pair');
		};
		const pair = await legacy();
		expect(pair.map(({ json: { fileName } }) => fileName)).toEqual(['legacy.mhd', 'legacy.zraw']);
		const half = await world.run('archive.markAsDelivered', {}, { items: pair.slice(0, 1) });
		expect(await legacy(half.staticData)).toHaveLength(2);
		const whole = await world.run('archive.markAsDelivered', {}, { items: pair });
		expect(await legacy(whole.staticData)).toHaveLength(0);
	});

	it('comes without a file that cannot be had, and with an item that says so', async () => {
		await world.sandbox.addFaults({ match: { path: '/media/.*report-1' }, times: -1, action: { status: 404 } });
		const stopped = await download();
		expect(stopped.error?.message).toBe("Grand Challenge does not show the file 'radiology-report.pdf'");
		// So that there is something to tell.
		await world.sandbox.addFaults({ match: { origin: 'download' }, action: { status: 503 } });
		const { outputs, hints } = await world.run('archive.download', { archive }, { onError: 'continueErrorOutput' });
		expect(hints.map(({ message }) => message)).toEqual([expect.stringContaining(' files, 3 cases (')]);
		const item = world.state.items.lung1?.pk;
		expect(outputs.map((out) => out.length)).toEqual([everything - 1, 1]);
		expect(outputs[1]?.[0]?.json).toMatchObject({
			error: "Grand Challenge does not show the file 'radiology-report.pdf'",
			message: expect.stringMatching(
				`It belongs to the socket 'radiology-report' of the archive item ${item}$`,
			) as string,
			details: { reason: 'notFound', status: 404, archiveItem: item, socket: 'radiology-report' },
		});
		const marked = await world.run('archive.markAsDelivered', {}, { items: outputs[0] ?? [] });
		await world.sandbox.clearFaults();
		expect(shown(await download(marked.staticData), 'fileName')).toEqual([['radiology-report.pdf']]);
	});

	it('is kept per archive', async () => {
		const { staticData } = await world.run('archive.markAsDelivered', {}, { items: (await download()).items });
		const other = await world.run('archive.download', { archive: id('legacy-and-dicom') }, { staticData });
		expect(other.items).toHaveLength(2 + 3 + 1 + 1);
	});

	it('is not kept by a run in the editor, and that is said', async () => {
		const { items: files } = await download();
		const { hints } = await world.run('archive.markAsDelivered', {}, { items: files, mode: 'manual' });
		expect(hints).toEqual([
			{
				message:
					'n8n keeps what is marked as delivered only for executions of the published workflow, not for this one',
				type: 'info',
				location: 'outputPane',
			},
		]);
	});

	it('marks nothing when an item did not come from a download', async () => {
		const { items: files } = await download();
		const result = await world.run('archive.markAsDelivered', {}, { items: [...files, { json: {} }] });
		expect(result.error).toMatchObject({
			message: 'This item did not come from Archive: Download',
			context: { itemIndex: everything },
		});
		expect(result.staticData).toEqual({});
	});

	it('survives what else the workflow keeps, and what it cannot read', async () => {
		const pk = world.state.archives.lung?.pk ?? '';
		const staticData = { global: { [`grandChallenge.delivered.${pk}`]: 'nonsense', other: 1 } };
		const first = await download(staticData);
		expect(first.items).toHaveLength(everything);
		const marked = await world.run('archive.markAsDelivered', {}, { items: first.items, staticData });
		expect(marked.staticData.global).toMatchObject({ other: 1 });
		expect((await download(marked.staticData)).items).toEqual([]);
	});

	it('is downloaded for several archives at once', async () => {
		const given = {
			items: items({ slug: 'legacy-and-dicom' }, { slug: 'public-collection' }, { slug: 'phase-test-cases' }),
		};
		const result = await world.run('archive.download', { archive: id('={{ $json.slug }}') }, given);
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([
			...Array.from({ length: 7 }, () => ({ item: 0 })),
			{ item: 2 },
		]);
	});
});
