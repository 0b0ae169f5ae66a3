import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spawnSync } from 'node:child_process';

import type * as client from '../client';
import { sopClasses, synthetic } from '../test/dicom/support/synthetic.mts';
import { findPython } from '../test/gcapi/client.mts';
import { converse } from '../test/support/conversation.mts';
import { MIB, noise, sha256 } from './files.mts';
import { withN8n, type Bench } from './n8n.mts';
import { peakOver } from './peak.mts';

/** What a file of any size may cost over the idle process, in MiB. */
const LIMIT = 128;
/** How many times as fast as the official tool. */
const GOAL = 3;
const ROUNDS = 5;

/** Element of pixel data, and its value representation. */
const PIXELS = Buffer.concat([Buffer.from([0xe0, 0x7f, 0x10, 0x00]), Buffer.from('OW')]);

/** A DICOM file with all tags that the procedure names, and so many MiB of frames. */
const multiFrame = function* (mib: number) {
	const small = synthetic({ seed: 1, sopClass: sopClasses[0] ?? '', syntax: 'explicit', share: 1 });
	const header = Buffer.alloc(12);
	PIXELS.copy(header);
	header.writeUInt32LE(mib * MIB, 8);
	yield small.subarray(0, small.lastIndexOf(PIXELS));
	yield header;
	yield* noise(mib, 0);
};

/**
 * De-identifies a DICOM file of 2 GiB through the built node in the real n8n-core, and smaller ones from disk to disk with the built client
 * and the official tool in turn, and prints what that takes.
 * @param args MiB of the large file, 2048 by default, and of those that are compared, 512 by default
 * @returns whether memory and throughput are as they should be
 */
export const dicom = async ([large = '2048', compared = '512']: string[]): Promise<boolean> => {
	const folder = mkdtempSync(join(tmpdir(), 'dicom-'));
	try {
		return await withN8n({}, async (bench) => {
			const path = await made(folder, Number(large));
			const { peak, idle, rate } = await throughNode(bench, path);
			rmSync(path);
			console.log(`${large} MiB through the node: ${rate.toFixed(0)} MiB/s, peak ${peak.toFixed(0)} MiB over ${idle.toFixed(0)} MiB idle (limit ${LIMIT})`);
			return (await compare(folder, Number(compared))) && peak <= LIMIT;
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
};

const made = async (folder: string, mib: number): Promise<string> => {
	const path = join(folder, `${mib}.dcm`);
	await pipeline(Readable.from(multiFrame(mib)), createWriteStream(path));
	return path;
};

/** n8n has the file on its disk before, and its clean copy afterwards. */
const throughNode = async ({ n8n, credentials, makeBinary, streamBinary }: Bench, path: string) => {
	const data = await makeBinary(createReadStream(path), 'frames.dcm', 'application/dicom');
	const parameters = { resource: 'image', operation: 'deidentifyDicom', field: 'data', options: {} };
	const { value, ...used } = await peakOver(() => n8n.runNode({ credentials, items: [{ json: {}, binary: { data } }], parameters }));
	if (value.status !== 'success') throw new Error(value.error?.message ?? value.status);
	const [item] = value.items;
	const [field = 'data'] = Object.keys(item?.binary ?? {});
	if ((await tailHash(await streamBinary(item, field))) !== (await tailHash(createReadStream(path)))) throw new Error('The frames were changed');
	return { ...used, rate: statSync(path).size / MIB / used.seconds };
};

/** @returns seconds */
const throughClient = async (input: string, output: string): Promise<number> => {
	const { deidentify, ImageSet } = (createRequire(import.meta.url)('../index.js') as { client: typeof client }).client;
	const start = performance.now();
	const { bytes } = await deidentify({ name: 'frames.dcm', bytes: createReadStream(input, { highWaterMark: MIB }), size: statSync(input).size }, new ImageSet());
	await pipeline(Readable.from(bytes), createWriteStream(output));
	return (performance.now() - start) / 1000;
};

/** SHA-256 of the last MiB: frames are to stay as they were. */
const tailHash = async (file: AsyncIterable<Buffer>): Promise<string> => {
	const last: Buffer[] = [];
	let held = 0;
	for await (const chunk of file) {
		last.push(chunk);
		held += chunk.length;
		while (held - (last[0]?.length ?? 0) >= MIB) held -= last.shift()?.length ?? 0;
	}
	return sha256([Buffer.concat(last).subarray(-MIB)]);
};

/** Lets the disk finish what was written before, which would be counted to what comes next. */
const settleDisk = (output: string) => {
	rmSync(output, { force: true });
	spawnSync('sync');
};

const compare = async (folder: string, mib: number): Promise<boolean> => {
	const input = await made(folder, mib);
	const output = join(folder, 'clean.dcm');
	const python = findPython();
	const official = python === undefined ? undefined : converse(python, ['-W', 'ignore', '-u', join(import.meta.dirname, 'dicom.py')]);
	const rates: Record<'ours' | 'official', number[]> = { ours: [], official: [] };
	const pixels = await tailHash(createReadStream(input));
	for (let round = 0; round < ROUNDS; round++) {
		settleDisk(output);
		rates.ours.push(mib / (await throughClient(input, output)));
		if ((await tailHash(createReadStream(output))) !== pixels) throw new Error('The frames were changed');
		settleDisk(output);
		const answer = await official?.ask({ input, output });
		if (answer) rates.official.push(mib / Number(answer.seconds));
	}
	await official?.end();
	const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
	const [mine, theirs] = [median(rates.ours), median(rates.official)];
	console.log(`${mib} MiB, median of ${ROUNDS}: ours ${mine.toFixed(0)} MiB/s`);
	if (python === undefined) {
		console.log('The official tool was not run: there is no Python for it');
		return true;
	}
	const { stdout } = spawnSync(python, ['-c', 'from importlib.metadata import version; print(version("grand-challenge-dicom-de-identifier"))'], { encoding: 'utf8' });
	console.log(`official tool ${stdout.trim()}: ${theirs.toFixed(0)} MiB/s; ours is ${(mine / theirs).toFixed(1)} times as fast (goal ${GOAL})`);
	return mine >= GOAL * theirs;
};
