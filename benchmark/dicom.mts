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
/** The official tool takes a fifth of a second for each. */
const FEW = 50;

/** Element of pixel data, and its value representation. */
const PIXELS = Buffer.concat([Buffer.from([0xe0, 0x7f, 0x10, 0x00]), Buffer.from('OW')]);

/** A DICOM file with all tags that the procedure names, and so many MiB of pixels. */
const image = function* (mib: number, number: number) {
	const small = synthetic({ seed: 1, sopClass: sopClasses[0] ?? '', syntax: 'explicit', share: 1 });
	const header = Buffer.alloc(12);
	PIXELS.copy(header);
	header.writeUInt32LE(mib * MIB, 8);
	yield small.subarray(0, small.lastIndexOf(PIXELS));
	yield header;
	yield* noise(mib, number);
};

/**
 * De-identifies a DICOM file of 2 GiB through the built node in the real n8n-core, then one large file and a series of small ones from
 * disk to disk, with the built client, the official tool and a plain copy in turn, and prints what that takes.
 * @param args MiB of the large file, 2048 by default, and of those that are compared, 512 by default
 * @returns whether memory is as it should be, and ours as fast as it should be
 */
export const dicom = async ([large = '2048', compared = '512']: string[]): Promise<boolean> => {
	const folder = mkdtempSync(join(tmpdir(), 'dicom-'));
	try {
		return await withN8n({}, async (bench) => {
			const [path = ''] = await made(folder, 1, Number(large));
			const { peak, idle, rate } = await throughNode(bench, path);
			rmSync(path);
			console.log(`${large} MiB through the node: ${rate.toFixed(0)} MiB/s, peak ${peak.toFixed(0)} MiB over ${idle.toFixed(0)} MiB idle (limit ${LIMIT})`);
			const one = await compare(folder, 'one file', await made(folder, 1, Number(compared)));
			const many = await compare(folder, `${FEW} files of 1 MiB`, await made(folder, FEW, 1));
			return one && many && peak <= LIMIT;
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
};

const made = async (folder: string, count: number, mib: number): Promise<string[]> => {
	const paths = Array.from({ length: count }, (_, i) => join(folder, `${mib}-${i}.dcm`));
	for (const [i, path] of paths.entries()) await pipeline(Readable.from(image(mib, i)), createWriteStream(path));
	return paths;
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

/** Files and what becomes of them. */
type Pairs = Array<{ input: string; output: string }>;

const throughClient = async (pairs: Pairs): Promise<void> => {
	const { deidentify, ImageSet } = (createRequire(import.meta.url)('../index.js') as { client: typeof client }).client;
	const set = new ImageSet();
	for (const { input, output } of pairs) {
		const { bytes } = await deidentify({ called: 'a file', bytes: createReadStream(input, { highWaterMark: MIB }), size: statSync(input).size }, set);
		await pipeline(Readable.from(bytes), createWriteStream(output));
	}
};

/** What reading and writing alone take. */
const copied = async (pairs: Pairs): Promise<void> => {
	for (const { input, output } of pairs) await pipeline(createReadStream(input, { highWaterMark: MIB }), createWriteStream(output));
};

/** @returns seconds */
const timed = async (work: () => Promise<void>): Promise<number> => {
	const start = performance.now();
	await work();
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
const settleDisk = (pairs: Pairs) => {
	for (const { output } of pairs) rmSync(output, { force: true });
	spawnSync('sync');
};

const compare = async (folder: string, title: string, inputs: string[]): Promise<boolean> => {
	const pairs = inputs.map((input, i) => ({ input, output: join(folder, `clean-${i}.dcm`) }));
	const mib = inputs.reduce((sum, input) => sum + statSync(input).size, 0) / MIB;
	const python = findPython();
	const official = python === undefined ? undefined : converse(python, ['-W', 'ignore', '-u', join(import.meta.dirname, 'dicom.py')]);
	const { input = '', output = '' } = pairs.at(-1) ?? {};
	const pixels = await tailHash(createReadStream(input));
	const measure = async (seconds: () => Promise<number>): Promise<number> => {
		settleDisk(pairs);
		const rate = mib / (await seconds());
		if ((await tailHash(createReadStream(output))) !== pixels) throw new Error('The pixels were changed');
		return rate;
	};
	const [copies, mine, others]: [number[], number[], number[]] = [[], [], []];
	for (let round = 0; round < ROUNDS; round++) {
		copies.push(await measure(() => timed(() => copied(pairs))));
		mine.push(await measure(() => timed(() => throughClient(pairs))));
		if (official) others.push(await measure(async () => Number((await official.ask({ pairs })).seconds)));
	}
	await official?.end();
	settleDisk(pairs);
	for (const path of inputs) rmSync(path);
	const median = (rates: number[]) => [...rates].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
	const [ours, copy, theirs] = [median(mine), median(copies), median(others)];
	console.log(`${title}, ${mib.toFixed(0)} MiB, median of ${ROUNDS}: ours ${ours.toFixed(0)} MiB/s, ${(ours / copy).toFixed(2)} times a plain copy (${copy.toFixed(0)} MiB/s)`);
	if (python === undefined) {
		console.log('The official tool was not run: there is no Python for it');
		return true;
	}
	const { stdout } = spawnSync(python, ['-c', 'from importlib.metadata import version; print(version("grand-challenge-dicom-de-identifier"))'], { encoding: 'utf8' });
	console.log(`official tool ${stdout.trim()}: ${theirs.toFixed(0)} MiB/s; ours is ${(ours / theirs).toFixed(1)} times as fast (goal ${GOAL})`);
	return ours >= GOAL * theirs;
};
