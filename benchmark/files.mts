// Synthetic files of any size, made as they are read and never held in memory.
import { createCipheriv, createHash } from 'node:crypto';

export const MIB = 1024 * 1024;

/** A plane of a volume: 1 MiB of int16 voxels. */
const WIDTH = 1024;
const HEIGHT = 512;

/** So many MiB of noise: the same for the same number, and unlike any other. */
export const noise = function* (mib: number, number: number) {
	const start = Buffer.alloc(16);
	start.writeUInt32BE(number);
	const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), start);
	const zeros = Buffer.alloc(MIB);
	for (let i = 0; i < mib; i++) yield cipher.update(zeros);
};

/** An MHA volume with so many MiB of voxels. */
export const volume = function* (mib: number, number = 0) {
	yield Buffer.from(
		`ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\nElementSpacing = 1 1 1\nDimSize = ${WIDTH} ${HEIGHT} ${mib}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n`,
	);
	yield* noise(mib, number);
};

/** What passes for a PDF, with so many MiB in it. */
export const pdf = function* (mib: number, number = 0) {
	yield Buffer.from('%PDF-1.7\n');
	yield* noise(mib, number);
};

export const sha256 = async (chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> => {
	const hash = createHash('sha256');
	for await (const chunk of chunks) hash.update(chunk);
	return hash.digest('hex');
};
