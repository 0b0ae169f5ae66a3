// Programs that the tests drive and npm has not: found in PATH and usual places, or brought from Debian.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { runOrThrow } from '../test/n8n/process.mts';

export const isProgram = (path: string): boolean => {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

export const inPath = (names: string[]): string[] =>
	(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));

const canInstall = () => process.getuid?.() === 0 && inPath(['apt-get']).some(isProgram);

/** Installs a Debian package where that is allowed; a service in it is not started. */
const install = async (name: string) => {
	console.log(`Installing ${name} with apt ...`);
	// In runlevel 1 Debian starts no services.
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
	const apt = (...args: string[]) => runOrThrow('apt-get', args, { cwd: '/', env });
	await apt('update');
	await apt('install', '-y', '--no-install-recommends', name);
};

/**
 * @param find the path of the program, if it is there
 * @param name of the Debian package that has it
 * @returns the path; undefined where it is not there and cannot be installed
 */
export const ensureProgram = async (find: () => string | undefined, name: string): Promise<string | undefined> => {
	const found = find();
	if (found !== undefined || !canInstall()) return found;
	await install(name);
	return find();
};
