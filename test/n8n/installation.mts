import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { currentLine } from '../../scripts/setup.mjs';

/** An n8n on the disk, with the Node that runs it. */
export interface Installation {
	version: string;
	/** Path of the Node program. */
	node: string;
	/** Path of n8n's command line program, a script for that Node. */
	cli: string;
	/** Names of the parts of n8n that can be switched off. */
	modules: string[];
	/** Value of PATH in which `node` is that Node: n8n starts its task runner by this name. */
	path: string;
}

/**
 * @param line a folder of lines/, in which ensureN8n of scripts/setup.mjs has installed the packages `n8n` and `node`
 */
export const installationOf = (line = currentLine): Installation => {
	const modules = join(import.meta.dirname, 'lines', line, 'node_modules');
	const binaries = join(modules, 'node', 'bin');
	const manifest: unknown = JSON.parse(readFileSync(join(modules, 'n8n', 'package.json'), 'utf8'));
	if (typeof manifest !== 'object' || manifest === null || !('version' in manifest))
		throw new Error(`No n8n in ${modules}`);
	return {
		version: String(manifest.version),
		node: join(binaries, process.platform === 'win32' ? 'node.exe' : 'node'),
		cli: join(modules, 'n8n', 'bin', 'n8n'),
		modules: readdirSync(join(modules, 'n8n', 'dist', 'modules')),
		path: binaries + delimiter + (process.env.PATH ?? ''),
	};
};
