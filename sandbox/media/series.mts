import { readDicomElements, type DicomElements } from './dicom.mts';
import { encodeVoxels, mhaHeaderText } from './mha.mts';

/** One file of a series. */
interface Slice {
	bytes: Buffer;
	elements: DicomElements;
}

/** A volume made of a series, as the bytes of a `.mha`. */
export interface SeriesVolume {
	seriesUid: string;
	modality: string | null;
	/** Level and width of the first window. */
	window: [number | null, number | null];
	mha: Buffer;
}

const seriesUid = 0x20000e;
const rows = 0x280010;
const columns = 0x280011;
const pixelSpacing = 0x280030;
const bitsAllocated = 0x280100;
const isSigned = 0x280103;
const intercept = 0x281052;
const slope = 0x281053;
const position = 0x200032;
const instanceNumber = 0x200013;

/**
 * Makes a volume of each series among DICOM files: slices of 16 bits that are not compressed, sorted along z, in
 * Hounsfield units. Returns the volumes, and how many files are in none.
 */
export const makeVolumes = (files: Buffer[]): { volumes: SeriesVolume[]; left: number } => {
	const series = new Map<string, Slice[]>();
	for (const bytes of files) {
		const elements = readDicomElements(bytes);
		const uid = elements.text(seriesUid);
		if (uid === undefined || elements.pixels === undefined || elements.numbers(bitsAllocated)[0] !== 16) continue;
		series.set(uid, [...(series.get(uid) ?? []), { bytes, elements }]);
	}
	const volumes = [...series].map(([uid, slices]) => makeVolume(uid, slices));
	const used = [...series.values()].reduce((sum, slices) => sum + slices.length, 0);
	return { volumes, left: files.length - used };
};

const first = ({ elements }: Slice, tag: number, fallback: number): number => elements.numbers(tag)[0] ?? fallback;

const heightOf = (slice: Slice): number => slice.elements.numbers(position)[2] ?? first(slice, instanceNumber, 0);

const makeVolume = (uid: string, slices: Slice[]): SeriesVolume => {
	const sorted = [...slices].sort((a, b) => heightOf(a) - heightOf(b));
	const [lowest, next] = sorted;
	if (lowest === undefined) throw new Error('unreachable: a series has slices');
	const { elements } = lowest;
	const [along = 1, across = 1] = elements.numbers(pixelSpacing);
	const distance = next === undefined ? 1 : heightOf(next) - heightOf(lowest) || 1;
	const voxels = sorted.map((slice) => encodeVoxels(valuesOf(slice), 'MET_SHORT'));
	const [width, height] = [first(lowest, columns, 1), first(lowest, rows, 1)];
	const bytes = voxels.reduce((sum, part) => sum + part.length, 0);
	const header = {
		// An instance may have several frames.
		size: [width, height, bytes / (2 * width * height)],
		spacing: [across, along, distance],
		elementType: 'MET_SHORT',
	};
	return {
		seriesUid: uid,
		modality: elements.text(0x80060) ?? null,
		window: [elements.numbers(0x281050)[0] ?? null, elements.numbers(0x281051)[0] ?? null],
		mha: Buffer.concat([Buffer.from(mhaHeaderText(header)), ...voxels]),
	};
};

const valuesOf = (slice: Slice): number[] => {
	const { bytes, elements } = slice;
	const { offset, length } = elements.pixels ?? { offset: 0, length: 0 };
	const read = first(slice, isSigned, 0) === 1 ? bytes.readInt16LE.bind(bytes) : bytes.readUInt16LE.bind(bytes);
	const [factor, shift] = [first(slice, slope, 1), first(slice, intercept, 0)];
	return Array.from({ length: Math.floor(length / 2) }, (_, i) => read(offset + i * 2) * factor + shift);
};
