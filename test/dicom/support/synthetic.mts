// DICOM files made up at random, written by a writer of the tests' own: every tag that the procedure names, private tags, sequences in
// sequences, with lengths and without.
import { createRandom, type Random } from '../../../sandbox/random.mts';
import { dictionary, readProcedure } from '../../../scripts/dicom/table.mts';

const procedure = readProcedure();
export const sopClasses = Object.keys(procedure.sopClass);

/** All tags that the procedure names, but for what stands behind the pixels. */
const tags = [...new Set(Object.values(procedure.sopClass).flatMap(({ tag }) => Object.keys(tag)))].filter((name) => /^\([0-7][0-9A-F]{3},[0-9A-F]{4}\)$/.test(name));

export const actionOf = (sopClass: string, name: string): string => procedure.sopClass[sopClass]?.tag[name]?.default ?? 'X';

export const syntaxes = {
	implicit: '1.2.840.10008.1.2',
	explicit: '1.2.840.10008.1.2.1',
	bigEndian: '1.2.840.10008.1.2.2',
	jpeg: '1.2.840.10008.1.2.4.50',
} as const;
export type Syntax = keyof typeof syntaxes;

export interface Wish {
	seed: number;
	sopClass: string;
	syntax: Syntax;
	/** Stands in every text that is not to be left as it is, if given. */
	marker?: string;
	/** How many of the tags there are, 0 to 1. */
	share?: number;
	/** Elements that it has besides, or instead. */
	extra?: Array<{ name: string; vr: string; value: string }>;
	/** Elements that it does not have. */
	without?: string[];
}

interface Node {
	name: string;
	vr: string;
	value: Buffer;
	items?: Node[][];
}

const longVrs = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
/** What the dictionary leaves open. */
const choices: Record<string, string> = { ox: 'OW', xs: 'US', lt: 'OW' };
const pixelRelated = ['(7FE0,0001)', '(7FE0,0002)', '(7FE0,0010)'];
/** Put in by hand; or what ends the file early or makes the official tool fail. */
const special = ['(0008,0016)', '(0008,0018)', '(0012,0062)', '(0012,0063)', '(0028,0103)', '(0028,0301)', ...pixelRelated];

const texts: Record<string, string[]> = {
	AE: ['STATION'],
	AS: ['034Y'],
	CS: ['ORIGINAL', 'AXIAL\\OTHER'],
	DA: ['19800229'],
	DS: ['1.5', '-3\\2.25'],
	DT: ['20201224180000'],
	IS: ['7', '1\\2'],
	LO: ['Some text', 'Stra\xdfe'],
	LT: ['Some longer text'],
	PN: ['Doe^Jane'],
	SH: ['short'],
	ST: ['text'],
	TM: ['101500'],
	UC: ['unlimited'],
	UI: ['1.2.3.4', '1.2.3.5', '2.25.77'],
	UR: ['http://hospital.example/1', 'urn:oid:1.2.3.4'],
	UT: ['text without end'],
};
const sizes: Record<string, number> = { AT: 4, FD: 8, FL: 4, OB: 6, OD: 8, OF: 4, OL: 4, OV: 8, OW: 6, SL: 4, SS: 2, SV: 8, UL: 4, UN: 6, US: 2, UV: 8 };

const padded = (text: string, vr: string) => Buffer.from(text.length % 2 === 0 ? text : text + (vr === 'UI' ? '\0' : ' '), 'latin1');

const bytesOf = (random: Random, amount: number) => Buffer.from(random.hex(2 * amount), 'hex');

class Maker {
	readonly random: Random;

	constructor(private readonly wish: Wish) {
		this.random = createRandom(wish.seed);
	}

	private value(name: string, vr: string): Buffer {
		const { marker, sopClass } = this.wish;
		if (marker !== undefined && actionOf(sopClass, name) !== 'K' && (texts[vr] || ['OB', 'UN'].includes(vr))) return padded(marker, vr);
		// The same everywhere, as the platform demands it of a set.
		if (['(0020,000D)', '(0020,000E)'].includes(name)) return padded('1.2.3.4', vr);
		if (name === '(0008,0005)') return padded('ISO_IR 100', vr);
		const known = texts[vr];
		if (known) return padded(known[this.random.int(known.length)] ?? '', vr);
		// Any bits make a whole number; some make a number that is not equal to itself.
		if (vr === 'FL' || vr === 'FD') return Buffer.alloc(sizes[vr] ?? 0, this.random.int(0x40));
		return bytesOf(this.random, sizes[vr] ?? 2);
	}

	node(name: string, depth: number): Node {
		const given = dictionary[name]?.vr ?? 'UN';
		const vr = choices[given] ?? given;
		// The official tool, in its version 0.1.1, puts values into them that it cannot write for every VR.
		if (vr === 'SQ' && actionOf(this.wish.sopClass, name) === 'Z') return { name, vr, value: Buffer.alloc(0), items: [[this.node('(0040,0551)', depth)]] };
		const items = vr === 'SQ' ? Array.from({ length: this.random.int(3) + (this.wish.marker ? 1 : 0) }, () => this.elements(depth + 1)) : undefined;
		return { name, vr, value: items ? Buffer.alloc(0) : this.value(name, vr), items };
	}

	/** Some of the tags and a private block, in their order. */
	elements(depth: number): Node[] {
		const share = (this.wish.share ?? 0.4) / (depth === 0 ? 1 : 12 ** depth);
		const chosen = tags.filter((name) => !special.includes(name) && (depth < 3 || dictionary[name]?.vr !== 'SQ') && this.random.int(10_000) < share * 10_000);
		const own = ['(0009,0010)', '(0009,1001)', '(0011,1002)'].filter(() => this.random.int(2) === 0);
		const privates = own.map((name): Node => ({ name, vr: name.endsWith('10)') ? 'LO' : 'UN', value: padded(this.wish.marker ?? 'PRIVATE', 'LO') }));
		return sorted([...chosen.map((name) => this.node(name, depth)), ...privates]);
	}
}

const sorted = (nodes: Node[]) => nodes.sort((a, b) => (a.name < b.name ? -1 : 1));

interface Form {
	explicit: boolean;
	bigEndian: boolean;
}

const head = (name: string, vr: string, length: number, { explicit, bigEndian }: Form): Buffer => {
	const numbers = [parseInt(name.slice(1, 5), 16), parseInt(name.slice(6, 10), 16)];
	const isLong = longVrs.includes(vr);
	const isDelimiter = numbers[0] === 0xfffe;
	const bytes = Buffer.alloc(explicit && isLong && !isDelimiter ? 12 : 8);
	const u16 = (value: number, at: number) => (bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at));
	const u32 = (value: number, at: number) => (bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at));
	numbers.forEach((number, i) => u16(number, 2 * i));
	if (!explicit || isDelimiter) u32(length, 4);
	else {
		bytes.write(vr, 4, 'latin1');
		if (isLong) u32(length, 8);
		else u16(length, 6);
	}
	return bytes;
};

const open = 0xffffffff;

const written = ({ name, vr, value, items }: Node, form: Form, random: Random): Buffer => {
	if (!items) return Buffer.concat([head(name, vr, value.length, form), value]);
	const content = Buffer.concat(
		items.map((item) => {
			const inner = Buffer.concat(item.map((node) => written(node, form, random)));
			return random.int(2) === 0
				? Buffer.concat([head('(FFFE,E000)', '', inner.length, form), inner])
				: Buffer.concat([head('(FFFE,E000)', '', open, form), inner, head('(FFFE,E00D)', '', 0, form)]);
		}),
	);
	return random.int(2) === 0
		? Buffer.concat([head(name, vr, content.length, form), content])
		: Buffer.concat([head(name, vr, open, form), content, head('(FFFE,E0DD)', '', 0, form)]);
};

const leaf = (name: string, vr: string, value: string | Buffer): Node => ({ name, vr, value: typeof value === 'string' ? padded(value, vr) : value });

const pixelsOf = (random: Random, syntax: Syntax, form: Form): Buffer => {
	if (syntax !== 'jpeg') {
		const pixels = bytesOf(random, 32);
		return Buffer.concat([head('(7FE0,0010)', 'OW', pixels.length, form), pixels]);
	}
	const pieces = [Buffer.alloc(0), ...Array.from({ length: 1 + random.int(3) }, () => bytesOf(random, 2 * (1 + random.int(20))))];
	const items = pieces.map((piece) => Buffer.concat([head('(FFFE,E000)', '', piece.length, form), piece]));
	return Buffer.concat([head('(7FE0,0010)', 'OB', open, form), ...items, head('(FFFE,E0DD)', '', 0, form)]);
};

const word = (value: number, { bigEndian }: Form) => Buffer.from(bigEndian ? [0, value] : [value, 0]);

/** A file that a reader of DICOM takes; the same for the same wish. */
export const synthetic = (wish: Wish): Buffer => {
	const { sopClass, syntax, marker, seed, extra = [], without = [] } = wish;
	const maker = new Maker(wish);
	const { random } = maker;
	const form: Form = { explicit: syntax !== 'implicit', bigEndian: syntax === 'bigEndian' };
	const instance = `1.2.3.${seed}`;
	const image: Node[] = [
		['(0028,0002)', 1],
		['(0028,0010)', 4],
		['(0028,0011)', 4],
		['(0028,0100)', 16],
		['(0028,0101)', 16],
		['(0028,0102)', 15],
		['(0028,0103)', 0],
	].map(([name, value]) => leaf(String(name), 'US', word(Number(value), form)));
	const methods = [[], ['(0012,0063)', 'Another tool'], ['(0012,0063)', 'Another tool\\and more']][random.int(3)] ?? [];
	const given = extra.map(({ name, vr, value }) => leaf(name, vr, value));
	const made = [leaf('(0008,0016)', 'UI', sopClass), leaf('(0008,0018)', 'UI', instance), ...image, ...(methods[0] ? [leaf(methods[0], 'LO', methods[1] ?? '')] : [])];
	const fixed = [...given, ...made.filter(({ name }) => !given.some((node) => node.name === name))];
	const others = maker.elements(0).filter(({ name }) => !fixed.some((node) => node.name === name));
	const dataSet = sorted([...fixed, ...others].filter(({ name }) => !without.includes(name))).map((node) => written(node, form, random));
	const little = { explicit: true, bigEndian: false };
	const meta = Buffer.concat(
		[
			leaf('(0002,0001)', 'OB', Buffer.from([0, 1])),
			leaf('(0002,0002)', 'UI', sopClass),
			leaf('(0002,0003)', 'UI', instance),
			leaf('(0002,0010)', 'UI', syntaxes[syntax]),
			leaf('(0002,0012)', 'UI', '1.2.3'),
			...(marker ? [leaf('(0002,0013)', 'SH', marker), leaf('(0002,0016)', 'AE', marker), leaf('(0002,0100)', 'UI', '1.2.3'), leaf('(0002,0102)', 'OB', padded(marker, 'OB'))] : []),
		].map((node) => written(node, little, random)),
	);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(meta.length);
	const preamble = Buffer.alloc(128);
	preamble.write(marker ?? '', 'latin1');
	const trailing = random.int(2) === 0 || marker ? written(leaf('(FFFC,FFFC)', 'OB', padded(marker ?? 'padding!', 'OB')), form, random) : Buffer.alloc(0);
	return Buffer.concat([preamble, Buffer.from('DICM'), written(leaf('(0002,0000)', 'UL', length), little, random), meta, ...dataSet, pixelsOf(random, syntax, form), trailing]);
};
