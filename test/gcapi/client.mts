// The official client in a process of its own, which runs one recipe after the other.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SpawnedSandbox } from '../../sandbox/client.mts';
import type { Json } from '../../sandbox/json.mts';

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
	const child = spawn(python, ['-u', join(import.meta.dirname, 'main.py'), '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const ask = async (line: string): Promise<Record<string, Json>> => {
		child.stdin.write(`${line}\n`);
		const { value, done } = await lines.next();
		if (done) throw new Error('gcapi has ended');
		return JSON.parse(value) as Record<string, Json>;
	};
	const { recipes } = await ask(JSON.stringify({ ...origins, tokens, ca, folder }));
	return {
		recipes: recipes as string[],
		files: join(folder, 'files'),
		run: async (page) => {
			const { obtained = null, error } = await ask(page);
			if (error !== undefined) throw new Error(String(error));
			return obtained;
		},
		stop: async () => {
			child.stdin.end();
			await new Promise((ended) => child.once('exit', ended));
			rmSync(folder, { recursive: true });
		},
	};
};
