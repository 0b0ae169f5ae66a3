import { bench, flatMha, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.setClock({ mode: 'manual' });
});
afterAll(() => sandbox.stop());

const newItem = async () => {
	const { archives } = await sandbox.state();
	const made = await sandbox.api('POST', 'archives/items/', {
		body: { archive: archives['empty']?.api_url, title: 'case' },
	});
	const path = `archives/items/${String(made.json['pk'])}/`;
	const patch = (...values: unknown[]) => sandbox.api('PATCH', path, { body: { values } });
	const values = async () =>
		(await sandbox.api('GET', path)).json['values'] as Array<{
			pk: number;
			interface: { slug: string };
			image: string | null;
			file: string | null;
		}>;
	return { made, path, patch, values };
};
const session = async (...uploads: string[]) => {
	const made = await sandbox.api('POST', 'cases/upload-sessions/', { body: { uploads } });
	const show = async () => (await sandbox.api('GET', `cases/upload-sessions/${String(made.json['pk'])}/`)).json;
	return { url: String(made.json['api_url']), show };
};

describe('archive items', () => {
	it('takes values only by update, and a title once per archive', async () => {
		const { archives } = await sandbox.state();
		const archive = archives['empty']?.api_url;
		const post = async (body: unknown) => (await sandbox.api('POST', 'archives/items/', { body })).json;
		expect(await post({ archive, values: [{ interface: 'patient-age', value: 3 }] })).toEqual([
			'Values can only be added via update',
		]);
		expect(await post({ archive: archives['empty']?.slug })).toEqual({
			archive: ['Invalid hyperlink - No URL match.'],
		});
		await post({ archive: `https://elsewhere.example/api/v1/archives/${archives['empty']?.pk}/`, title: 'twice' });
		expect(await post({ archive, title: 'twice' })).toEqual({
			non_field_errors: ['The fields title, archive must make a unique set.'],
		});
		expect(await post({ archive: archives['readOnly']?.api_url })).toEqual({
			archive: ['Invalid hyperlink - Object does not exist.'],
		});
	});

	it('answers mistakes in values with one entry per value, and stores none of them', async () => {
		const { patch, values } = await newItem();
		const reply = await patch(
			{ interface: 'patient-age', value: 50 },
			{ interface: 'zz', value: 1 },
			{ interface: 'is-smoker', value: 'yes' },
			{ value: 1 },
			{ interface: 'patient-sex', value: null, image: null },
			{ interface: 'ct-image', value: 1 },
			{ interface: 'ct-image', upload_session: '/api/v1/cases/upload-sessions/00000000-0000-4000-8000-000000000000/' },
		);
		expect(reply.json).toEqual({
			values: [
				{},
				{ interface: ['Object with slug=zz does not exist.'] },
				{ __all__: ["JSON does not fulfill schema: instance is not of type 'boolean'"] },
				{ non_field_errors: ['An interface must be specified'] },
				{
					non_field_errors: [
						"You must provide at least one of ['image', 'value', 'file', 'user_upload', 'upload_session', ('image_name', 'user_uploads')].",
					],
				},
				{ non_field_errors: ['upload_session, user_uploads or image are required for interface kind IMG'] },
				{ upload_session: ['Invalid hyperlink - Object does not exist.'] },
			],
		});
		expect(await values()).toEqual([]);
	});

	it('shares identical values, writes slugs and reads sockets, and empties on PUT', async () => {
		const { patch, values, path } = await newItem();
		const { items } = await sandbox.state();
		const written = await patch({ interface: 'patient-age', value: 61 }, { interface: 'patient-sex', value: 'F' });
		expect((written.json['values'] as unknown[])[0]).toEqual({
			interface: 'patient-age',
			value: 61,
			file: null,
			image: null,
			pk: items['lung1']?.values['patient-age'],
			image_name: null,
		});
		const [age] = await values();
		expect(age).toMatchObject({ interface: { slug: 'patient-age', kind: 'Integer' }, socket: { slug: 'patient-age' } });
		await patch({ interface: 'patient-age', value: 62 });
		expect((await values()).find((value) => value.interface.slug === 'patient-age')?.pk).not.toBe(age?.pk);
		expect((await sandbox.api('PUT', path, { body: {} })).json).toMatchObject({ values: [], title: '' });
	});

	it('refuses sockets that the phases of an archive do not take', async () => {
		const { items } = await sandbox.state();
		const reply = await sandbox.api('PATCH', `archives/items/${items['phase1']?.pk}/`, {
			body: { values: [{ interface: 'patient-age', value: 1 }] },
		});
		expect(reply.json).toEqual(["Socket 'patient-age' is not allowed for this archive."]);
	});
});

describe('imports', () => {
	it('says Succeeded before the image is attached, and shows the image only then', async () => {
		const { patch, values } = await newItem();
		const upload = await sandbox.upload('scan.mha', flatMha(7));
		const { url, show } = await session(upload);
		await sandbox.advance(100_000);
		expect(await show()).toMatchObject({ status: 'Queued' });
		await patch({ interface: 'ct-image', upload_session: url });
		expect(await show()).toMatchObject({ status: 'Re-Queued' });
		expect((await patch({ interface: 'ct-image', upload_session: url })).status).toBe(400);
		await sandbox.advance(12_000);
		const done = await show();
		expect(done).toMatchObject({ status: 'Succeeded', uploads: [] });
		const image = String((done['image_set'] as string[])[0]).replace(/.*\/v1\//u, '');
		expect((await sandbox.api('GET', image)).status).toBe(404);
		expect((await sandbox.api('GET', upload.replace(/.*\/v1\//u, ''))).status).toBe(404);
		expect(await values()).toEqual([]);
		await sandbox.advance(3_000);
		expect((await sandbox.api('GET', image)).json).toMatchObject({ name: 'scan.mha', width: 4, shape: [4, 4, 4] });
		expect(await values()).toHaveLength(1);
	});

	it('goes from Succeeded to Failed when the image does not fit its socket', async () => {
		const { patch, values } = await newItem();
		const { url, show } = await session(await sandbox.upload('mask.mha', flatMha(7)));
		await patch({ interface: 'lung-segmentation', upload_session: url });
		await sandbox.advance(12_000);
		expect(await show()).toMatchObject({ status: 'Succeeded' });
		await sandbox.settle();
		expect(await show()).toMatchObject({
			status: 'Failed',
			error_message: expect.stringContaining('Image validation for socket Lung Segmentation failed'),
		});
		expect(await values()).toEqual([]);
	});

	it('wants one image for a socket, and a file it can read', async () => {
		const { patch } = await newItem();
		const two = await session(await sandbox.upload('a.mha', flatMha(1)), await sandbox.upload('b.mha', flatMha(2)));
		await patch({ interface: 'ct-image', upload_session: two.url });
		const text = await session(await sandbox.upload('a.txt', 'hello'));
		await patch({ interface: 'chest-xray', upload_session: text.url });
		await sandbox.settle();
		expect(await two.show()).toMatchObject({
			status: 'Failed',
			error_message: 'Image imports should result in a single image',
		});
		expect(await text.show()).toMatchObject({
			status: 'Failed',
			error_message: '1 file could not be imported',
			uploads: [expect.any(String)],
		});
	});

	it('is content with one image, and forgets the files that gave none', async () => {
		const { patch, values } = await newItem();
		const mixed = await session(await sandbox.upload('a.mha', flatMha(1)), await sandbox.upload('notes.txt', 'hello'));
		await patch({ interface: 'ct-image', upload_session: mixed.url });
		await sandbox.settle();
		expect(await mixed.show()).toMatchObject({ status: 'Succeeded', error_message: '', uploads: [] });
		expect(await values()).toHaveLength(1);
	});

	it('makes an item of every image for an archive, which it takes by slug', async () => {
		const { archives } = await sandbox.state();
		const uploads = [await sandbox.upload('a.mha', flatMha(1)), await sandbox.upload('b.mha', flatMha(2))];
		const made = await sandbox.api('POST', 'cases/upload-sessions/', {
			body: { uploads, archive: archives['empty']?.slug },
		});
		expect(made.json).toMatchObject({ status: 'Queued', creator: 101 });
		await sandbox.settle();
		const items = await sandbox.api('GET', `archives/items/?archive=${archives['empty']?.pk}`);
		expect(
			(items.json['results'] as Array<{ values: Array<{ interface: { slug: string } }> }>).map(
				(item) => item.values[0]?.interface.slug,
			),
		).toEqual(['generic-medical-image', 'generic-medical-image']);
	});

	it('fails silently for files and DICOM', async () => {
		const { patch, values } = await newItem();
		const pdf = await sandbox.upload('a.pdf', 'not a PDF');
		const dicom = await sandbox.upload('a.dcm', 'not DICOM');
		const reply = await patch(
			{ interface: 'radiology-report', user_upload: pdf },
			{ interface: 'ct-dicom-series', user_uploads: [dicom], image_name: 'CT' },
		);
		expect([reply.status, reply.json['values']]).toEqual([200, []]);
		await sandbox.settle();
		expect(await values()).toEqual([]);
		expect((await sandbox.api('GET', pdf.replace(/.*\/v1\//u, ''))).json['status']).toBe('Completed');
	});

	it('takes DICOM files as an image set, and a PDF byte for byte', async () => {
		const { patch, values } = await newItem();
		const state = await sandbox.state();
		const series = await sandbox.api('GET', `cases/images/${state.images['dicom']?.pk}/dicom/instances/`);
		const [first] = series.json['instances'] as Array<{ sop_instance_uid: string }>;
		const instance = await sandbox.file(String(first?.sop_instance_uid));
		await patch(
			{
				interface: 'ct-dicom-series',
				user_uploads: [await sandbox.upload('1.dcm', instance.bytes)],
				image_name: 'My CT',
			},
			{ interface: 'radiology-report', user_upload: await sandbox.upload('a.pdf', '%PDF-1.4 hello') },
		);
		await sandbox.settle();
		const found = await values();
		const image = found.find((value) => value.image !== null)?.image ?? '';
		expect((await sandbox.api('GET', image.replace(/.*\/v1\//u, ''))).json).toMatchObject({
			name: 'My CT',
			files: [],
			color_space: '',
		});
		const report = found.find((value) => value.file !== null);
		expect((await sandbox.file(report?.pk ?? 0)).bytes.toString()).toBe('%PDF-1.4 hello');
	});
});
