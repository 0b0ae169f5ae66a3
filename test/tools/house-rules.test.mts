// Each rule of eslint.house.config.mjs, broken once on purpose in a copy of the repository's frame.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');
const config = 'eslint.house.config.mjs';

const broken: Array<[file: string, rule: string, code: string]> = [
	['client/any.ts', '@typescript-eslint/no-explicit-any', 'export const a: any = 1;'],
	['client/hidden-any.ts', '@typescript-eslint/no-unsafe-assignment', 'export const a: string = JSON.parse("1");'],
	['client/cast.ts', '@typescript-eslint/consistent-type-assertions', 'export const a = (b: unknown) => b as string;'],
	['client/bang.ts', '@typescript-eslint/no-non-null-assertion', 'export const a = (b?: string): string => b!;'],
	['client/declaration.ts', 'no-restricted-syntax', 'export function a() { return 1; }'],
	['client/expression.ts', 'no-restricted-syntax', 'export const a = function () { return 1; };'],
	['client/floating.ts', '@typescript-eslint/no-floating-promises', 'export const a = () => { Promise.resolve(1); };'],
	['client/throw.ts', '@typescript-eslint/only-throw-error', 'export const a = () => { throw "text"; };'],
	[
		'client/types.ts',
		'@typescript-eslint/consistent-type-imports',
		"import { T } from './ok';\nexport const a: T = 1;",
	],
	['client/timer.ts', 'no-restricted-globals', 'export const a = (f: () => void) => setTimeout(f, 1);'],
	['client/process.ts', 'no-restricted-globals', 'export const a = process.env;'],
	['client/fetch.ts', 'no-restricted-globals', "export const a = () => fetch('x');"],
	['client/disable.ts', 'eqeqeq', '/* eslint-disable */\nexport const a = (b: number) => b == 1;'],
	['client/unused.ts', '@typescript-eslint/no-unused-vars', 'const a = 1;\nexport {};'],
	['client/lazy.ts', 'no-restricted-syntax', "export const a = async () => await import('axios');"],
	['client/n8n.ts', '@typescript-eslint/no-restricted-imports', "export type { INode } from 'n8n-workflow';"],
	['client/nodes.ts', '@typescript-eslint/no-restricted-imports', "export * from '../nodes/ok';"],
	['client/credentials.ts', '@typescript-eslint/no-restricted-imports', "export type * from '../credentials/ok';"],
	['client/deep/sandbox.ts', '@typescript-eslint/no-restricted-imports', "export type * from '../../sandbox/ok.mjs';"],
	[
		'client/stream.ts',
		'@typescript-eslint/no-restricted-imports',
		"import type { Readable } from 'stream';\nexport type A = Readable;",
	],
	['nodes/axios.ts', '@typescript-eslint/no-restricted-imports', "export { default } from 'axios';"],
	['nodes/deep/test.ts', '@typescript-eslint/no-restricted-imports', "export type * from '../../test/ok.mjs';"],
	['credentials/core.ts', '@typescript-eslint/no-restricted-imports', "export type { Credentials } from 'n8n-core';"],
	['test/any.mts', '@typescript-eslint/no-explicit-any', 'export const a: any = 1;'],
	['test/declaration.mts', 'no-restricted-syntax', 'export function a() { return 1; }'],
	['test/double-cast.mts', 'no-restricted-syntax', 'export const a = (b: number) => b as unknown as string;'],
	[
		'sandbox/floating.mts',
		'@typescript-eslint/no-floating-promises',
		'export const a = () => { Promise.resolve(1); };',
	],
	['sandbox/unused.mts', '@typescript-eslint/no-unused-vars', 'const a = 1;\nexport {};'],
	['scripts/declaration.mjs', 'no-restricted-syntax', 'export function a() { return 1; }'],
	['scripts/unused.mjs', 'no-unused-vars', 'const a = 1;'],
	['scripts/undefined.mjs', 'no-undef', 'export const a = nobodyKnowsThis;'],
];

const clean: Array<[file: string, code: string]> = [
	[
		'client/ok.ts',
		`import { createHash } from 'node:crypto';
export type T = number;
export function* numbers() { yield 1; }
export const hash = (text: string) => createHash('md5').update(Buffer.from(text)).digest('hex');
export const kinds = ['a', 'b'] as const;
export class A { get b() { return 1; } c() { return [...numbers()]; } }`,
	],
	[
		'nodes/ok.ts',
		`import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { hash } from '../client/ok';
export const methods = { listSearch: { search(this: ILoadOptionsFunctions) { return hash(this.getNode().name); } } };
export async function search(this: ILoadOptionsFunctions) { return this.getNode().name; }
export const searchFor: (this: ILoadOptionsFunctions) => string = function () { return this.getNode().name; };`,
	],
	['credentials/ok.ts', 'export const a = 1;'],
	['sandbox/ok.mts', 'export const a = 1;\nsetTimeout(() => console.log(process.pid), a);'],
	['test/ok.mts', 'export const a = (b: unknown) => b as string;'],
	['scripts/ok.mjs', 'console.log(process.argv);'],
	['dist/ignored.js', 'function a() {}'],
];

describe('the rules of the house', () => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'house-rules-')));
	const found = new Map<string, string[]>();

	beforeAll(() => {
		for (const name of [config, 'tsconfig.json', 'tsconfig.dev.json'])
			copyFileSync(join(repository, name), join(root, name));
		symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
		for (const [file, code] of [...broken.map(([name, , text]) => [name, text] as const), ...clean]) {
			mkdirSync(dirname(join(root, file)), { recursive: true });
			writeFileSync(join(root, file), `${code}\n`);
		}
		const eslint = join(repository, 'node_modules', 'eslint', 'bin', 'eslint.js');
		const { stdout, stderr } = spawnSync(process.execPath, [eslint, '.', '--config', config, '--format', 'json'], {
			cwd: root,
		});
		if (stdout.length === 0) throw new Error(stderr.toString());
		const results = JSON.parse(stdout.toString()) as Array<{
			filePath: string;
			messages: Array<{ ruleId: string | null; message: string }>;
		}>;
		for (const { filePath, messages } of results) {
			found.set(
				relative(root, filePath).replaceAll('\\', '/'),
				messages.map(({ ruleId, message }) => ruleId ?? message),
			);
		}
	}, 120_000);
	afterAll(() => {
		rmSync(root, { recursive: true });
	});

	it.each(broken)('%s breaks %s', (file, rule) => {
		expect(found.get(file)).toContain(rule);
	});

	it.each(clean)('%s is clean', (file) => {
		expect(found.get(file) ?? []).toEqual([]);
	});
});
