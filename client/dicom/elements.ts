import { damaged, Refusal } from './refusal';

/** How the elements of a data set are written. */
export interface Encoding {
	/** Whether each element names its VR. */
	explicit: boolean;
	bigEndian: boolean;
}

export const IMPLICIT: Encoding = { explicit: false, bigEndian: false };
export const EXPLICIT: Encoding = { explicit: true, bigEndian: false };

export interface ElementHeader {
	/** Group and element as one number. */
	tag: number;
	/** Empty where it is not written. */
	vr: string;
	/** Bytes of the value; `UNDEFINED` where a delimiter ends it. */
	length: number;
	/** Bytes of the header itself. */
	size: number;
}

/** An element; it has one of the last three. */
export interface Element {
	tag: number;
	vr: string;
	value?: Buffer;
	items?: Element[][];
	/** Pixels in pieces, with the delimiter that ends them. */
	fragments?: Buffer;
}

export const UNDEFINED = 0xffffffff;
export const PIXEL_DATA = 0x7fe00010;
export const ITEM = 0xfffee000;
export const SEQUENCE_END = 0xfffee0dd;
const ITEM_END = 0xfffee00d;

const SHORT_VRS = new Set('AEASATCSDADSDTFLFDISLOLTPNSHSLSSSTTMUIULUS'.match(/../g));
const LONG_VRS = new Set('OBODOFOLOVOWSQSVUCUNURUTUV'.match(/../g));
/** More is no image but an attempt to exhaust the memory. */
const DEEPEST = 64;

/** Thrown when bytes end before what is read does: more of them may come. */
export class Short extends Error {
	override readonly name = 'Short';
}

const groupOf = (tag: number) => tag >>> 16;

export const tagText = (tag: number): string => {
	const hex = tag.toString(16).toUpperCase().padStart(8, '0');
	return `(${hex.slice(0, 4)},${hex.slice(4)})`;
};

const uint16 = (bytes: Buffer, at: number, { bigEndian }: Encoding) => (bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
const uint32 = (bytes: Buffer, at: number, { bigEndian }: Encoding) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));

/** @throws Short, Refusal */
export const readHeader = (bytes: Buffer, at: number, encoding: Encoding): ElementHeader => {
	if (at + 8 > bytes.length) throw new Short();
	const tag = uint16(bytes, at, encoding) * 0x10000 + uint16(bytes, at + 2, encoding);
	if (!encoding.explicit || groupOf(tag) === 0xfffe) return { tag, vr: '', length: uint32(bytes, at + 4, encoding), size: 8 };
	const vr = bytes.toString('latin1', at + 4, at + 6);
	if (SHORT_VRS.has(vr)) return { tag, vr, length: uint16(bytes, at + 6, encoding), size: 8 };
	if (!LONG_VRS.has(vr)) throw damaged(`the element ${tagText(tag)} has no valid VR`);
	if (at + 12 > bytes.length) throw new Short();
	return { tag, vr, length: uint32(bytes, at + 8, encoding), size: 12 };
};

/** How the items of a sequence are written that is in a data set of this encoding. */
const inside = (vr: string, encoding: Encoding): Encoding => (vr === 'UN' ? IMPLICIT : encoding);

/** @throws Short, Refusal */
export const readElement = (bytes: Buffer, at: number, encoding: Encoding, depth = 0): { element: Element; next: number } => {
	const { tag, vr, length, size } = readHeader(bytes, at, encoding);
	const start = at + size;
	if (groupOf(tag) === 0xfffe) throw damaged(`the delimiter ${tagText(tag)} stands where an element belongs`);
	if (length !== UNDEFINED) {
		const next = start + length;
		if (next > bytes.length) throw new Short();
		return { element: { tag, vr, value: bytes.subarray(start, next) }, next };
	}
	if (vr === '' || vr === 'SQ' || vr === 'UN') {
		const { items, next } = readItems(bytes, start, inside(vr, encoding), depth, true);
		return { element: { tag, vr, items }, next };
	}
	if (vr !== 'OB' && vr !== 'OW') throw damaged(`the element ${tagText(tag)} has no length`);
	const next = endOfFragments(bytes, start, encoding);
	return { element: { tag, vr, fragments: bytes.subarray(start, next) }, next };
};

/**
 * The items of a sequence.
 * @throws Refusal where the element is none, or cannot be read
 */
export const itemsOf = ({ tag, vr, value, items }: Element, encoding: Encoding, depth: number): Element[][] => {
	if (items) return items;
	if (value === undefined || !['', 'SQ', 'UN'].includes(vr)) throw damaged(`the element ${tagText(tag)} is a sequence, and the file holds something else there`);
	return whole(tag, () => readItems(value, 0, inside(vr, encoding), depth, false)).items;
};

/** What is read from bytes that must hold all of it. */
const whole = <T>(tag: number, read: () => T): T => {
	try {
		return read();
	} catch (error) {
		throw error instanceof Short ? damaged(`something in the element ${tagText(tag)} is longer than its container`) : orDamaged(error);
	}
};

const orDamaged = (error: unknown): unknown => (error instanceof Refusal ? error : damaged('an element cannot be read'));

/** @param delimited whether a delimiter ends the items, and not the end of the bytes */
const readItems = (bytes: Buffer, start: number, encoding: Encoding, depth: number, delimited: boolean): { items: Element[][]; next: number } => {
	if (depth >= DEEPEST) throw damaged('its sequences are nested too deeply');
	const items: Element[][] = [];
	let at = start;
	while (delimited || at < bytes.length) {
		const { tag, length, size } = readHeader(bytes, at, encoding);
		at += size;
		if (delimited && tag === SEQUENCE_END && length === 0) return { items, next: at };
		if (tag !== ITEM) throw damaged(`the tag ${tagText(tag)} stands where an item of a sequence belongs`);
		if (length === UNDEFINED) {
			const { elements, next } = readElements(bytes, at, encoding, depth + 1, true);
			items.push(elements);
			at = next;
		} else {
			const next = at + length;
			if (next > bytes.length) throw new Short();
			const item = bytes.subarray(at, next);
			items.push(whole(tag, () => readElements(item, 0, encoding, depth + 1, false)).elements);
			at = next;
		}
	}
	return { items, next: at };
};

const readElements = (bytes: Buffer, start: number, encoding: Encoding, depth: number, delimited: boolean): { elements: Element[]; next: number } => {
	const elements: Element[] = [];
	const tags = new Set<number>();
	let at = start;
	while (delimited || at < bytes.length) {
		if (delimited) {
			// Its delimiter is no element, and has no VR.
			const { tag, length, size } = readHeader(bytes, at, encoding);
			if (tag === ITEM_END && length === 0) return { elements, next: at + size };
		}
		const { element, next } = readElement(bytes, at, encoding, depth);
		if (tags.has(element.tag)) throw damaged(`the element ${tagText(element.tag)} is there twice`);
		tags.add(element.tag);
		elements.push(element);
		at = next;
	}
	return { elements, next: at };
};

const endOfFragments = (bytes: Buffer, start: number, encoding: Encoding): number => {
	let at = start;
	for (;;) {
		const fragment = readFragment(bytes, at, encoding);
		at += 8 + fragment.length;
		if (fragment.last) return at;
	}
};

/**
 * The header of a piece of pixels, or what ends them.
 * @throws Short, Refusal
 */
export const readFragment = (bytes: Buffer, at: number, encoding: Encoding): { length: number; last: boolean } => {
	const { tag, length } = readHeader(bytes, at, encoding);
	if (tag === SEQUENCE_END && length === 0) return { length, last: true };
	if (tag !== ITEM || length === UNDEFINED) throw damaged('its compressed pixels are not in pieces as they should be');
	return { length, last: false };
};

/** @throws Refusal for a value that its VR has no room for */
export const writeHeader = ({ tag, vr, length }: Omit<ElementHeader, 'size'>, { explicit, bigEndian }: Encoding): Buffer => {
	const isLong = LONG_VRS.has(vr);
	const header = Buffer.alloc(explicit && isLong ? 12 : 8);
	const write16 = (value: number, at: number) => (bigEndian ? header.writeUInt16BE(value, at) : header.writeUInt16LE(value, at));
	const write32 = (value: number, at: number) => (bigEndian ? header.writeUInt32BE(value, at) : header.writeUInt32LE(value, at));
	write16(groupOf(tag), 0);
	write16(tag & 0xffff, 2);
	if (!explicit || vr === '') {
		write32(length, 4);
		return header;
	}
	header.write(vr, 4, 'latin1');
	if (isLong) write32(length, 8);
	else if (length > 0xffff) throw damaged(`the element ${tagText(tag)} is too long`);
	else write16(length, 6);
	return header;
};

/** An element of known length. */
export const writeElement = (tag: number, vr: string, value: Buffer, encoding: Encoding): Buffer =>
	Buffer.concat([writeHeader({ tag, vr, length: value.length }, encoding), value]);

/** A sequence, its items written by `write`. */
export const writeSequence = (tag: number, vr: string, items: Element[][], encoding: Encoding, write: (elements: Element[], encoding: Encoding) => Buffer[]): Buffer => {
	const content = inside(vr, encoding);
	const written = items.map((elements) => writeElement(ITEM, '', Buffer.concat(write(elements, content)), content));
	return writeElement(tag, vr || 'SQ', Buffer.concat(written), encoding);
};

/** @returns text as the value of an element: of even length */
export const textValue = (vr: string, text: string): Buffer => Buffer.from(text.length % 2 === 0 ? text : text + (vr === 'UI' ? '\0' : ' '), 'latin1');

/** The text in the value of an element, without what fills it up; empty where it has none. */
export const textIn = ({ value }: Pick<Element, 'value'>): string => (value?.toString('latin1') ?? '').replace(/[\0 ]+$/, '');
