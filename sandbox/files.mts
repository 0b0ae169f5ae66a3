import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Platform } from './platform.mts';
import type { StoredFile, Upload } from './store.mts';

/** Bytes in memory or on their way. */
export type Bytes = Uint8Array | string | AsyncIterable<Uint8Array>;

const chunksOf = (bytes: Bytes): AsyncIterable<Uint8Array> | Iterable<Uint8Array> =>
	typeof bytes === 'string' ? [Buffer.from(bytes)] : bytes instanceof Uint8Array ? [bytes] : bytes;

/** Bytes that are read or written at once: each time has its price, and clients share the processors with the sandbox. */
export const block = 512 * 1024;

/** Streams bytes into a file, hashing on the way. Removes the file again and throws if the source breaks off. */
export const writeBytes = async (
	path: string,
	bytes: Bytes,
	onChunk: (chunk: Uint8Array) => Promise<void> | void,
): Promise<{ size: number; md5: Buffer }> => {
	const md5 = createHash('md5');
	const handle = await open(path, 'w');
	let size = 0;
	let waiting: Uint8Array[] = [];
	let waitingBytes = 0;
	const flush = async () => {
		const { bytesWritten } = await handle.writev(waiting);
		if (bytesWritten !== waitingBytes) throw new Error(`${path}: the disk took only ${bytesWritten} of ${waitingBytes} bytes`);
		waiting = [];
		waitingBytes = 0;
	};
	try {
		for await (const chunk of chunksOf(bytes)) {
			md5.update(chunk);
			size += chunk.length;
			await onChunk(chunk);
			waiting.push(chunk);
			waitingBytes += chunk.length;
			if (waitingBytes >= block) await flush();
		}
		await flush();
	} catch (error) {
		await rm(path, { force: true });
		throw error;
	} finally {
		await handle.close();
	}
	return { size, md5: md5.digest() };
};

/** Stores bytes as a file of the platform under that name. */
export const storeFile = async (
	platform: Platform,
	name: string,
	bytes: Bytes,
	contentType = contentTypeOf(name),
): Promise<StoredFile> => {
	const folder = join(platform.folder, 'stored');
	await mkdir(folder, { recursive: true });
	const path = join(folder, randomUUID());
	const sha256 = createHash('sha256');
	const { size, md5 } = await writeBytes(path, bytes, (chunk) => void sha256.update(chunk));
	return { path, name, size, md5: md5.toString('hex'), sha256: sha256.digest('hex'), contentType, modified: platform.clock.wall() };
};

/** The parts of an upload in their order, as one stream of bytes. */
export const readUpload = async function* (upload: Upload): AsyncGenerator<Uint8Array> {
	for (const part of orderedParts(upload)) yield* createReadStream(part.path);
};

/** The parts of an upload sorted by number. */
export const orderedParts = (upload: Upload) => [...upload.parts.values()].sort((a, b) => a.number - b.number);

/** Bytes that an upload holds. */
export const uploadSize = (upload: Upload): number =>
	[...upload.parts.values()].reduce((sum, part) => sum + part.size, 0);

/** The first bytes of a stream of chunks. */
export const headOf = async (chunks: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> => {
	const parts: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of chunks) {
		parts.push(chunk);
		size += chunk.length;
		if (size >= length) break;
	}
	return Buffer.concat(parts).subarray(0, length);
};

/** The first bytes of a file. */
export const fileHead = async (path: string, length: number): Promise<Buffer> => {
	const handle = await open(path);
	try {
		const buffer = Buffer.alloc(length);
		const { bytesRead } = await handle.read(buffer, 0, length, 0);
		return buffer.subarray(0, bytesRead);
	} finally {
		await handle.close();
	}
};

/** Removes an upload with its parts: what the platform does once it has used them, or when they are too old. */
export const removeUpload = async (platform: Platform, upload: Upload): Promise<void> => {
	platform.store.uploads.delete(upload.pk);
	await Promise.all([...upload.parts.values()].map((part) => rm(part.path, { force: true })));
};

const types: Record<string, string> = {
	json: 'application/json',
	pdf: 'application/pdf',
	csv: 'text/plain',
	png: 'image/png',
	jpeg: 'image/jpeg',
	jpg: 'image/jpeg',
	zip: 'application/zip',
	tif: 'image/tiff',
	dzi: 'application/xml',
	mp4: 'video/mp4',
};

/** What the platform's sniffing would store for a file of that name (libmagic calls a CSV plain text). */
export const contentTypeOf = (name: string): string =>
	types[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
