// npm run test:gcapi, and a step of npm test: the official client, in the versions that people have, against the sandbox. Each
// version gets a virtual environment of its own, which is kept below node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureProject } from '../../scripts/setup.mjs';

const root = join(import.meta.dirname, '..', '..');

/** The last version for the servers of 2025, and the newest. */
const versions = ['0.15.1', '0.16.1'];

// gcapi wants 3.10; some systems split off what makes environments.
const usable = 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))';

const findPython = () =>
	['python3', 'python'].find((name) => spawnSync(name, ['-c', usable], { stdio: 'ignore' }).status === 0);

/** Runs a program, with its output kept for the error. @throws Error where it does not end with 0 */
const run = (program, args) => {
	const { status, error, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
	if (status !== 0) throw new Error(`${stdout}${stderr}\n${program} ${args.join(' ')} ended with ${error ?? status}`);
};

/** The Python of an environment that has this version of gcapi; made where it is missing or was not finished. */
const environment = (python, version) => {
	const folder = join(root, 'node_modules', '.cache', 'gcapi', version);
	const own = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	const stamp = join(folder, '.ready');
	if (existsSync(stamp) && spawnSync(own, ['-c', 'import gcapi'], { stdio: 'ignore' }).status === 0) return own;
	console.error(`Installing gcapi ${version} ...`);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	run(python, ['-m', 'venv', folder]);
	run(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `gcapi==${version}`]);
	writeFileSync(stamp, '');
	return own;
};

/**
 * Runs main.py with each version. Needs the project's own packages, for the sandbox.
 *
 * @returns false where there is no Python to run it with
 * @throws Error where a version fails
 */
export const testGcapi = () => {
	const python = findPython();
	if (python === undefined) {
		console.log('Skipped: there is no Python 3.10 or later that can make virtual environments');
		return false;
	}
	for (const version of versions) {
		const { status } = spawnSync(environment(python, version), ['-u', join(import.meta.dirname, 'main.py')], {
			cwd: root,
			stdio: 'inherit',
		});
		if (status !== 0) throw new Error(`gcapi ${version} and the sandbox do not agree`);
	}
	return true;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	await ensureProject();
	// For the tests that compare: prints the Python that has the newest gcapi, and nothing where there is none.
	if (process.argv.includes('--python')) {
		const python = findPython();
		if (python !== undefined) process.stdout.write(environment(python, versions.at(-1)));
	} else {
		testGcapi();
	}
}
