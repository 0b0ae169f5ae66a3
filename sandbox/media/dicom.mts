import type { Random } from '../random.mts';

/** One synthetic DICOM instance. */
export interface DicomFile {
	sopInstanceUid: string;
	studyUid: string;
	seriesUid: string;
	frames: number;
	bytes: Buffer;
}

const root = '1.2.826.0.1.3680043.10.1666';

/** A UID below the platform's root. */
export const dicomUid = (random: Random): string =>
	`${root}.${1 + random.int(9)}${Array.from({ length: 20 }, () => random.int(10)).join('')}`;

const ctStorage = '1.2.840.10008.5.1.4.1.1.2';
const multiFrameWordStorage = '1.2.840.10008.5.1.4.1.1.7.3';
const explicitLittleEndian = '1.2.840.10008.1.2.1';

const longLength = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

// One data element, explicit VR little endian, value padded to even length.
const element = (group: number, number: number, vr: string, value: string | Buffer): Buffer => {
	const raw = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
	const pad = raw.length % 2 === 0 ? '' : vr === 'UI' || vr === 'OB' ? '\0' : ' ';
	const body = Buffer.concat([raw, Buffer.from(pad, 'latin1')]);
	const head = Buffer.alloc(longLength.has(vr) ? 12 : 8);
	head.writeUInt16LE(group, 0);
	head.writeUInt16LE(number, 2);
	head.write(vr, 4, 'latin1');
	if (longLength.has(vr)) head.writeUInt32LE(body.length, 8);
	else head.writeUInt16LE(body.length, 6);
	return Buffer.concat([head, body]);
};

const us = (value: number): Buffer => {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16LE(value);
	return bytes;
};

/** A minimal valid CT slice, or a multi-frame instance when `frames` is more than one. */
export const createDicom = (options: {
	random: Random;
	studyUid: string;
	seriesUid: string;
	instance: number;
	size: number;
	frames?: number;
	patientName?: string;
}): DicomFile => {
	const { random, studyUid, seriesUid, instance, size, frames = 1 } = options;
	const sopInstanceUid = dicomUid(random);
	const sopClass = frames > 1 ? multiFrameWordStorage : ctStorage;
	const pixels = Buffer.alloc(size * size * frames * 2);
	for (let i = 0; i < size * size * frames; i += 1) {
		const [x, y] = [(i % size) - size / 2, (Math.floor(i / size) % size) - size / 2];
		pixels.writeInt16LE(Math.round((x * x + y * y < (size / 3) ** 2 ? 60 : -900) + 5 * random.gaussian()), i * 2);
	}
	const meta = Buffer.concat([
		element(0x2, 0x1, 'OB', Buffer.from([0, 1])),
		element(0x2, 0x2, 'UI', sopClass),
		element(0x2, 0x3, 'UI', sopInstanceUid),
		element(0x2, 0x10, 'UI', explicitLittleEndian),
		element(0x2, 0x12, 'UI', `${root}.1`),
	]);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(meta.length);
	const dataSet = [
		element(0x8, 0x16, 'UI', sopClass),
		element(0x8, 0x18, 'UI', sopInstanceUid),
		element(0x8, 0x20, 'DA', '20250314'),
		element(0x8, 0x30, 'TM', '101500'),
		element(0x8, 0x50, 'SH', ''),
		element(0x8, 0x60, 'CS', frames > 1 ? 'OT' : 'CT'),
		element(0x8, 0x90, 'PN', ''),
		element(0x10, 0x10, 'PN', options.patientName ?? 'Phantom^Lung'),
		element(0x10, 0x20, 'LO', 'SANDBOX-1'),
		element(0x10, 0x30, 'DA', '19600101'),
		element(0x10, 0x40, 'CS', 'O'),
		element(0x18, 0x50, 'DS', '3'),
		element(0x20, 0xd, 'UI', studyUid),
		element(0x20, 0xe, 'UI', seriesUid),
		element(0x20, 0x10, 'SH', '1'),
		element(0x20, 0x11, 'IS', '1'),
		element(0x20, 0x13, 'IS', String(instance)),
		element(0x20, 0x32, 'DS', `0\\0\\${instance * 3}`),
		element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0'),
		element(0x20, 0x52, 'UI', `${studyUid}.1`),
		element(0x28, 0x2, 'US', us(1)),
		element(0x28, 0x4, 'CS', 'MONOCHROME2'),
		...(frames > 1 ? [element(0x28, 0x8, 'IS', String(frames))] : []),
		element(0x28, 0x10, 'US', us(size)),
		element(0x28, 0x11, 'US', us(size)),
		element(0x28, 0x30, 'DS', '1.5\\1.5'),
		element(0x28, 0x100, 'US', us(16)),
		element(0x28, 0x101, 'US', us(16)),
		element(0x28, 0x102, 'US', us(15)),
		element(0x28, 0x103, 'US', us(1)),
		element(0x28, 0x1052, 'DS', '0'),
		element(0x28, 0x1053, 'DS', '1'),
		element(0x7fe0, 0x10, 'OW', pixels),
	];
	const preamble = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
	const bytes = Buffer.concat([preamble, element(0x2, 0x0, 'UL', length), meta, ...dataSet]);
	return { sopInstanceUid, studyUid, seriesUid, frames, bytes };
};

/** What the platform needs to know of an uploaded instance. */
export interface DicomTags {
	sopInstanceUid: string | undefined;
	studyUid: string | undefined;
	seriesUid: string | undefined;
	frames: number;
}

/** True if the bytes begin as a DICOM file does: preamble and magic word. */
export const isDicom = (start: Buffer): boolean => start.length >= 132 && start.toString('latin1', 128, 132) === 'DICM';

/** The data elements of a little endian DICOM file, explicit or implicit, that are not nested. */
export interface DicomElements {
	/** The text of an element; undefined if it is absent or empty. */
	text(tag: number): string | undefined;
	/** The numbers of an element: whole 16-bit ones, or those of a text. */
	numbers(tag: number): number[];
	/** Where the pixels are; undefined if they are compressed or not within the bytes. */
	pixels: { offset: number; length: number } | undefined;
}

/** Reads the data elements of a file, or those at its beginning. */
export const readDicomElements = (start: Buffer): DicomElements => {
	const found = new Map<number, Buffer>();
	const shorts = new Set<number>();
	let pixels: DicomElements['pixels'];
	let implicit = false;
	let at = 132;
	while (at + 8 <= start.length) {
		const group = start.readUInt16LE(at);
		const tag = group * 0x10000 + start.readUInt16LE(at + 2);
		if (group !== 2 && found.get(0x20010)?.toString('latin1').replace(/\0$/u, '') === '1.2.840.10008.1.2')
			implicit = true;
		const vr = start.toString('latin1', at + 4, at + 6);
		const isLong = longLength.has(vr) || ['UC', 'UR', 'OD', 'OF', 'OL'].includes(vr);
		const head = implicit || !isLong ? 8 : 12;
		if (at + head > start.length) break;
		const length = implicit
			? start.readUInt32LE(at + 4)
			: isLong
				? start.readUInt32LE(at + 8)
				: start.readUInt16LE(at + 6);
		if (tag === 0x7fe00010) {
			if (at + head + length <= start.length) pixels = { offset: at + head, length };
			break;
		}
		if (length === 0xffffffff) {
			const end = start.indexOf(Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]), at);
			if (end < 0) break;
			at = end + 8;
			continue;
		}
		found.set(tag, start.subarray(at + head, at + head + length));
		// Without representations, the image's own sizes (group 28) of two bytes are numbers.
		if (vr === 'US' || (implicit && group === 0x28 && length === 2)) shorts.add(tag);
		at += head + length;
	}
	const text = (tag: number) =>
		found
			.get(tag)
			?.toString('latin1')
			.replace(/[\0 ]+$/u, '') || undefined;
	return {
		text,
		numbers: (tag) => {
			const value = found.get(tag);
			if (value !== undefined && shorts.has(tag)) return [value.readUInt16LE(0)];
			return text(tag)?.split('\\').map(Number) ?? [];
		},
		pixels,
	};
};

/** Reads UIDs and the number of frames from the beginning of a DICOM file. */
export const readDicomTags = (start: Buffer): DicomTags => {
	const { text } = readDicomElements(start);
	return {
		sopInstanceUid: text(0x80018),
		studyUid: text(0x20000d),
		seriesUid: text(0x20000e),
		frames: Number(text(0x280008) ?? '1') || 1,
	};
};
