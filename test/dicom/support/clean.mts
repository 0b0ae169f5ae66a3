import { deidentify, type DicomCounts } from '../../../client/dicom/deidentify';
import { ImageSet } from '../../../client/dicom/imageSet';

/** Bytes in pieces of this size. */
export const pieces = async function* (bytes: Buffer, size = bytes.length) {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

/** All of a file in memory, cleaned. @throws GrandChallengeError for one that is refused */
export const clean = async (bytes: Buffer, { called = 'file', set = new ImageSet(), chunk = bytes.length, size = true } = {}): Promise<{ bytes: Buffer; counts: DicomCounts; size?: number }> => {
	const cleaned = await deidentify({ called, bytes: pieces(bytes, chunk), ...(size ? { size: bytes.length } : {}) }, set);
	const out: Uint8Array[] = [];
	for await (const piece of cleaned.bytes) out.push(piece);
	return { bytes: Buffer.concat(out), counts: cleaned.counts, size: cleaned.size };
};
