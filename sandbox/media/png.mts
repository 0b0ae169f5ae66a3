import { inflateSync } from 'node:zlib';

const signature = '\x89PNG\r\n\x1a\n';

/** True if the bytes begin as a PNG does. */
export const isPng = (start: Buffer): boolean => start.toString('latin1', 0, 8) === signature;

/** An image of bytes: rows from the top, channels next to each other. */
export interface Raster {
	width: number;
	height: number;
	channels: number;
	pixels: Buffer;
}

const channelsOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Decodes a PNG of 8 bits per channel, without interlacing; undefined if it is another. Alpha is dropped, as the platform does. */
export const decodePng = (bytes: Buffer): Raster | undefined => {
	const chunks = readChunks(bytes);
	const header = chunks.find(({ type }) => type === 'IHDR')?.data;
	if (header === undefined || header.length < 13 || header[8] !== 8 || header[12] !== 0) return undefined;
	const [width, height, color] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] ?? 0];
	const channels = channelsOf[color];
	if (channels === undefined) return undefined;
	const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
	const pixels = unfilter(inflateSync(data), width * channels, height, channels);
	const palette = chunks.find(({ type }) => type === 'PLTE')?.data;
	if (color === 3 && palette === undefined) return undefined;
	if (palette !== undefined && color === 3) {
		const colors = Buffer.concat(Array.from(pixels, (index) => palette.subarray(index * 3, index * 3 + 3)));
		return { width, height, channels: 3, pixels: colors };
	}
	const kept = channels % 2 === 0 ? channels - 1 : channels;
	const opaque = kept === channels ? pixels : pixels.filter((_, i) => i % channels < kept);
	return { width, height, channels: kept, pixels: Buffer.from(opaque) };
};

const readChunks = (bytes: Buffer): Array<{ type: string; data: Buffer }> => {
	const chunks: Array<{ type: string; data: Buffer }> = [];
	for (let at = 8; at + 12 <= bytes.length; ) {
		const length = bytes.readUInt32BE(at);
		chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
		at += 12 + length;
	}
	return chunks;
};

/** Undoes the prediction that each row was stored with. */
const unfilter = (raw: Buffer, stride: number, height: number, step: number): Buffer => {
	const pixels = Buffer.alloc(stride * height);
	for (let y = 0; y < height; y += 1) {
		const filter = raw[y * (stride + 1)] ?? 0;
		for (let x = 0; x < stride; x += 1) {
			const at = y * stride + x;
			const left = x < step ? 0 : (pixels[at - step] ?? 0);
			const up = y === 0 ? 0 : (pixels[at - stride] ?? 0);
			const corner = x < step || y === 0 ? 0 : (pixels[at - stride - step] ?? 0);
			const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
			pixels[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted;
		}
	}
	return pixels;
};

const paeth = (left: number, up: number, corner: number): number => {
	const estimate = left + up - corner;
	const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
	if (a <= b && a <= c) return left;
	return b <= c ? up : corner;
};
