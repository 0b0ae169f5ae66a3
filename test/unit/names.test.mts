import { mimeTypeOf, nameInUrl, safePath, uploadName } from '../../client/files/names';
import { parts, type Part } from '../../client/files/parts';
import { Slots } from '../../client/slots';

describe('paths made of names from the network', () => {
	it.each([
		[['pk', 'images/ct', 'a.mha'], 'pk/images/ct/a.mha'],
		[['pk', '../../etc/passwd'], 'pk/etc/passwd'],
		[['pk', '/abs/./x'], 'pk/abs/x'],
		[['pk', '..\\..\\windows\\x.mha'], 'pk/windows/x.mha'],
		[['pk', 'C:\\x.mha'], 'pk/C_/x.mha'],
		[['pk', 'a\u0000b\n.mha'], 'pk/a_b_.mha'],
		[['pk', 'trailing. . /x'], 'pk/trailing/x'],
		[['pk', '. . /x'], 'pk/x'],
		[['pk', '', 'x'], 'pk/x'],
	])('%j → %s', (given, path) => {
		expect(safePath(...given)).toBe(path);
	});

	it('keeps the ending of a name that is too long', () => {
		expect(safePath(`${'x'.repeat(400)}.mha`)).toMatch(/^x+\.mha$/);
		expect(safePath(`${'x'.repeat(400)}.mha`).length).toBeLessThanOrEqual(200);
	});
});

describe('names of uploads', () => {
	it.each([
		['folder/scan.mha', 'scan.mha'],
		['C:\\data\\scan.mha', 'scan.mha'],
		['..', 'file'],
		['', 'file'],
		[`${'x'.repeat(200)}.nii.gz`, `${'x'.repeat(121)}.nii.gz`],
	])('%j → %s', (given, name) => {
		expect(uploadName(given)).toBe(name);
	});
});

it.each([
	['scan.mha', 'application/octet-stream'],
	['slide.TIF', 'image/tiff'],
	['volume.nii.gz', 'application/gzip'],
	['report.pdf', 'application/pdf'],
	['1.2.3.dcm', 'application/dicom'],
	['noextension', 'application/octet-stream'],
])('%s has the type %s', (name, type) => {
	expect(mimeTypeOf(name)).toBe(type);
});

it('takes the file name from a media URL, without its query', () => {
	expect(nameInUrl('https://grand-challenge.org/media/images/ab/cd/pk/file/lung%20ct.mha?Signature=x')).toBe('lung ct.mha');
	expect(nameInUrl('/media/100%.mha')).toBe('100%.mha');
});

describe('cutting a stream into parts', () => {
	const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, i) => (from + i) % 251);
	const sourceOf = async function* (chunks: number[]) {
		let next = 0;
		for (const length of chunks) {
			yield counting(length, next);
			next += length;
		}
	};
	const cut = async (chunks: number[], size: number, total?: number) => {
		const source = sourceOf(chunks);
		const cuts: Uint8Array[] = [];
		// Room for one part: the next one comes when it was given back.
		const memory = new Slots(size);
		for await (const { bytes, release } of parts(source, size, memory, total)) {
			cuts.push(Buffer.from(bytes));
			release();
		}
		await memory.take(size);
		const whole = Buffer.concat(cuts);
		expect(whole).toEqual(Buffer.from(counting(whole.length)));
		return cuts.map(({ length }) => length);
	};

	it.each([
		[[4, 4, 2], 4, [4, 4, 2]],
		[[1, 1, 1, 1, 1], 2, [2, 2, 1]],
		[[10], 3, [3, 3, 3, 1]],
		[[6], 3, [3, 3]],
		[[2, 0, 5], 4, [4, 3]],
	])('chunks of %j, parts of %i bytes → %j', async (chunks, size, lengths) => {
		expect(await cut(chunks, size)).toEqual(lengths);
		expect(await cut(chunks, size, chunks.reduce((sum, length) => sum + length, 0))).toEqual(lengths);
	});

	it('reads into the memory of a part only when that was released', async () => {
		const got: Part[] = [];
		for await (const part of parts(sourceOf([1, 1, 1, 1, 1, 1, 1, 1]), 2, new Slots(6))) {
			got.push(part);
			if (got.length === 2) got[0]?.release();
			if (got.length === 3) got[2]?.release();
		}
		const [first, second, third, fourth] = got.map(({ bytes }) => [...bytes]);
		expect(second).toEqual([2, 3]);
		expect(fourth).toEqual([6, 7]);
		expect([first, third]).toEqual([fourth, fourth]);
	});

	it('never reads into the memory of the source', async () => {
		const whole = counting(6);
		const source = (async function* () {
			yield whole;
			yield* sourceOf([1, 1]);
		})();
		for await (const { release } of parts(source, 2, new Slots(2))) release();
		expect(whole).toEqual(counting(6));
	});

	it('gives one empty part for an empty file, since an upload needs one', async () => {
		expect(await cut([], 4)).toEqual([0]);
		expect(await cut([0], 4, 0)).toEqual([0]);
	});
});
