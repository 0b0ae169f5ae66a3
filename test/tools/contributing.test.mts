// The example in CONTRIBUTING.md is what stands in the repository.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8');

const blocks = [...read('CONTRIBUTING.md').matchAll(/^`([^`\n]+)`[^\n]*\n\n```ts\n(.*?)\n```$/gms)].map(([, path = '', code = '']) => ({ path, code }));

it('has an example', () => {
	expect(blocks.map(({ path }) => path.split('/')[0])).toEqual(['nodes', 'nodes', 'test']);
});

it.each(blocks)('shows $path as it is', ({ path, code }) => {
	expect(read(path)).toContain(code);
});
