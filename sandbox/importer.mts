import { basename } from 'node:path/posix';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { headOf, readUpload, storeFile, uploadSize } from './files.mts';
import { isDicom } from './media/dicom.mts';
import {
	elementBytes,
	maximumHeader,
	mhaHeaderText,
	parseMhaHeader,
	readVoxels,
	voxelCount,
	type MhaHeader,
} from './media/mha.mts';
import { niftiHeaderBytes, parseNiftiHeader } from './media/nifti.mts';
import { decodePng, isPng } from './media/png.mts';
import { makeVolumes } from './media/series.mts';
import { isZip, readZip, through } from './media/zip.mts';
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

/** A file to make an image of: an upload, or what an uploaded zip file holds. */
interface ImportFile {
	name: string;
	size: number;
	read(): AsyncIterable<Uint8Array>;
}

/**
 * Makes images of uploaded files; of a zip file, of those in it. A `.mhd` takes the data file it names, the DICOM files
 * of a series make one volume; every other file is an image of its own.
 * Returns the images (not yet on record) and how many files could not be imported.
 */
export const importUploads = async (
	platform: Platform,
	uploads: Upload[],
	origin: string,
): Promise<{ images: Image[]; failures: number }> => {
	const files = (await Promise.all(uploads.map((upload) => unpack(platform, upload)))).flat();
	const images: Image[] = [];
	const taken = new Set<ImportFile>();
	const dicom: ImportFile[] = [];
	for (const file of files) {
		const start = await headOf(file.read(), maximumHeader);
		if (isDicom(start)) dicom.push(file);
		const header = parseMhaHeader(start);
		if (header === undefined || header.dataFile === 'LOCAL') continue;
		const data = files.find((other) => other.name === header.dataFile);
		if (data === undefined) continue;
		images.push(await metaImage(platform, file.name, header, data.read(), origin));
		taken.add(file).add(data);
	}
	const series = await importSeries(platform, dicom, origin);
	images.push(...series.images);
	let { failures } = series;
	for (const file of files) {
		if (taken.has(file) || dicom.includes(file)) continue;
		const image = await importOne(platform, file, origin);
		if (image === undefined) failures += 1;
		else images.push(image);
	}
	return { images, failures };
};

/** The files of a zip file by their own names; everything else is one file. */
const unpack = async (platform: Platform, upload: Upload): Promise<ImportFile[]> => {
	const whole = { name: upload.filename, size: uploadSize(upload), read: () => readUpload(upload) };
	if (!isZip(await headOf(readUpload(upload), 4))) return [whole];
	const { path } = await storeFile(platform, upload.filename, readUpload(upload));
	const entries = await readZip(path);
	return entries?.map((entry) => ({ ...entry, name: basename(entry.name) })) ?? [whole];
};

const importSeries = async (
	platform: Platform,
	files: ImportFile[],
	origin: string,
): Promise<{ images: Image[]; failures: number }> => {
	const { volumes, left } = makeVolumes(await Promise.all(files.map((file) => headOf(file.read(), file.size))));
	const images: Image[] = [];
	for (const { seriesUid, modality, window, mha } of volumes) {
		const image = await mhaImage(platform, `${seriesUid}.dcm`, mha, origin);
		images.push({ ...image, modality, window });
	}
	return { images, failures: left };
};

/** An image of the bytes of a `.mha` that was made here. */
const mhaImage = async (platform: Platform, filename: string, mha: Buffer, origin: string): Promise<Image> => {
	const header = parseMhaHeader(mha);
	if (header === undefined) throw new Error('The importer made a bad image');
	return metaImage(platform, filename, header, Readable.from([mha]), origin, true);
};

const importOne = async (platform: Platform, file: ImportFile, origin: string): Promise<Image | undefined> => {
	const start = await headOf(file.read(), maximumHeader);
	const header = parseMhaHeader(start);
	if (header !== undefined) {
		const bytes = file.size - header.offset;
		const isComplete = header.compressed || bytes >= voxelCount(header) * header.channels * (elementBytes(header) ?? 1);
		if (header.dataFile !== 'LOCAL' || !isComplete) return undefined;
		return metaImage(platform, file.name, header, file.read(), origin, true);
	}
	const nifti = await importNifti(platform, file, start, origin);
	if (nifti !== undefined) return nifti;
	if (isPng(start)) return importPng(platform, file, origin);
	const plain = recognise(start);
	if (plain === undefined) return undefined;
	// Not converted: a JPEG stays what it is, where the platform would write a .mha; a TIFF does so there too.
	const image = { ...blankImage(platform, file.name, origin), ...plain.facts };
	const stored = await storeFile(platform, `${stem(file.name)}.${plain.extension}`, file.read());
	image.files.push(imageFile(platform, plain.extension === 'tif' ? 'TIFF' : 'MHD', stored));
	return image;
};

const importNifti = async (
	platform: Platform,
	file: ImportFile,
	start: Buffer,
	origin: string,
): Promise<Image | undefined> => {
	const isGzip = start.toString('latin1', 0, 2) === '\x1f\x8b';
	const read = isGzip ? () => through(Readable.from(file.read()), createGunzip()) : () => file.read();
	const header = parseNiftiHeader(await headOf(read(), niftiHeaderBytes).catch(() => Buffer.alloc(0)));
	return header === undefined
		? undefined
		: metaImage(platform, file.name, header, after(read(), header.offset), origin);
};

/** What follows after so many bytes. */
const after = async function* (bytes: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
	let skipped = 0;
	for await (const chunk of bytes) {
		const from = Math.min(chunk.length, count - skipped);
		skipped += from;
		if (from < chunk.length) yield chunk.subarray(from);
	}
};

const importPng = async (platform: Platform, file: ImportFile, origin: string): Promise<Image | undefined> => {
	const raster = decodePng(await headOf(file.read(), file.size));
	if (raster === undefined) return undefined;
	const { width, height, channels, pixels } = raster;
	const header = { size: [width, height], spacing: [1, 1], elementType: 'MET_UCHAR', channels };
	const image = await mhaImage(
		platform,
		file.name,
		Buffer.concat([Buffer.from(mhaHeaderText(header)), pixels]),
		origin,
	);
	// A picture has no size in the world.
	return { ...image, voxelSizeMm: [null, null, null] };
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

type Facts = Partial<Pick<Image, 'width' | 'height' | 'colorSpace'>>;

const recognise = (start: Buffer): { extension: string; facts: Facts } | undefined => {
	const magic = start.toString('latin1', 0, 4);
	if (magic.startsWith('\xff\xd8\xff')) return { extension: 'jpg', facts: { colorSpace: 'RGB' } };
	if (magic === 'II*\0' || magic === 'MM\0*') return { extension: 'tif', facts: tiffFacts(start) };
	return undefined;
};

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
