// The official client in a process of its own, which runs one recipe after the other.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpawnedSandbox } from '../../sandbox/client.mts';
import type { Json } from '../../sandbox/json.mts';
import { converse } from '../support/conversation.mts';

export interface Gcapi {
	/** The pages of the documentation that there are recipes of. */
	recipes: string[];
	/** Where the files are that the recipes upload. */
	files: string;
	/** Resets the sandbox and runs a recipe. @returns what it has read */
	run(page: string): Promise<Json>;
	stop(): Promise<void>;
}

/** The Python that has gcapi, installed if need be; nothing where there is no Python to do so. */
export const findPython = (): string | undefined => {
	const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.mjs'), '--python'], { encoding: 'utf8' });
	if (status !== 0) throw new Error(stderr);
	return stdout === '' ? undefined : stdout;
};

export const startGcapi = async (python: string, { origins, tokens, ca }: SpawnedSandbox): Promise<Gcapi> => {
	const folder = mkdtempSync(join(tmpdir(), 'gcapi-'));
	const { ask, end } = converse(python, ['-u', join(import.meta.dirname, 'main.py'), '--serve']);
	const { recipes } = await ask({ ...origins, tokens, ca: ca ?? '', folder });
	return {
		recipes: recipes as string[],
		files: join(folder, 'files'),
		run: async (page) => (await ask(page)).obtained ?? null,
		stop: async () => {
			await end();
			rmSync(folder, { recursive: true });
		},
	};
};
