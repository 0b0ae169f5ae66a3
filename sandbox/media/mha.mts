import { createReadStream } from 'node:fs';
import { createInflate } from 'node:zlib';

import { fileHead } from '../files.mts';

/** Header of a MetaImage. */
export interface MhaHeader {
	/** Voxels per axis: x, y, z, (t). */
	size: number[];
	/** Millimetres per axis. */
	spacing: number[];
	/** For example `MET_SHORT`. */
	elementType: string;
	channels: number;
	compressed: boolean;
	bigEndian: boolean;
	/** `LOCAL` or the name of the data file. */
	dataFile: string;
	/** Bytes before the voxels. */
	offset: number;
}

const widths: Record<string, number> = {
	MET_CHAR: 1,
	MET_UCHAR: 1,
	MET_SHORT: 2,
	MET_USHORT: 2,
	MET_INT: 4,
	MET_UINT: 4,
	MET_FLOAT: 4,
	MET_DOUBLE: 8,
};

/** Bytes of one voxel component; undefined for a type we do not know. */
export const elementBytes = (header: MhaHeader): number | undefined => widths[header.elementType];

/** Number of voxels. */
export const voxelCount = (header: MhaHeader): number => header.size.reduce((product, axis) => product * axis, 1);

/** Longest header that is looked for, in bytes. */
export const maximumHeader = 16 * 1024;

/** Reads a MetaImage header from the beginning of a file; undefined if it is none. */
export const parseMhaHeader = (start: Buffer): MhaHeader | undefined => {
	const text = start.toString('latin1');
	const end = /^ElementDataFile[ \t]*=[ \t]*([^\r\n]*?)[ \t]*(?:\r?\n|$)/mu.exec(text);
	if (end?.[1] === undefined || end[1] === '') return undefined;
	const fields = new Map<string, string>();
	for (const line of text.slice(0, end.index).split(/\r?\n/u)) {
		const [key, ...value] = line.split('=');
		if (key !== undefined && value.length > 0) fields.set(key.trim(), value.join('=').trim());
	}
	const numbers = (key: string) =>
		(fields.get(key) ?? '')
			.split(/\s+/u)
			.filter((part) => part !== '')
			.map(Number);
	const size = numbers('DimSize');
	const elementType = fields.get('ElementType') ?? '';
	const isBad =
		size.length < 2 ||
		size.length > 4 ||
		size.some((axis) => !Number.isInteger(axis) || axis < 1) ||
		widths[elementType] === undefined;
	if (isBad || fields.get('ObjectType') !== 'Image') return undefined;
	const spacing = numbers('ElementSpacing');
	return {
		size,
		spacing: spacing.length === size.length ? spacing : size.map(() => 1),
		elementType,
		channels: Number(fields.get('ElementNumberOfChannels') ?? '1'),
		compressed: fields.get('CompressedData') === 'True',
		bigEndian: fields.get('BinaryDataByteOrderMSB') === 'True',
		dataFile: end[1],
		offset: Buffer.byteLength(text.slice(0, end.index + end[0].length), 'latin1'),
	};
};

/** Reads the header of a stored MetaImage; throws if it is none. */
export const readMhaHeader = async (path: string): Promise<MhaHeader> => {
	const header = parseMhaHeader(await fileHead(path, maximumHeader));
	if (header === undefined) throw new Error('Not a MetaImage');
	return header;
};

/** Header text of a `.mha` file (`ElementDataFile = LOCAL`). */
export const mhaHeaderText = (
	header: Pick<MhaHeader, 'size' | 'spacing' | 'elementType'> &
		Partial<Pick<MhaHeader, 'compressed' | 'dataFile' | 'channels' | 'bigEndian'>>,
): string => {
	const axes = header.size.length;
	const identity = Array.from({ length: axes * axes }, (_, i) => (i % (axes + 1) === 0 ? 1 : 0));
	return [
		'ObjectType = Image',
		`NDims = ${axes}`,
		'BinaryData = True',
		`BinaryDataByteOrderMSB = ${header.bigEndian === true ? 'True' : 'False'}`,
		`CompressedData = ${header.compressed === true ? 'True' : 'False'}`,
		`TransformMatrix = ${identity.join(' ')}`,
		`Offset = ${header.size.map(() => 0).join(' ')}`,
		`CenterOfRotation = ${header.size.map(() => 0).join(' ')}`,
		'AnatomicalOrientation = RAI',
		`ElementSpacing = ${header.spacing.join(' ')}`,
		`DimSize = ${header.size.join(' ')}`,
		...((header.channels ?? 1) > 1 ? [`ElementNumberOfChannels = ${header.channels ?? 1}`] : []),
		`ElementType = ${header.elementType}`,
		`ElementDataFile = ${header.dataFile ?? 'LOCAL'}`,
		'',
	].join('\n');
};

/** The voxels of a stored `.mha`, chunk by chunk, as numbers; also of zlib-compressed ones. */
export const readVoxels = async function* (path: string, header: MhaHeader): AsyncGenerator<number[]> {
	const width = elementBytes(header) ?? 1;
	const file = createReadStream(path, { start: header.offset });
	const source = header.compressed ? file.pipe(createInflate()) : file;
	if (header.compressed) file.on('error', (error) => source.destroy(error));
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of source) {
		const bytes: Buffer = Buffer.concat([rest, chunk]);
		const whole = bytes.length - (bytes.length % width);
		yield decode(bytes.subarray(0, whole), header, width);
		rest = bytes.subarray(whole);
	}
};

const decode = (bytes: Buffer, header: MhaHeader, width: number): number[] => {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const little = !header.bigEndian;
	const read: Record<string, (at: number) => number> = {
		MET_CHAR: (at) => view.getInt8(at),
		MET_UCHAR: (at) => view.getUint8(at),
		MET_SHORT: (at) => view.getInt16(at, little),
		MET_USHORT: (at) => view.getUint16(at, little),
		MET_INT: (at) => view.getInt32(at, little),
		MET_UINT: (at) => view.getUint32(at, little),
		MET_FLOAT: (at) => view.getFloat32(at, little),
		MET_DOUBLE: (at) => view.getFloat64(at, little),
	};
	const one = read[header.elementType] ?? (() => 0);
	return Array.from({ length: bytes.length / width }, (_, i) => one(i * width));
};

/** Bytes of voxels given as numbers: `MET_SHORT`, `MET_UCHAR` or `MET_FLOAT`. */
export const encodeVoxels = (
	voxels: ArrayLike<number>,
	elementType: 'MET_SHORT' | 'MET_UCHAR' | 'MET_FLOAT',
): Buffer => {
	const typed =
		elementType === 'MET_SHORT'
			? Int16Array.from(voxels)
			: elementType === 'MET_FLOAT'
				? Float32Array.from(voxels)
				: Uint8Array.from(voxels);
	return Buffer.from(typed.buffer);
};
