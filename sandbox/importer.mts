import { gunzipSync } from 'node:zlib';

import { headOf, readUpload, storeFile, uploadSize } from './files.mts';
import {
	elementBytes,
	maximumHeader,
	mhaHeaderText,
	parseMhaHeader,
	readVoxels,
	voxelCount,
	type MhaHeader,
} from './media/mha.mts';
import type { Platform } from './platform.mts';
import type { Image, ImageFile, StoredFile, Upload } from './store.mts';

/** A new image without files, not yet on record. */
export const blankImage = (platform: Platform, name: string, origin: string | null): Image => ({
	pk: platform.random.uuid(),
	name,
	created: platform.clock.wall(),
	origin,
	files: [],
	dicom: null,
	width: null,
	height: null,
	depth: null,
	timepoints: null,
	colorSpace: 'GRAY',
	modality: null,
	voxelSizeMm: [null, null, null],
	window: [null, null],
	segments: null,
	study: {},
});

/** An image file record for stored bytes. */
export const imageFile = (platform: Platform, type: ImageFile['type'], file: StoredFile): ImageFile => ({
	pk: platform.random.uuid(),
	type,
	file,
});

/**
 * Makes images of uploaded files. A `.mhd` takes the data file it names; every other file is an image of its own.
 * Returns the images (not yet on record) and how many files could not be imported.
 */
export const importUploads = async (
	platform: Platform,
	uploads: Upload[],
	origin: string,
): Promise<{ images: Image[]; failures: number }> => {
	const images: Image[] = [];
	const taken = new Set<Upload>();
	for (const upload of uploads) {
		const start = await headOf(readUpload(upload), maximumHeader);
		const header = parseMhaHeader(start);
		if (header === undefined || header.dataFile === 'LOCAL') continue;
		const data = uploads.find((other) => other.filename === header.dataFile);
		if (data === undefined) continue;
		images.push(await metaImage(platform, upload.filename, header, readUpload(data), origin));
		taken.add(upload).add(data);
	}
	let failures = 0;
	for (const upload of uploads) {
		if (taken.has(upload)) continue;
		const image = await importOne(platform, upload, origin);
		if (image === undefined) failures += 1;
		else images.push(image);
	}
	return { images, failures };
};

const importOne = async (platform: Platform, upload: Upload, origin: string): Promise<Image | undefined> => {
	const start = await headOf(readUpload(upload), maximumHeader);
	const header = parseMhaHeader(start);
	if (header !== undefined) {
		const bytes = uploadSize(upload) - header.offset;
		const isComplete = header.compressed || bytes >= voxelCount(header) * header.channels * (elementBytes(header) ?? 1);
		if (header.dataFile !== 'LOCAL' || !isComplete) return undefined;
		return metaImage(platform, upload.filename, header, readUpload(upload), origin, true);
	}
	const plain = recognise(start);
	if (plain === undefined) return undefined;
	// Not converted: the bytes stay what they are, where the platform would write a .mha or a pyramid.
	const image = { ...blankImage(platform, upload.filename, origin), ...plain.facts };
	const file = await storeFile(platform, `${stem(upload.filename)}.${plain.extension}`, readUpload(upload));
	image.files.push(imageFile(platform, plain.extension === 'tif' ? 'TIFF' : 'MHD', file));
	return image;
};

const stem = (filename: string) => filename.replace(/(?:\.nii\.gz|\.[^.]*)$/iu, '') || filename;

/** Stores a MetaImage as one `.mha` and reads its facts. With `isWhole` the bytes hold the header too. */
const metaImage = async (
	platform: Platform,
	filename: string,
	header: MhaHeader,
	bytes: AsyncIterable<Uint8Array>,
	origin: string | null,
	isWhole = false,
): Promise<Image> => {
	const image = blankImage(platform, filename, origin);
	const local = { ...header, dataFile: 'LOCAL' };
	const text = Buffer.from(mhaHeaderText(local));
	const withHeader = async function* () {
		if (!isWhole) yield text;
		yield* bytes;
	};
	const file = await storeFile(platform, `${stem(filename)}.mha`, withHeader());
	image.files.push(imageFile(platform, 'MHD', file));
	return describe(
		image,
		header,
		await segmentsOf(file.path, { ...header, offset: isWhole ? header.offset : text.length }),
	);
};

/** Fills in what a MetaImage header says of an image. */
export const describe = (image: Image, header: MhaHeader, segments: number[] | null): Image => {
	const [width, height, depth, timepoints] = header.size;
	const [x, y, z] = header.spacing;
	return {
		...image,
		width: width ?? null,
		height: height ?? null,
		depth: depth ?? null,
		timepoints: timepoints ?? null,
		colorSpace: header.channels === 3 ? 'RGB' : header.channels === 4 ? 'RGBA' : 'GRAY',
		voxelSizeMm: [x ?? null, y ?? null, z ?? null],
		segments,
	};
};

const largestSegmentation = 64 * 1024 ** 2;

/** The distinct voxel values of an integer image if they are at most 64, else null. */
export const segmentsOf = async (path: string, header: MhaHeader): Promise<number[] | null> => {
	const isInteger = !['MET_FLOAT', 'MET_DOUBLE'].includes(header.elementType);
	if (!isInteger || voxelCount(header) > largestSegmentation) return null;
	const seen = new Set<number>();
	try {
		for await (const voxels of readVoxels(path, header)) {
			for (const voxel of voxels) seen.add(voxel);
			if (seen.size > 64) return null;
		}
	} catch {
		return null;
	}
	return [...seen].sort((a, b) => a - b);
};

type Facts = Partial<Pick<Image, 'width' | 'height' | 'depth' | 'colorSpace' | 'voxelSizeMm'>>;

const recognise = (start: Buffer): { extension: string; facts: Facts } | undefined => {
	const magic = start.toString('latin1', 0, 8);
	if (magic === '\x89PNG\r\n\x1a\n' && start.length >= 26) {
		return {
			extension: 'png',
			facts: {
				width: start.readUInt32BE(16),
				height: start.readUInt32BE(20),
				colorSpace: [2, 6].includes(start[25] ?? 0) ? 'RGB' : 'GRAY',
			},
		};
	}
	if (magic.startsWith('\xff\xd8\xff')) return { extension: 'jpg', facts: { colorSpace: 'RGB' } };
	if (magic.startsWith('II*\0') || magic.startsWith('MM\0*')) return { extension: 'tif', facts: tiffFacts(start) };
	if (isNifti(start)) return { extension: 'nii', facts: niftiFacts(start) };
	if (magic.startsWith('\x1f\x8b')) {
		const inside = gunzipStart(start);
		if (isNifti(inside)) return { extension: 'nii.gz', facts: niftiFacts(inside) };
	}
	return undefined;
};

const gunzipStart = (start: Buffer): Buffer => {
	try {
		// Z_SYNC_FLUSH lets a truncated stream give what it has.
		return gunzipSync(start, { finishFlush: 2 });
	} catch {
		return Buffer.alloc(0);
	}
};

const isNifti = (start: Buffer) =>
	start.length >= 348 && ['n+1\0', 'ni1\0'].includes(start.toString('latin1', 344, 348));

const niftiFacts = (start: Buffer): Facts => ({
	width: start.readUInt16LE(42),
	height: start.readUInt16LE(44),
	depth: start.readUInt16LE(46),
	voxelSizeMm: [start.readFloatLE(80), start.readFloatLE(84), start.readFloatLE(88)],
});

const tiffFacts = (start: Buffer): Facts => {
	if (start[0] !== 0x49) return {};
	const directory = start.readUInt32LE(4);
	if (directory + 2 > start.length) return {};
	const facts: Facts = {};
	for (let i = 0; i < start.readUInt16LE(directory); i += 1) {
		const at = directory + 2 + i * 12;
		if (at + 12 > start.length) break;
		const value = start.readUInt16LE(at + 2) === 3 ? start.readUInt16LE(at + 8) : start.readUInt32LE(at + 8);
		if (start.readUInt16LE(at) === 256) facts.width = value;
		if (start.readUInt16LE(at) === 257) facts.height = value;
	}
	return facts;
};
