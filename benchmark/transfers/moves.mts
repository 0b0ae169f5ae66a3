import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { pdf, sha256, volume } from '../files.mts';

/** What is moved, and how much faster than others ours has to be at it. */
export interface Move {
	name: string;
	title: string;
	direction: 'up' | 'down';
	files: { content: 'image' | 'report'; count: number; mib: number };
	/** All files make one case; else a case each. */
	together?: boolean;
	/** By the names of the contenders: how many times the time of ours theirs has to be. */
	goals: Record<string, number>;
	/** Whether it is done once more with failing parts. */
	fails?: boolean;
}

/** MiB of each of many files. */
export const FILE_MIB = 5;

export const movesOf = (mib: number, count: number, connections: number): Move[] => {
	const [large, reports, images] = [
		{ content: 'image' as const, count: 1, mib },
		{ content: 'report' as const, count, mib: FILE_MIB },
		{ content: 'image' as const, count, mib: FILE_MIB },
	];
	const batched = `HTTP Request, ${connections} at a time`;
	const many = `${count} files of ${FILE_MIB} MiB`;
	return [
		{ name: 'a', title: `1 image of ${mib} MiB up`, direction: 'up', files: large, goals: { gcapi: 3 }, fails: true },
		{ name: 'b', title: `${many} up, a case each`, direction: 'up', files: reports, goals: { gcapi: 1 } },
		{ name: 'b2', title: `${many} up, one case`, direction: 'up', files: images, together: true, goals: { gcapi: 1 } },
		{ name: 'c', title: `${many} down from an archive`, direction: 'down', files: reports, goals: { gcapi: 5, [batched]: 1 } },
		{ name: 'c2', title: `${count} images of ${FILE_MIB} MiB down from an archive`, direction: 'down', files: images, goals: { gcapi: 5, [batched]: 1 } },
		{ name: 'd', title: `1 image of ${mib} MiB down`, direction: 'down', files: large, goals: { gcapi: 1, 'HTTP Request': 1 } },
	];
};

export interface MadeFiles {
	paths: string[];
	hashes: string[];
}

const makers = { image: { make: volume, ending: 'mha' }, report: { make: pdf, ending: 'pdf' } };

/** Writes the files of a move to the disk, once for all moves with the same. */
export const fileMaker = (folder: string) => {
	const made = new Map<string, Promise<MadeFiles>>();
	const make = async ({ content, count, mib }: Move['files']): Promise<MadeFiles> => {
		const { make: chunksOf, ending } = makers[content];
		const files: MadeFiles = { paths: [], hashes: [] };
		for (let number = 1; number <= count; number++) {
			const path = join(folder, `${content}-${mib}-${number}.${ending}`);
			await pipeline(Readable.from(chunksOf(mib, number), { objectMode: false }), createWriteStream(path));
			files.paths.push(path);
			files.hashes.push(await sha256(chunksOf(mib, number)));
		}
		return files;
	};
	return (files: Move['files']): Promise<MadeFiles> => {
		const key = JSON.stringify(files);
		const known = made.get(key) ?? make(files);
		made.set(key, known);
		return known;
	};
};
