// The examples are ready to import: explained on the canvas, nobody's data in them, and made of what the nodes have.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from '../../scripts/contract/compare.mts';
import { exampleFiles } from '../n8n/examples.mts';
import type { Workflow } from '../n8n/instance.mts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const contract = JSON.parse(read('test/contract.json')) as Contract;
const files = readdirSync(join(root, 'examples'));

it('are all run or imported by the tests with real servers', () => {
	expect(files.length).toBeGreaterThanOrEqual(12);
	expect(Object.values(exampleFiles).sort()).toEqual(files.sort());
});

describe.each(files)('%s', (file) => {
	const text = read(`examples/${file}`);
	const { name, nodes } = JSON.parse(text) as Workflow;
	const ours = nodes.filter(({ type }) => type.startsWith('n8n-nodes-grand-challenge.'));

	it('says on the canvas what it does and what to fill in', () => {
		expect(name).toMatch(/^Grand Challenge: \p{Ll}/u);
		const [note] = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		const { content } = note?.parameters ?? {};
		expect(content).toMatch(/^## [^\n]+\n\n(?:[^\n]+\n\n)+1\. Choose a \*\*Grand Challenge\*\* credential/);
		// The notes are about nodes that are there.
		const bold = [...String(content).matchAll(/ in \*\*([^*]+)\*\*/g)].map(([, node]) => node);
		expect(bold.filter((node) => !nodes.some((each) => each.name === node))).toEqual([]);
	});

	it('has no data of anybody, and a credential to be chosen', () => {
		expect(text).not.toMatch(/[\w.]+@(?!example\.)[\w-]+\.\w+|\b[0-9a-f]{64}\b/);
		expect(ours.length).toBeGreaterThan(0);
		for (const { credentials } of ours) expect(credentials?.grandChallengeApi).toEqual({ id: null, name: 'Grand Challenge' });
	});

	it('has only parameters that the nodes have', () => {
		for (const { type, typeVersion, parameters } of ours) {
			const node = `${type.split('.')[1]} ${typeVersion}`;
			const { resource, operation, event } = parameters;
			const places = [`${node} >`, `${node}: ${String(resource)} >`, `${node}: ${String(resource)}.${String(operation)} >`, `${node}: ${String(event)} >`];
			const known = (path: string) => places.some((place) => `${place} ${path}` in contract);
			const inner = (name: string) => Object.keys((parameters[name] ?? {}) as object).map((each) => `${name} > ${each}`);
			const paths = [...Object.keys(parameters), ...['options', 'filters', 'values'].flatMap(inner)];
			expect(paths.filter((path) => path !== 'pollTimes' && !known(path))).toEqual([]);
		}
	});
});
