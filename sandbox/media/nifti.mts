import type { MhaHeader } from './mha.mts';

/** Bytes of a NIfTI-1 header. */
export const niftiHeaderBytes = 348;

// Datatype codes and what a MetaImage calls them.
const elementTypes: Record<number, string> = {
	2: 'MET_UCHAR',
	4: 'MET_SHORT',
	8: 'MET_INT',
	16: 'MET_FLOAT',
	64: 'MET_DOUBLE',
	256: 'MET_CHAR',
	512: 'MET_USHORT',
	768: 'MET_UINT',
};

/**
 * Reads the header of a (single-file, little endian) NIfTI as that of a MetaImage; undefined if it is none or holds
 * voxels that a MetaImage cannot. Scaling and orientation are left out.
 */
export const parseNiftiHeader = (start: Buffer): MhaHeader | undefined => {
	if (start.length < niftiHeaderBytes || start.toString('latin1', 344, 348) !== 'n+1\0') return undefined;
	const axes = start.readInt16LE(40);
	const elementType = elementTypes[start.readInt16LE(70)];
	if (axes < 2 || axes > 4 || elementType === undefined) return undefined;
	const along = (from: number, step: number, read: (at: number) => number) =>
		Array.from({ length: axes }, (_, i) => read(from + i * step));
	return {
		size: along(42, 2, (at) => start.readInt16LE(at)),
		spacing: along(80, 4, (at) => start.readFloatLE(at)),
		elementType,
		channels: 1,
		compressed: false,
		bigEndian: false,
		dataFile: 'LOCAL',
		offset: start.readFloatLE(108),
	};
};
