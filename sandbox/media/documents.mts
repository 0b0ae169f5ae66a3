/** A one-page PDF with a line of text per entry; valid, with its cross-reference table. */
export const createPdf = (lines: string[]): Buffer => {
	const escape = (line: string) => line.replace(/[\\()]/gu, (char) => `\\${char}`);
	const content = `BT /F1 14 Tf 72 760 Td 20 TL ${lines.map((line) => `(${escape(line)}) Tj T*`).join(' ')} ET`;
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		`<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	];
	let text = '%PDF-1.4\n';
	const offsets = objects.map((object, i) => {
		const offset = Buffer.byteLength(text, 'latin1');
		text += `${i + 1} 0 obj\n${object}\nendobj\n`;
		return offset;
	});
	const start = Buffer.byteLength(text, 'latin1');
	const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
	return Buffer.from(text, 'latin1');
};

/** Rows as CSV text; cells must not need quoting. */
export const createCsv = (rows: Array<Array<string | number>>): string =>
	rows.map((row) => `${row.join(',')}\n`).join('');

/** An 8-bit grey TIFF, uncompressed, one strip. */
export const createTiff = (width: number, height: number, grey: (x: number, y: number) => number): Buffer => {
	const pixels = Buffer.from(Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width))));
	const entries: Array<[tag: number, type: number, value: number]> = [
		[256, 4, width],
		[257, 4, height],
		[258, 3, 8],
		[259, 3, 1],
		[262, 3, 1],
		[273, 4, 0],
		[277, 3, 1],
		[278, 4, height],
		[279, 4, pixels.length],
	];
	const directory = Buffer.alloc(2 + entries.length * 12 + 4);
	directory.writeUInt16LE(entries.length, 0);
	entries.forEach(([tag, type, value], i) => {
		const at = 2 + i * 12;
		directory.writeUInt16LE(tag, at);
		directory.writeUInt16LE(type, at + 2);
		directory.writeUInt32LE(1, at + 4);
		const shown = tag === 273 ? 8 + directory.length : value;
		if (type === 3) directory.writeUInt16LE(shown, at + 8);
		else directory.writeUInt32LE(shown, at + 8);
	});
	const header = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
	return Buffer.concat([header, directory, pixels]);
};
