// The documentation hangs together: links lead somewhere, and nothing is left out.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

/** As GitHub makes them of headings. */
const anchorsOf = (page: string) =>
	[...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

interface Link {
	from: string;
	to: string;
	anchor: string;
}
const links = pages.flatMap((from) =>
	[...read(from).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = '', anchor = '']): Link => ({ from, to: path === '' ? from : normalize(join(dirname(from), path)), anchor })),
);

it('has links to files and headings that are there', () => {
	expect(links.length).toBeGreaterThan(100);
	const broken = links.filter(({ to, anchor }) => !existsSync(join(root, to)) || (anchor !== '' && !anchorsOf(to).includes(anchor)));
	expect(broken).toEqual([]);
});

it('is found from the README, all of it, and so are the examples', () => {
	const linked = new Set(links.filter(({ from }) => from === 'README.md').map(({ to }) => to));
	const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}`);
	expect([...pages.filter((page) => page.startsWith('docs/')), ...examples].filter((page) => !linked.has(page))).toEqual([]);
});

it('tells every reason that programs may meet', () => {
	const [, union = ''] = /export type Reason =([^;]+);/.exec(read('client/transport/errors.ts')) ?? [];
	const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason = '']) => reason);
	const told = read('docs/transport.md').split('## Errors')[1] ?? '';
	expect(reasons.length).toBeGreaterThan(10);
	expect(reasons.filter((reason) => !told.includes(`\`${reason}\``))).toEqual([]);
});
