import type { ByteStream } from '../ports';
import {
	EXPLICIT,
	IMPLICIT,
	itemsOf,
	PIXEL_DATA,
	readElement,
	readFragment,
	readHeader,
	Short,
	tagText,
	textIn,
	textValue,
	UNDEFINED,
	writeElement,
	writeHeader,
	writeSequence,
	type Element,
	type ElementHeader,
	type Encoding,
} from './elements';
import { COMMON, type ImageSet } from './imageSet';
import { Incoming } from './incoming';
import { cutOff, damaged, Refusal, withFile } from './refusal';
import { procedureVersion, rulesFor, supportedKinds, type Rules } from './rules';

/** How many elements of a file were treated how, those in sequences included. */
export interface DicomCounts {
	/** Left as they are. */
	kept: number;
	removed: number;
	/** Got a fixed value that says nothing. */
	replaced: number;
	emptied: number;
	/** Got a new UID, the same in all files of the set. */
	newUids: number;
}

export interface Deidentified {
	/** The clean file. Fails with a GrandChallengeError when the pixels end too early, or are not what they seemed to be. */
	bytes: AsyncGenerator<Uint8Array>;
	/** Bytes, where known beforehand. */
	size?: number;
	counts: DicomCounts;
}

/** A file to be cleaned. */
export interface DicomInput {
	/** What messages call it, as "file 3 of 12": not its name, which may be that of the patient. */
	called: string;
	/** Bytes, where known: what is cut off is then refused at once. */
	size?: number;
	bytes: ByteStream;
}

/** Bytes that may be in front of the pixels: headers of whole slides have a part for each tile. */
const LARGEST_HEADER = 64 * 1024 * 1024;
const LARGEST_META = 1024 * 1024;

const SOP_CLASS = 0x00080016;
const SOP_INSTANCE = 0x00080018;
const IDENTITY_REMOVED = 0x00120062;
const METHOD = 0x00120063;
const ROWS = 0x00280010;
const BURNED_IN = 0x00280301;
const TRANSFER_SYNTAX = 0x00020010;
/** These two may occur in sequences too, and the platform compares them there. */
const COMMON_EVERYWHERE = [0x0020000d, 0x0020000e];

/** Of this package, made once at random. */
const IMPLEMENTATION = '2.25.22506033780943870235554646221573729845';
const METHOD_TEXT = `n8n-nodes-grand-challenge:procedure:${procedureVersion}`;

/**
 * De-identifies one DICOM file by Grand Challenge's procedure: its header only, pixels pass as they are. Resolves when the
 * file was accepted, before a byte of it is given out.
 * @param set the image that it is a part of
 * @throws GrandChallengeError (badInput) that tells the file and never a value in it, and whatever the source throws
 */
export const deidentify = async (input: DicomInput, set: ImageSet): Promise<Deidentified> => {
	const incoming = new Incoming(input.bytes);
	const { head, pixels, encoding, ...about } = await accepted(incoming, input, set);
	const bytes = async function* () {
		try {
			yield head;
			if (pixels?.length === UNDEFINED) yield* fragments(incoming, encoding);
			else if (pixels) yield* incoming.pass(pixels.length);
		} catch (error) {
			throw withFile(error, input.called);
		} finally {
			await incoming.close();
		}
	};
	return { bytes: bytes(), ...about };
};

/**
 * Reads only so much of a file as is needed to tell whether it would be accepted.
 * @throws GrandChallengeError as `deidentify`
 */
export const checkDicom = async (input: DicomInput, set: ImageSet): Promise<Omit<Deidentified, 'bytes'>> => {
	const incoming = new Incoming(input.bytes);
	const { counts, size } = await accepted(incoming, input, set);
	await incoming.close();
	return { counts, size };
};

interface Accepted {
	/** The clean file up to its pixels. */
	head: Buffer;
	/** Header of the pixels, which come next. */
	pixels?: ElementHeader;
	/** Bytes of all of it, where known. */
	size?: number;
	counts: DicomCounts;
	encoding: Encoding;
}

const accepted = async (incoming: Incoming, { called, size }: DicomInput, set: ImageSet): Promise<Accepted> => {
	try {
		const transferSyntax = await readMeta(incoming);
		const encoding = encodingOf(transferSyntax);
		const cleaner = new Cleaner(set);
		const pixels = await readDataSet(incoming, encoding, cleaner, isEncapsulated(transferSyntax));
		if (pixels && pixels.length !== UNDEFINED && size !== undefined && incoming.taken + pixels.length > size) throw cutOff();
		const { sopClass, sopInstance, dataSet } = cleaner.finish(encoding, pixels !== undefined);
		set.add(called, cleaner.common);
		const pixelHeader = pixels ? [writeHeader(pixels, encoding)] : [];
		const head = Buffer.concat([metaOf(sopClass, sopInstance, transferSyntax), ...dataSet, ...pixelHeader]);
		const whole = pixels?.length === UNDEFINED ? undefined : head.length + (pixels?.length ?? 0);
		return { head, pixels, size: whole, counts: cleaner.counts, encoding };
	} catch (error) {
		await incoming.close();
		throw withFile(error, called);
	}
};

/** Reads what stands in front of the data set. @returns its transfer syntax */
const readMeta = async (incoming: Incoming): Promise<string> => {
	if (!(await incoming.hold(132)) || incoming.held.toString('latin1', 128, 132) !== 'DICM') {
		throw new Refusal("is no DICOM file: the mark 'DICM' is missing behind its first 128 bytes", 'Give DICOM files only. Files without the mark can be rewritten with a DICOM toolkit');
	}
	incoming.take(132);
	let transferSyntax = '';
	while ((await incoming.hold(8)) && incoming.held.readUInt16LE(0) === 0x0002) {
		await incoming.hold(12);
		const { tag, length, size } = headerIn(incoming, EXPLICIT);
		if (incoming.taken + length > LARGEST_META) throw damaged('what stands in front of its data is too long');
		if (!(await incoming.hold(size + length))) throw cutOff();
		const value = incoming.take(size + length).subarray(size);
		if (tag === TRANSFER_SYNTAX) transferSyntax = textIn({ value });
	}
	if (transferSyntax === '') throw damaged('it does not say how it is written, its Transfer Syntax UID is missing');
	return transferSyntax;
};

const isEncapsulated = (transferSyntax: string) => /^1\.2\.840\.10008\.1\.2\.(4\.\d{1,3}|5|8\.\d)$/.test(transferSyntax);

const encodingOf = (transferSyntax: string): Encoding => {
	if (transferSyntax === '1.2.840.10008.1.2') return IMPLICIT;
	if (transferSyntax === '1.2.840.10008.1.2.1' || isEncapsulated(transferSyntax)) return EXPLICIT;
	if (transferSyntax === '1.2.840.10008.1.2.2') return { explicit: true, bigEndian: true };
	if (transferSyntax === '1.2.840.10008.1.2.1.99') {
		throw new Refusal('is compressed as a whole (Deflated Explicit VR Little Endian), which cannot be cleaned here', 'Convert it to another transfer syntax first, for example with dcmconv of DCMTK');
	}
	throw new Refusal('has a transfer syntax that is not known here', 'Convert it to Explicit VR Little Endian first, for example with dcmconv of DCMTK');
};

const headerIn = (incoming: Incoming, encoding: Encoding): ElementHeader => {
	try {
		return readHeader(incoming.held, 0, encoding);
	} catch (error) {
		throw orCutOff(error);
	}
};

const orCutOff = (error: unknown): unknown => (error instanceof Short ? cutOff() : error);

/** Cleans a data set up to its pixels. @returns their header, where it has pixels */
const readDataSet = async (incoming: Incoming, encoding: Encoding, cleaner: Cleaner, encapsulated: boolean): Promise<ElementHeader | undefined> => {
	const start = incoming.taken;
	let before = 0;
	while (await incoming.hold(1)) {
		await incoming.hold(12);
		const header = headerIn(incoming, encoding);
		const { tag, vr, length, size } = header;
		if (tag <= before) throw damaged(`the element ${tagText(tag)} is not in its place`);
		before = tag;
		if (tag === PIXEL_DATA) {
			if (encoding.explicit && vr !== 'OB' && vr !== 'OW') throw damaged('its pixels have no valid VR');
			if ((length === UNDEFINED) !== encapsulated) throw damaged('its pixels are not written as its transfer syntax says');
			incoming.take(size);
			return header;
		}
		// What stands behind the pixels is removed, all of it.
		if (tag > PIXEL_DATA) return undefined;
		if (length !== UNDEFINED && cleaner.ignores(tag)) {
			cleaner.counts.removed++;
			incoming.take(size);
			await incoming.skip(length);
			continue;
		}
		const tooLarge = incoming.taken - start + (length === UNDEFINED ? 0 : length) > LARGEST_HEADER;
		if (tooLarge) throw headerTooLarge();
		if (length !== UNDEFINED && !(await incoming.hold(size + length))) throw cutOff();
		cleaner.add(await nextElement(incoming, encoding), encoding);
	}
	return undefined;
};

const headerTooLarge = () => new Refusal(`has a header of more than ${LARGEST_HEADER / 1024 / 1024} MiB`, 'Such a file cannot be cleaned here; use the site, or another tool');

/** The next element; holds back as much as it takes to find its end. */
const nextElement = async (incoming: Incoming, encoding: Encoding): Promise<Element> => {
	for (;;) {
		try {
			const { element, next } = readElement(incoming.held, 0, encoding);
			incoming.take(next);
			return element;
		} catch (error) {
			if (!(error instanceof Short)) throw asRefusal(error);
		}
		const { length } = incoming.held;
		if (length > LARGEST_HEADER) throw headerTooLarge();
		await incoming.hold(Math.max(2 * length, 65_536));
		if (incoming.held.length === length) throw cutOff();
	}
};

const asRefusal = (error: unknown): unknown => (error instanceof Refusal ? error : damaged('an element cannot be read'));

const fragments = async function* (incoming: Incoming, encoding: Encoding): AsyncGenerator<Uint8Array> {
	for (let last = false; !last; ) {
		if (!(await incoming.hold(8))) throw cutOff();
		const fragment = readFragment(incoming.held, 0, encoding);
		yield incoming.take(8);
		yield* incoming.pass(fragment.length);
		last = fragment.last;
	}
};

/** Takes the elements of a data set in their order and keeps what may stay of them. */
class Cleaner {
	readonly counts: DicomCounts = { kept: 0, removed: 0, replaced: 0, emptied: 0, newUids: 0 };
	/** What files of a set are compared by. */
	readonly common: Array<[number, string]> = [];
	private rules: Rules | undefined;
	private sopClass = '';
	private sopInstance = '';
	private method = '';
	private hasRows = false;
	/** What comes before the SOP class, which decides about it. */
	private readonly waiting: Element[] = [];
	private readonly written: Array<{ tag: number; bytes: Buffer }> = [];

	constructor(private readonly set: ImageSet) {}

	/** Whether it needs no look at an element of the data set itself. */
	ignores(tag: number): boolean {
		return this.rules !== undefined && !this.rules.has(tag) && tag !== BURNED_IN && !COMMON.has(tag);
	}

	add(element: Element, encoding: Encoding): void {
		if (element.tag < SOP_CLASS) {
			this.waiting.push(element);
			return;
		}
		if (element.tag === SOP_CLASS) {
			this.sopClass = textIn(element);
			this.rules = rulesFor(this.sopClass);
			if (this.rules === undefined) {
				throw new Refusal('is of a kind that cannot be de-identified here (its SOP class)', `Grand Challenge's procedure ${procedureVersion} knows ${supportedKinds()}`);
			}
			for (const before of this.waiting) this.write(before, encoding);
		}
		if (element.tag === SOP_INSTANCE) this.sopInstance = textIn(element);
		if (element.tag === ROWS) this.hasRows = true;
		if (element.tag === BURNED_IN && /\bYES\b/i.test(textIn(element))) {
			throw new Refusal('says that its pixels show patient data (Burned In Annotation)', 'It cannot be cleaned here, since pixels are left as they are');
		}
		if (element.tag === METHOD) this.method = textIn(element);
		this.write(element, encoding);
	}

	/** @throws Refusal when something is missing that a file must have */
	finish(encoding: Encoding, hasPixels: boolean) {
		if (this.rules === undefined) throw damaged('it does not say what it is, its SOP Class UID is missing');
		if (this.sopInstance === '') throw damaged('its SOP Instance UID is missing');
		if (this.hasRows && !hasPixels) throw cutOff();
		const added = ([tag, vr, text]: [number, string, string]) => ({ tag, bytes: writeElement(tag, vr, textValue(vr, text), encoding) });
		const marks = [
			added([IDENTITY_REMOVED, 'CS', 'YES']),
			added([METHOD, 'LO', this.method === '' ? METHOD_TEXT : `${this.method}\\${METHOD_TEXT}`]),
		];
		const isMark = (tag: number) => tag === IDENTITY_REMOVED || tag === METHOD;
		const dataSet = [...this.written.filter(({ tag }) => !isMark(tag)), ...marks].sort((a, b) => a.tag - b.tag).map(({ bytes }) => bytes);
		return { sopClass: this.sopClass, sopInstance: this.set.uidFor(this.sopInstance), dataSet };
	}

	private write(element: Element, encoding: Encoding): void {
		if (COMMON.has(element.tag)) this.common.push([element.tag, textIn(element).trim()]);
		const bytes = this.cleaned(element, encoding, 0);
		if (bytes) this.written.push({ tag: element.tag, bytes });
	}

	/** What stays of an element; nothing where it is removed. */
	private cleaned(element: Element, encoding: Encoding, depth: number): Buffer | undefined {
		const { tag, vr } = element;
		const rule = this.rules?.get(tag);
		if (depth > 0 && COMMON_EVERYWHERE.includes(tag)) this.common.push([tag, textIn(element).trim()]);
		switch (rule?.to) {
			case undefined:
				this.counts.removed++;
				return undefined;
			case 'text':
				this.counts[rule.value === '' ? 'emptied' : 'replaced']++;
				return writeElement(tag, rule.vr, textValue(rule.vr, rule.value), encoding);
			case 'emptySequence':
				this.counts.emptied++;
				return writeElement(tag, 'SQ', Buffer.alloc(0), encoding);
			case 'uid':
				this.counts.newUids++;
				return writeElement(tag, rule.vr, this.newUids(element, rule.vr), encoding);
			case 'keep':
			case 'items':
				this.counts.kept++;
				if (rule.to === 'items' || element.items || vr === 'SQ') {
					const items = itemsOf(element, encoding, depth);
					return writeSequence(tag, vr, items, encoding, (elements, inside) => elements.flatMap((inner) => this.cleaned(inner, inside, depth + 1) ?? []));
				}
				if (element.fragments) return Buffer.concat([writeHeader({ tag, vr, length: UNDEFINED }, encoding), element.fragments]);
				return writeElement(tag, vr, element.value ?? Buffer.alloc(0), encoding);
		}
	}

	private newUids(element: Element, vr: string): Buffer {
		if (element.value === undefined) throw damaged(`the element ${tagText(element.tag)} holds no UID`);
		const uids = textIn(element).split('\\').map((uid) => uid.replace(/[\0 ]+$/, ''));
		return textValue(vr, uids.map((uid) => uid && this.set.uidFor(uid)).join('\\'));
	}
}

/** The beginning of a file, with nothing of the file that it was made of. */
const metaOf = (sopClass: string, sopInstance: string, transferSyntax: string): Buffer => {
	const text = (tag: number, vr: string, value: string) => writeElement(tag, vr, textValue(vr, value), EXPLICIT);
	const meta = Buffer.concat([
		writeElement(0x00020001, 'OB', Buffer.from([0, 1]), EXPLICIT),
		text(0x00020002, 'UI', sopClass),
		text(0x00020003, 'UI', sopInstance),
		text(TRANSFER_SYNTAX, 'UI', transferSyntax),
		text(0x00020012, 'UI', IMPLEMENTATION),
		text(0x00020013, 'SH', 'N8N_GC_DEID'),
	]);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(meta.length);
	return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM', 'latin1'), writeElement(0x00020000, 'UL', length, EXPLICIT), meta]);
};
