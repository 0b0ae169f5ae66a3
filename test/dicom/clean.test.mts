// The de-identifier by itself: what it lets through, what it refuses and in which words.
import { deflateRawSync } from 'node:zlib';
import { checkDicom, deidentify } from '../../client/dicom/deidentify';
import { ImageSet } from '../../client/dicom/imageSet';
import { GrandChallengeError } from '../../client/transport/errors';
import { createRandom } from '../../sandbox/random.mts';
import { clean, pieces } from './support/clean.mts';
import { sopClasses, synthetic, syntaxes, type Syntax, type Wish } from './support/synthetic.mts';

const MARKER = 'CANARY-7F3A';
const [CT = '', , WSM = ''] = sopClasses;
const allSyntaxes = Object.keys(syntaxes) as Syntax[];
const ways = sopClasses.flatMap((sopClass) => allSyntaxes.map((syntax): [string, Syntax] => [sopClass, syntax]));
const made = (wish: Partial<Wish> = {}) => synthetic({ seed: 5, sopClass: CT, syntax: 'explicit', share: 0.2, ...wish });

/** A file of the transfer syntax 'explicit', its data set deflated. */
const deflated = (bytes: Buffer): Buffer => {
	const syntax = Buffer.from(`UI\x14\0${syntaxes.explicit}\0`, 'latin1');
	const at = bytes.indexOf(syntax);
	const start = bytes.indexOf(Buffer.from([8, 0]), at + syntax.length);
	const meta = bytes.subarray(at + syntax.length, start);
	return Buffer.concat([bytes.subarray(0, at), Buffer.from(`UI\x16\0${syntaxes.explicit}.99`, 'latin1'), meta, deflateRawSync(bytes.subarray(start))]);
};

const refusal = async (bytes: Buffer, options?: Parameters<typeof clean>[1]): Promise<GrandChallengeError> => {
	try {
		await clean(bytes, options);
	} catch (error) {
		if (error instanceof GrandChallengeError) return error;
		throw error;
	}
	throw new Error('It was accepted');
};

describe('a marker in all that is to go', () => {
	it.each(ways)('is nowhere in a clean file: %s %s', async (sopClass, syntax) => {
		const bytes = synthetic({ seed: 2, sopClass, syntax, marker: MARKER, share: 1 });
		expect(bytes.toString('latin1').split(MARKER).length).toBeGreaterThan(200);
		const { bytes: out } = await clean(bytes);
		expect(out.includes(MARKER)).toBe(false);
		expect(out.subarray(0, 132)).toEqual(Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]));
	});
});

describe('a clean file', () => {
	it.each(ways)('is as long as was said: %s %s', async (sopClass, syntax) => {
		const { bytes, size } = await clean(synthetic({ seed: 3, sopClass, syntax, share: 0.05 }));
		expect(size).toBe(syntax === 'jpeg' ? undefined : bytes.length);
	});

	it('is not changed by a second cleaning but for its UIDs and its method', async () => {
		const { bytes, counts } = await clean(made());
		const again = await clean(bytes);
		expect(counts.removed).toBeGreaterThan(0);
		expect(again.counts).toEqual({ ...counts, removed: 1, kept: expect.any(Number) });
	});

	it('tells how many elements were treated how', async () => {
		const { counts } = await clean(made({ share: 0, extra: [{ name: '(0010,0010)', vr: 'PN', value: 'A' }, { name: '(0010,0040)', vr: 'CS', value: 'F' }, { name: '(0010,1010)', vr: 'AS', value: '034Y' }], without: ['(0009,0010)', '(0009,1001)', '(0011,1002)', '(0012,0063)'] }));
		// Kept: SOP class and the seven that describe the pixels. New: SOP instance.
		expect(counts).toEqual({ kept: 8, removed: 1, replaced: 1, emptied: 1, newUids: 1 });
	});

	it('has the same new UID for the same old one in all files of a set, and another in another set', async () => {
		const set = new ImageSet();
		const uidsOf = async (used: ImageSet) => (await clean(made(), { set: used })).bytes.toString('latin1').match(/2\.25\.\d+/g);
		const first = await uidsOf(set);
		expect(await uidsOf(set)).toEqual(first);
		expect(await uidsOf(new ImageSet())).not.toEqual(first);
	});
});

describe('pieces of every size, from one byte to the whole file', () => {
	/** A sequence that is kept, without a length, its items without one and with one. */
	const open = (items: string) => `\x12\0\x64\0SQ\0\0\xff\xff\xff\xff${items}\xfe\xff\xdd\xe0\0\0\0\0`;
	const code = '\x08\0\0\x01SH\x04\0CODE';
	const sequence = open(`\xfe\xff\0\xe0\xff\xff\xff\xff${code}\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\0\xe0\x0c\0\0\0${code}`);
	const withSequence = (bytes: Buffer) => {
		const at = bytes.indexOf(Buffer.from([0x28, 0, 2, 0]));
		return Buffer.concat([bytes.subarray(0, at), Buffer.from(sequence, 'latin1'), bytes.subarray(at)]);
	};
	const small = (syntax: Syntax, wish: Partial<Wish> = {}) => synthetic({ seed: 4, sopClass: CT, syntax, share: 0, without: ['(0009,1001)'], ...wish });
	const trailing = Buffer.from('\xfc\xff\xfc\xffOB\0\0\x04\0\0\0\0\0\0\0', 'latin1');

	const accepted = /^\0{128}DICM/;
	it.each<[string, Buffer, RegExp]>([
		...allSyntaxes.map((syntax): [string, Buffer, RegExp] => [syntax, small(syntax), accepted]),
		['sequences without lengths', withSequence(small('explicit', { without: ['(0012,0063)', '(0012,0064)'] })), /^\0{128}DICM[^]*CODE[^]*CODE/],
		['bytes behind the pixels', Buffer.concat([small('explicit'), trailing]), accepted],
		['cut off in the header', small('explicit').subarray(0, small('explicit').indexOf(Buffer.from([0x28, 0, 0x10, 0])) + 5), /cut off/],
		['cut off in compressed pixels', small('jpeg').subarray(0, -12), /cut off/],
		['deflated', deflated(small('explicit')), /compressed as a whole/],
		['no DICOM', Buffer.alloc(200), /no DICOM/],
	])('give the same: %s', async (_, bytes, expected) => {
		const set = new ImageSet();
		const outcome = async (chunk: number) => {
			try {
				return (await clean(bytes, { set, chunk, size: false })).bytes.toString('latin1');
			} catch (error) {
				return error instanceof GrandChallengeError ? error.message : String(error);
			}
		};
		const whole = await outcome(bytes.length);
		expect(whole).toMatch(expected);
		for (let chunk = 1; chunk < bytes.length; chunk++) if ((await outcome(chunk)) !== whole) throw new Error(`Pieces of ${chunk} bytes give something else`);
	});
});

describe('a file is refused before a byte of it is given out', () => {
	const at = (bytes: Buffer, text: string) => bytes.indexOf(Buffer.from(text, 'latin1'));
	const replaced = (bytes: Buffer, text: string, by: string) => {
		const copy = Buffer.from(bytes);
		copy.write(by, at(copy, text), 'latin1');
		return copy;
	};
	const explicit = made();
	it.each<[string, Buffer, RegExp]>([
		['no DICOM', Buffer.from('Something else, written by hand'.repeat(10)), /is no DICOM file/],
		['empty', Buffer.alloc(0), /is no DICOM file/],
		['another kind', made({ extra: [{ name: '(0008,0016)', vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7' }] }), /of a kind that cannot be de-identified/],
		['deflated', deflated(explicit), /compressed as a whole/],
		['another transfer syntax', replaced(explicit, '\0UI\x14\x001.2.840.10008.1.2.1\0', '\0UI\x14\x001.2.840.10008.1.2.9\0'), /transfer syntax that is not known/],
		['burned in', made({ extra: [{ name: '(0028,0301)', vr: 'CS', value: 'no\\yes' }] }), /Burned In Annotation/],
		['no SOP instance', made({ without: ['(0008,0018)'] }), /SOP Instance UID is missing/],
		['no SOP class', made({ without: ['(0008,0016)'] }), /SOP Class UID is missing/],
		['cut off in the header', explicit.subarray(0, 600), /cut off/],
	])('%s', async (_, bytes, message) => {
		const error = await refusal(bytes, { called: 'file 1 of 2' });
		expect(error.reason).toBe('badInput');
		expect(error.message).toMatch(/^The file 1 of 2 /);
		expect(error.message).toMatch(message);
		expect(error.advice).toBeTruthy();
		await expect(deidentify({ called: 'x', bytes: pieces(bytes) }, new ImageSet())).rejects.toThrow(message);
	});

	it('where its size tells that its pixels are cut off; else at their end', async () => {
		const bytes = made();
		const cut = bytes.subarray(0, bytes.indexOf(Buffer.from('\xe0\x7f\x10\x00OW', 'latin1')) + 20);
		await expect(checkDicom({ called: 'x', size: cut.length, bytes: pieces(cut) }, new ImageSet())).rejects.toThrow(/cut off/);
		await checkDicom({ called: 'x', bytes: pieces(cut) }, new ImageSet());
		expect((await refusal(cut, { size: false })).message).toMatch(/cut off/);
		expect((await refusal(made({ syntax: 'jpeg' }).subarray(0, -30), { size: false })).message).toMatch(/cut off|in pieces/);
	});

	it('where it belongs to another patient, and neither is named', async () => {
		const set = new ImageSet();
		const of = (value: string) => made({ extra: [{ name: '(0010,0020)', vr: 'LO', value }] });
		await clean(of('PAT-4711'), { called: 'first', set });
		const error = await refusal(of('PAT-4712'), { called: 'second', set });
		expect(error.message).toBe('The second does not belong to the others of this image: its Patient ID is another than in the first');
		expect(JSON.stringify(error)).not.toContain('PAT-47');
	});

	it('and its source is ended', async () => {
		let ended = false;
		const source = async function* () {
			try {
				for (;;) yield Buffer.alloc(1000);
			} finally {
				ended = true;
			}
		};
		await expect(deidentify({ called: 'x', bytes: source() }, new ImageSet())).rejects.toThrow(/no DICOM/);
		expect(ended).toBe(true);
	});
});

describe('mutated and cut files', () => {
	const bases = [CT, WSM].flatMap((sopClass) => allSyntaxes.flatMap((syntax) => [1, 2].map((seed) => synthetic({ seed, sopClass, syntax, marker: MARKER, share: 0.03 }))));

	/** Something like a damaged file: bits, lengths and pieces are not what they were. */
	const mutated = (bytes: Buffer, random: ReturnType<typeof createRandom>): Buffer => {
		const copy = Buffer.from(bytes);
		for (let n = random.int(4); n >= 0; n--) {
			const place = 128 + random.int(copy.length - 136);
			switch (random.int(5)) {
				case 0:
					copy[place] = random.int(256);
					break;
				case 1:
					copy.writeUInt32LE(0xffffffff, place);
					break;
				case 2:
					copy.writeUInt32LE(random.int(2 ** 32), place);
					break;
				case 3:
					copy.copy(copy, place, 128 + random.int(copy.length - 136));
					break;
				case 4:
					copy.write(['SQ', 'UN', 'OB', '\xfe\xff\x00\xe0', '\xfe\xff\xdd\xe0', '\xfe\xff\x0d\xe0'][random.int(6)] ?? '', place, 'latin1');
			}
		}
		return copy;
	};

	/** Either a clear error, or a file that is whole and clean. */
	const judge = async (bytes: Buffer, chunk: number): Promise<Buffer | undefined> => {
		let out: Buffer;
		try {
			out = (await clean(bytes, { called: 'x', chunk, size: false })).bytes;
		} catch (error) {
			if (!(error instanceof GrandChallengeError) || error.reason !== 'badInput') throw error;
			if (!error.message.startsWith('The x ') || `${error.message} ${error.advice}`.includes(MARKER)) throw error;
			return undefined;
		}
		// Nothing is left that the procedure removes, but for the mark that is added.
		if ((await clean(out)).counts.removed !== 1) throw new Error('The file is not clean');
		return out;
	};

	it('50,000 mutated files give a clear error or a clean file', async () => {
		const random = createRandom(1);
		let accepted = 0;
		for (let n = 0; n < 50_000; n++) {
			const bytes = mutated(bases[n % bases.length] ?? Buffer.alloc(0), random);
			const chunk = n % 20 === 0 ? 1 + random.int(8) : 64 + random.int(4000);
			if (await judge(bytes, chunk)) accepted++;
		}
		// Else this would test the refusal of one thing only.
		expect(accepted).toBeGreaterThan(5000);
		expect(accepted).toBeLessThan(45_000);
	}, 120_000);

	it('each file cut at each place gives a clear error, or nothing of what is to go', async () => {
		for (const base of bases) {
			for (let length = 0; length < base.length; length += 29) {
				const out = await judge(base.subarray(0, length), length);
				expect(out?.includes(MARKER) ?? false).toBe(false);
			}
		}
	}, 120_000);

	it('deeply nested sequences are refused', async () => {
		const level = Buffer.from('\x12\x00\x64\x00SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff', 'latin1');
		const bytes = made({ without: [] });
		const deep = Buffer.concat([bytes.subarray(0, bytes.indexOf(Buffer.from([0x28, 0, 2, 0]))), ...Array.from({ length: 100_000 }, () => level)]);
		expect((await refusal(deep)).message).toMatch(/nested too deeply|not in its place/);
	});
});
