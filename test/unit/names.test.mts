import { mimeTypeOf, nameInUrl, safePath, uploadName } from '../../client/files/names';
import { parts } from '../../client/files/parts';
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
	const cut = async (chunks: number[], size: number, total?: number) => {
		const source = (async function* () {
			let next = 0;
			for (const length of chunks) yield Uint8Array.from({ length }, () => next++ % 251);
		})();
		const cuts: Uint8Array[] = [];
		// Room for one part: the next one comes when it was given back.
		const memory = new Slots(size);
		for await (const { bytes, reserved } of parts(source, size, memory, total)) {
			cuts.push(Buffer.from(bytes));
			memory.give(reserved);
		}
		await memory.take(size);
		const whole = Buffer.concat(cuts);
		expect(whole).toEqual(Buffer.from(Uint8Array.from({ length: whole.length }, (_, i) => i % 251)));
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

	it('gives one empty part for an empty file, since an upload needs one', async () => {
		expect(await cut([], 4)).toEqual([0]);
		expect(await cut([0], 4, 0)).toEqual([0]);
	});
});
