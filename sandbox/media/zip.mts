import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** A file in a zip file. */
export interface ZipEntry {
	/** With the folders before it. */
	name: string;
	size: number;
	/** The bytes, unpacked. */
	read(): AsyncIterable<Uint8Array>;
}

const endSignature = Buffer.from('PK\x05\x06', 'latin1');
const largestEnd = 22 + 65_535;

/** True if the bytes begin as a zip file does. */
export const isZip = (start: Buffer): boolean => ['PK\x03\x04', 'PK\x05\x06'].includes(start.toString('latin1', 0, 4));

/** The files in a stored zip file, in its order; undefined if it cannot be read (or is larger than 4 GiB). */
export const readZip = async (path: string): Promise<ZipEntry[] | undefined> => {
	const handle = await open(path);
	try {
		const total = (await handle.stat()).size;
		const read = async (position: number, length: number) =>
			(await handle.read(Buffer.alloc(length), 0, length, position)).buffer;
		const tail = await read(Math.max(0, total - largestEnd), Math.min(total, largestEnd));
		const end = tail.lastIndexOf(endSignature);
		if (end < 0 || end + 22 > tail.length) return undefined;
		const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
		const entries: ZipEntry[] = [];
		for (let at = 0; at + 46 <= directory.length; ) {
			const [method, packed, size, nameLength] = [
				directory.readUInt16LE(at + 10),
				directory.readUInt32LE(at + 20),
				directory.readUInt32LE(at + 24),
				directory.readUInt16LE(at + 28),
			];
			const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
			const header = directory.readUInt32LE(at + 42);
			// The header before the bytes has extra fields of its own.
			const local = await read(header, 30);
			const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
			if (!name.endsWith('/')) entries.push({ name, size, read: () => unpack(path, start, packed, method) });
			at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
		}
		return entries;
	} catch {
		return undefined;
	} finally {
		await handle.close();
	}
};

const unpack = async function* (path: string, start: number, length: number, method: number) {
	if (length === 0) return;
	const file = createReadStream(path, { start, end: start + length - 1 });
	yield* method === 0 ? file : through(file, createInflateRaw());
};

/** What comes out of a stream that bytes are sent through; both are closed when nobody reads on. */
export const through = async function* (source: Readable, unpacker: Transform): AsyncGenerator<Uint8Array> {
	source.on('error', (error) => unpacker.destroy(error));
	try {
		yield* source.pipe(unpacker);
	} finally {
		source.destroy();
		unpacker.destroy();
	}
};
