import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExpectedFile } from './platform.mts';

/** Empties a folder. */
export const emptyFolder = async (folder: string): Promise<void> => {
	await rm(folder, { recursive: true });
	await mkdir(folder);
};

/**
 * Asserts that the folder holds exactly these files: files and images byte for byte, values as JSON.
 * @throws AssertionError naming what is missing, too much or different
 */
export const assertFiles = async (folder: string, expected: ExpectedFile[]): Promise<void> => {
	const names = expected.map(({ name }) => name).sort();
	assert.deepEqual((await readdir(folder)).sort(), names, 'the files on the disk');
	for (const { name, content } of expected) {
		const bytes = await readFile(join(folder, name));
		if ('bytes' in content) assert(bytes.equals(content.bytes), `${name} is not what the platform stores`);
		else assert.deepEqual(JSON.parse(bytes.toString('utf8')), content.value, name);
	}
};
