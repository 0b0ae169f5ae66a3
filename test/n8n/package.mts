import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Instance } from './instance.mts';
import { runOrThrow } from './process.mts';

const root = join(import.meta.dirname, '..', '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Packs the package as it would be published; dist must be built.
 * @param folder is made; receives the tarball
 * @returns path of the tarball
 */
export const packPackage = async (folder: string): Promise<string> => {
	await mkdir(folder, { recursive: true });
	await runOrThrow(npm, ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
	const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
	if (!tarball) throw new Error('npm pack made no tarball');
	return join(folder, tarball);
};

/** Installs the tarball where n8n's own installation of community packages puts it (and looks for it when it starts). */
export const installPackage = async (instance: Instance, tarball: string): Promise<void> => {
	const folder = join(instance.folder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-grand-challenge');
	await mkdir(folder, { recursive: true });
	await runOrThrow('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder], { cwd: instance.folder });
};
