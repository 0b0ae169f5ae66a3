import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

import { bench, flatMha, idOf, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

/** Imports files into a new item of an archive each; gives the images by name, and the session. */
const importFiles = async (files: Record<string, Buffer>) => {
	const { archives } = await sandbox.state();
	const uploads = await Promise.all(Object.entries(files).map(([name, bytes]) => sandbox.upload(name, bytes)));
	const body = { uploads, archive: archives['empty']?.slug };
	const made = await sandbox.api('POST', 'cases/upload-sessions/', { body });
	await sandbox.settle();
	const session = (await sandbox.api('GET', `cases/upload-sessions/${String(made.json['pk'])}/`)).json;
	const images: Record<string, Record<string, unknown>> = {};
	for (const link of session['image_set'] as string[]) {
		const { json } = await sandbox.api('GET', `cases/images/${idOf(link)}/`);
		images[String(json['name'])] = json;
	}
	return { session, images };
};

/** Header and voxels of the one file that an image has. */
const storedMha = async (image: Record<string, unknown> | undefined) => {
	const [file] = image?.['files'] as Array<{ pk: string; file: string }>;
	expect(file?.file).toMatch(/\.mha$/u);
	const { bytes } = await sandbox.file(file?.pk ?? '');
	const start = bytes.indexOf('ElementDataFile = LOCAL\n') + 'ElementDataFile = LOCAL\n'.length;
	return { header: bytes.toString('latin1', 0, start), voxels: bytes.subarray(start) };
};

/** A zip file; every other entry is stored as it is, the rest is packed. */
const zip = (files: Record<string, Buffer>): Buffer => {
	const locals: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const [i, [name, bytes]] of Object.entries(files).entries()) {
		const packed = i % 2 === 0 ? deflateRawSync(bytes) : bytes;
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(i % 2 === 0 ? 8 : 0, 4);
		common.writeUInt32LE(crc32(bytes), 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(bytes.length, 18);
		common.writeUInt16LE(Buffer.byteLength(name), 22);
		const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
		const tail = Buffer.alloc(14);
		tail.writeUInt32LE(offset, 10);
		directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]));
		locals.push(local);
		offset += local.length;
	}
	const index = Buffer.concat(directory);
	const end = Buffer.alloc(18);
	end.writeUInt16LE(directory.length, 4);
	end.writeUInt16LE(directory.length, 6);
	end.writeUInt32LE(index.length, 8);
	end.writeUInt32LE(offset, 12);
	return Buffer.concat([...locals, index, Buffer.from('PK\x05\x06'), end]);
};

const seriesOf = async (name: string): Promise<Buffer[]> => {
	const { images } = await sandbox.state();
	const reply = await sandbox.api('GET', `cases/images/${images[name]?.pk}/dicom/instances/`);
	const uids = (reply.json['instances'] as Array<{ sop_instance_uid: string }>).map((entry) => entry.sop_instance_uid);
	return Promise.all([...new Set(uids)].map(async (uid) => (await sandbox.file(uid)).bytes));
};

it('makes images of what is in a zip file, and counts what gives none', async () => {
	const { session, images } = await importFiles({
		'cases.zip': zip({ 'one/a.mha': flatMha(1), 'two/b.mha': flatMha(2), 'one/notes.txt': Buffer.from('hello') }),
	});
	expect(session).toMatchObject({ status: 'Succeeded', error_message: '' });
	expect(Object.keys(images).sort()).toEqual(['a.mha', 'b.mha']);
	expect((await storedMha(images['b.mha'])).voxels.readInt16LE(0)).toBe(2);
	const bad = await importFiles({ 'texts.zip': zip({ 'a.txt': Buffer.from('a'), 'b.txt': Buffer.from('b') }) });
	expect(bad.session).toMatchObject({ status: 'Failed', error_message: '2 files could not be imported' });
	const broken = await importFiles({ 'broken.zip': Buffer.from('PK\x03\x04 and nothing') });
	expect(broken.session).toMatchObject({ status: 'Failed', error_message: '1 file could not be imported' });
});

it('makes one volume of the DICOM files of a series, whatever their order', async () => {
	const slices = await seriesOf('dicom');
	const [other] = await seriesOf('multiFrame');
	if (other === undefined) throw new Error('The seed has no multi-frame instance');
	const files = Object.fromEntries([...slices].reverse().map((bytes, i) => [`${i}.dcm`, bytes]));
	const { images } = await importFiles({ ...files, 'other.dcm': other });
	const [volume, ...more] = Object.values(images).sort(
		(a, b) => Number(b['voxel_depth_mm']) - Number(a['voxel_depth_mm']),
	);
	expect(more).toHaveLength(1);
	expect(volume).toMatchObject({
		shape: [3, 32, 32],
		modality: { modality: 'CT' },
		voxel_width_mm: 1.5,
		voxel_depth_mm: 3,
	});
	expect(more[0]).toMatchObject({ shape: [3, 32, 32] });
	const { voxels } = await storedMha(volume);
	const pixels = slices.map((bytes) => bytes.subarray(-32 * 32 * 2));
	expect(voxels.equals(Buffer.concat(pixels))).toBe(true);
});

it('turns a NIfTI into a .mha, packed or not', async () => {
	const header = Buffer.alloc(352);
	header.writeInt32LE(348, 0);
	[3, 2, 2, 1].forEach((value, i) => header.writeInt16LE(value, 40 + i * 2));
	header.writeInt16LE(4, 70);
	[1, 0.5, 0.5, 2].forEach((value, i) => header.writeFloatLE(value, 76 + i * 4));
	header.writeFloatLE(352, 108);
	header.write('n+1\0', 344, 'latin1');
	const voxels = Buffer.from(new Int16Array([1, 2, 3, -4]).buffer);
	const nifti = Buffer.concat([header, voxels]);
	const { images } = await importFiles({ 'a.nii': nifti, 'b.nii.gz': gzipSync(nifti) });
	for (const name of ['a.nii', 'b.nii.gz']) {
		expect(images[name]).toMatchObject({
			shape: [1, 2, 2],
			voxel_width_mm: 0.5,
			voxel_depth_mm: 2,
			segments: [-4, 1, 2, 3],
		});
		expect((await storedMha(images[name])).voxels.equals(voxels)).toBe(true);
	}
	const floats = Buffer.from(nifti);
	floats.writeInt16LE(32, 70);
	expect((await importFiles({ 'complex.nii': floats })).session).toMatchObject({ status: 'Failed' });
});

describe('a PNG', () => {
	const chunk = (type: string, data: Buffer) => {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(data.length);
		return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
	};
	const png = (width: number, color: number, rows: number[][], palette?: number[]) => {
		const header = Buffer.alloc(13);
		header.writeUInt32BE(width, 0);
		header.writeUInt32BE(rows.length, 4);
		header.set([8, color], 8);
		return Buffer.concat([
			Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
			chunk('IHDR', header),
			...(palette === undefined ? [] : [chunk('PLTE', Buffer.from(palette))]),
			chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
			chunk('IEND', Buffer.alloc(0)),
		]);
	};

	it('becomes a .mha, with every filter undone', async () => {
		const rows = [
			[0, 10, 20],
			[1, 5, 5],
			[2, 1, 1],
			[4, 1, 1],
			[3, 0, 0],
		];
		const { images } = await importFiles({ 'grey.png': png(2, 0, rows) });
		expect(images['grey.png']).toMatchObject({ shape: [5, 2], color_space: 'GRAY', voxel_width_mm: null });
		expect([...(await storedMha(images['grey.png'])).voxels]).toEqual([10, 20, 5, 10, 6, 11, 7, 12, 3, 7]);
	});

	it('keeps its colours, without alpha', async () => {
		const { images } = await importFiles({
			'rgba.png': png(1, 6, [[0, 1, 2, 3, 255]]),
			'palette.png': png(2, 3, [[0, 1, 0]], [9, 8, 7, 6, 5, 4]),
		});
		expect(images['rgba.png']).toMatchObject({ shape: [1, 1, 3], color_space: 'RGB' });
		expect([...(await storedMha(images['rgba.png'])).voxels]).toEqual([1, 2, 3]);
		expect([...(await storedMha(images['palette.png'])).voxels]).toEqual([6, 5, 4, 9, 8, 7]);
	});
});
