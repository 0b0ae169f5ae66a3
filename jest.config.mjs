// One jest project per level of tests. `roots` keeps jest's file map to the tests' own folders, away from dist/, .demo/ and the
// n8n server below test/n8n. Types are checked by `npm run typecheck`, here swc only removes them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = import.meta.dirname;
const levels = ['unit', 'core', 'faults', 'gcapi', 'dicom', 'sandbox', 'tools'];

const project = (level) => ({
	displayName: level,
	rootDir: root,
	roots: [`<rootDir>/test/${level}`],
	testMatch: ['**/*.test.mts'],
	testPathIgnorePatterns: ['/node_modules/'],
	testEnvironment: '<rootDir>/test/support/single-context-environment.mjs',
	moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
	transform: {
		'\\.m?ts$': [
			'@swc/jest',
			{
				swcrc: false,
				jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
				module: { type: 'commonjs' },
				sourceMaps: 'inline',
			},
		],
	},
	...(['core', 'faults', 'gcapi'].includes(level) ? { setupFilesAfterEnv: ['<rootDir>/test/core/support/setup.mts'] } : {}),
});

export default {
	projects: levels.filter((level) => existsSync(join(root, 'test', level))).map(project),
	testSequencer: '<rootDir>/test/support/longest-first.mjs',
	// Jest would take one less than there are cores; tests of the node wait for the sandbox more than they compute.
	maxWorkers: 4,
	passWithNoTests: true,
	testTimeout: 30_000,
};
