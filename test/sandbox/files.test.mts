import { gunzipSync } from 'node:zlib';

import { bench, md5, partUrl, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.setClock({ mode: 'manual' });
});
afterAll(() => sandbox.stop());

const start = async () => {
	const made = await sandbox.api('POST', 'uploads/', { body: { filename: 'scan.mha' } });
	const base = `uploads/${String(made.json['pk'])}/${String(made.json['s3_upload_id'])}`;
	const signed = await sandbox.api('PATCH', `${base}/generate-presigned-urls/`, { body: { part_numbers: [1, 2] } });
	const complete = (parts: unknown) => sandbox.api('PATCH', `${base}/complete-multipart-upload/`, { body: { parts } });
	return { base, complete, urls: [partUrl(signed, 1), partUrl(signed, 2)] as const };
};
const put = (url: string, body: string | Buffer, headers: Record<string, string> = {}) =>
	fetch(url, { method: 'PUT', body, headers });

describe('uploads', () => {
	it('takes parts on another origin, which wants no token', async () => {
		const { urls } = await start();
		expect(new URL(urls[0]).origin).toBe(sandbox.origins.upload);
		const refused = await put(urls[0], 'abc', { authorization: `Bearer ${sandbox.tokens.main}` });
		expect([refused.status, await refused.text()]).toEqual([
			400,
			expect.stringContaining('<Code>InvalidArgument</Code>'),
		]);
		const taken = await put(urls[0], 'abc');
		expect([taken.status, taken.headers.get('etag')]).toEqual([200, `"${md5('abc', 'hex')}"`]);
	});

	it('checks Content-MD5, the signature, its age, and the length', async () => {
		const { urls } = await start();
		expect(await (await put(urls[0], 'abc', { 'content-md5': md5('abd', 'base64') })).text()).toContain(
			'<Code>BadDigest</Code>',
		);
		expect((await put(urls[0], 'abc', { 'content-md5': md5('abc', 'base64') })).status).toBe(200);
		expect((await put(urls[0].replace('partNumber=1', 'partNumber=3'), 'abc')).status).toBe(403);
		const chunked = new Blob(['abc']).stream();
		expect((await fetch(urls[0], { method: 'PUT', body: chunked, duplex: 'half' } as RequestInit)).status).toBe(411);
		await sandbox.advance(3600_000);
		expect(await (await put(urls[0], 'abc')).text()).toContain('Request has expired');
	});

	it('completes only with the right tags, nothing else in the parts, and parts of 5 MiB', async () => {
		const { urls, complete, base } = await start();
		const tag1 = (await put(urls[0], 'abc')).headers.get('etag');
		const tag2 = (await put(urls[1], 'def')).headers.get('etag');
		const listed = await sandbox.api('GET', `${base}/list-parts/`);
		expect(listed.json['parts']).toMatchObject([{ ETag: tag1, PartNumber: 1, Size: 3 }, { PartNumber: 2 }]);
		expect((await complete(listed.json['parts'])).headers.get('content-type')).toContain('text/html');
		expect((await complete([{ ETag: tag2, PartNumber: 1 }])).status).toBe(500);
		expect(
			(
				await complete([
					{ ETag: tag1, PartNumber: 1 },
					{ ETag: tag2, PartNumber: 2 },
				])
			).status,
		).toBe(500);
		await sandbox.changeSettings({ minimumPartBytes: 1 });
		expect(
			(
				await complete([
					{ ETag: tag1, PartNumber: 1 },
					{ ETag: tag2, PartNumber: 2 },
				])
			).json['status'],
		).toBe('Completed');
		expect((await sandbox.api('GET', `${base}/list-parts/`)).status).toBe(500);
		expect(
			(await sandbox.api('PATCH', `${base}/generate-presigned-urls/`, { body: { part_numbers: [1] } })).json,
		).toEqual({ detail: 'Upload limit reached' });
	});

	it('forgets the id of an aborted upload', async () => {
		const { base } = await start();
		expect((await sandbox.api('PATCH', `${base}/abort-multipart-upload/`, { body: {} })).json).toMatchObject({
			status: 'Aborted',
			s3_upload_id: '',
		});
		expect((await sandbox.api('PATCH', `${base}/abort-multipart-upload/`, { body: {} })).json).toEqual({
			detail: 'Not found.',
		});
	});

	it('limits uploads, and forgets them after a day', async () => {
		await sandbox.changeSettings({ maxUploads: 1 });
		await start();
		await start();
		const refused = await sandbox.api('POST', 'uploads/', { body: { filename: 'c.mha' } });
		expect(refused.json).toEqual({ non_field_errors: ['You have created too many uploads. Please try again later.'] });
		await sandbox.advance(86_400_001);
		expect((await sandbox.api('GET', 'uploads/')).json['count']).toBe(0);
	});

	it('names wrong fields the way the platform does', async () => {
		expect((await sandbox.api('POST', 'uploads/', { body: { filename: '../../foo.bat' } })).json).toEqual({
			filename: ['../../foo.bat is not a valid filename'],
		});
		const { base } = await start();
		const reply = await sandbox.api('PATCH', `${base}/generate-presigned-urls/`, {
			body: { part_numbers: [10001, 1] },
		});
		expect(reply.json).toEqual({ part_numbers: { 0: ['Ensure this value is less than or equal to 10000.'] } });
	});
});

describe('downloads', () => {
	const redirect = async () => {
		const { images } = await sandbox.state();
		const image = await sandbox.api('GET', `cases/images/${images['lung1']?.pk}/`);
		const [file] = image.json['files'] as Array<{ file: string; pk: string }>;
		const url = String(file?.file);
		const answer = (token?: string) =>
			fetch(url, { redirect: 'manual', headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
		return { url, pk: String(file?.pk), answer };
	};

	it('redirects to another origin, which wants no token and serves ranges', async () => {
		const { pk, answer } = await redirect();
		const location = String((await answer(sandbox.tokens.main)).headers.get('location'));
		expect(new URL(location).origin).toBe(sandbox.origins.download);
		expect((await fetch(location, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
		const stored = await sandbox.file(pk);
		const whole = await fetch(location);
		expect(Buffer.from(await whole.arrayBuffer()).equals(stored.bytes)).toBe(true);
		const part = await fetch(location, {
			headers: { range: 'bytes=10-19', 'if-range': String(whole.headers.get('etag')) },
		});
		expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${stored.bytes.length}`]);
		expect(Buffer.from(await part.arrayBuffer()).equals(stored.bytes.subarray(10, 20))).toBe(true);
		expect((await fetch(location, { headers: { range: 'bytes=10-19', 'if-range': '"other"' } })).status).toBe(200);
	});

	it('expires after five minutes', async () => {
		const { answer } = await redirect();
		const location = String((await answer(sandbox.tokens.main)).headers.get('location'));
		await sandbox.advance(301_000);
		expect((await fetch(location)).status).toBe(403);
	});

	it('says 403 for images and 404 for socket values, in HTML, also to a bad token', async () => {
		const { answer } = await redirect();
		const refused = await answer('0'.repeat(64));
		expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
		const { items } = await sandbox.state();
		const item = await sandbox.api('GET', `archives/items/${items['lung1']?.pk}/`);
		const value = (item.json['values'] as Array<{ file: string | null }>).find((candidate) => candidate.file !== null);
		expect((await fetch(String(value?.file))).status).toBe(404);
	});

	it('serves DICOM instances to exactly the signed headers, one entry per frame', async () => {
		const { images } = await sandbox.state();
		const reply = await sandbox.api('GET', `cases/images/${images['multiFrame']?.pk}/dicom/instances/`);
		const instances = reply.json['instances'] as Array<{
			sop_instance_uid: string;
			get_instance: { url: string; headers: Record<string, string> };
		}>;
		expect(new Set(instances.map((instance) => instance.sop_instance_uid)).size).toBe(1);
		expect(instances).toHaveLength(3);
		const { url, headers } = instances[0]?.get_instance ?? { url: '', headers: {} };
		expect(new URL(url).origin).toBe(sandbox.origins.dicom);
		expect((await fetch(url, { headers: { ...headers, Accept: '*/*' } })).status).toBe(403);
		expect((await fetch(url, { headers: { ...headers, Authorization: `Bearer ${sandbox.tokens.main}` } })).status).toBe(
			403,
		);
		const bytes = Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
		expect(bytes.toString('latin1', 128, 132)).toBe('DICM');
		await sandbox.advance(901_000);
		expect((await fetch(url, { headers })).status).toBe(403);
	});

	it('lists the frames of a DICOM image set, with signed requests for their pixels', async () => {
		const { images } = await sandbox.state();
		const reply = await sandbox.api('GET', `cases/images/${images['multiFrame']?.pk}/dicom/frames/`);
		interface Signed {
			url: string;
			method: string;
			data: unknown;
			headers: Record<string, string>;
		}
		const send = ({ url, method, data, headers }: Signed) =>
			fetch(url, { method, headers, body: JSON.stringify(data) });
		const frames = reply.json['image_frames'] as Array<{ image_frame_id: string; get_image_frame: Signed }>;
		expect(new Set(frames.map((frame) => frame.image_frame_id)).size).toBe(3);
		const metadata = await send(reply.json['get_image_set_metadata'] as Signed);
		const described = gunzipSync(Buffer.from(await metadata.arrayBuffer())).toString();
		for (const frame of frames) expect(described).toContain(frame.image_frame_id);
		const pixels = await Promise.all(
			frames.map(async (frame) => Buffer.from(await (await send(frame.get_image_frame)).arrayBuffer())),
		);
		const uid = /([0-9.]+)":\{"ImageFrames/u.exec(described)?.[1] ?? '';
		const whole = await sandbox.file(uid);
		expect(whole.bytes.subarray(-3 * 32 * 32 * 2).equals(Buffer.concat(pixels))).toBe(true);
		expect((await sandbox.api('GET', `cases/images/${images['lung1']?.pk}/dicom/frames/`)).json).toEqual({
			detail: 'This image does not have a DICOM Image Set.',
		});
	});

	it('shows a TIFF and the old pair, and no files for DICOM', async () => {
		const { images } = await sandbox.state();
		const of = async (name: string) => (await sandbox.api('GET', `cases/images/${images[name]?.pk}/`)).json;
		expect((await of('legacy'))['files']).toMatchObject([{ image_type: 'MHD' }, { image_type: 'MHD' }]);
		expect(await of('dicom')).toMatchObject({
			files: [],
			color_space: '',
			shape: [],
			width: null,
			dicom_image_set: { image_set_id: expect.any(String) },
		});
		await sandbox.changeSettings({ drift: 'A' });
		const old = await of('dicom');
		expect(old['shape_without_color']).toEqual([null, null]);
		expect(Object.keys(old)).not.toContain('shape');
	});
});
