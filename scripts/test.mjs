// npm test: everything that needs no n8n server. Sets the project up, runs the static steps, the checks of generated files, gcapi and all
// jest projects, goes on after a failure, and ends with one line "N passed, N failed" (jest's tests, plus one per other step that could
// run).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testGcapi } from '../test/gcapi/run.mjs';
import { ensureBuilt, ensureProject } from './setup.mjs';

const root = join(import.meta.dirname, '..');

/** Runs a script with its output shown. @throws Error where it does not end with 0 */
const node = (script, ...args) => {
	const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
		cwd: root,
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	if (status !== 0) throw new Error(`${script} ended with ${status}`);
};
const tool = (path, ...args) => node(join('node_modules', path), ...args);

const steps = {
	// n8n's configuration, which must stay as it is, ignores dist only; the demo's n8n keeps its files in .demo.
	'lint (n8n)': () => tool('eslint/bin/eslint.js', '.', '--ignore-pattern', '.demo', '--max-warnings', '0'),
	'lint (house)': () => tool('eslint/bin/eslint.js', '.', '--config', 'eslint.house.config.mjs', '--max-warnings', '0'),
	types: () => tool('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.dev.json'),
	build: ensureBuilt,
	package: () => node('scripts/package.mjs'),
	contract: () => node('scripts/run.mjs', 'scripts/contract.mts', '--check'),
	'coverage, reference': () => node('scripts/run.mjs', 'scripts/pages.mts', '--check'),
	// A step that returns false could not run here.
	gcapi: testGcapi,
};

const runStep = async ([name, step]) => {
	console.log(`\n== ${name}`);
	try {
		const ran = await step();
		return { name, passed: ran === false ? 0 : 1, failed: 0 };
	} catch (error) {
		console.error(error.message);
		return { name, passed: 0, failed: 1 };
	}
};

const runJest = () => {
	console.log('\n== tests');
	const folder = mkdtempSync(join(tmpdir(), 'test-'));
	const file = join(folder, 'jest.json');
	try {
		let ended = true;
		try {
			tool('jest/bin/jest.js', '--ci', '--json', '--outputFile', file);
		} catch {
			ended = false;
		}
		const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
		const failed = numFailedTests + numRuntimeErrorTestSuites;
		return { name: 'tests', passed: numPassedTests, failed: ended ? failed : Math.max(1, failed) };
	} catch (error) {
		console.error(`jest gave no result: ${error.message}`);
		return { name: 'tests', passed: 0, failed: 1 };
	} finally {
		rmSync(folder, { recursive: true });
	}
};

const runAll = async () => {
	const results = [];
	for (const step of Object.entries(steps)) results.push(await runStep(step));
	return [...results, runJest()];
};

const ready = await runStep(['setup', ensureProject]);
const results = ready.failed > 0 ? [ready] : await runAll();

const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
const broken = results.filter(({ failed }) => failed > 0).map(({ name }) => name);
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = broken.length === 0 ? 0 : 1;
