// What the node shows in the editor, where n8n's lint rules do not look; and what the built package is made of.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
	NodeHelpers,
	Workflow,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';
import { startHarness, type Harness } from './support/harness.mts';

const repository = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

let n8n: Harness;
beforeAll(async () => {
	n8n = await startHarness();
});
afterAll(() => n8n.stop());

type Entry = INodeProperties | INodePropertyCollection | INodePropertyOptions;
interface Found {
	/** Where it stands, e.g. "values > json > value". */
	path: string;
	entry: Entry;
}

/** A field and everything inside it. */
const inside = (entry: Entry, above = ''): Found[] => {
	const path = above === '' ? entry.name : `${above} > ${entry.name}`;
	const inner = [...('options' in entry ? (entry.options ?? []) : []), ...('values' in entry ? entry.values : [])];
	return [{ path, entry }, ...inner.flatMap((each) => inside(each, path))];
};
const everything = () => n8n.nodeType.description.properties.flatMap((property) => inside(property));
const isField = (entry: Entry): entry is INodeProperties => 'type' in entry;
const fields = () => everything().flatMap(({ path, entry }) => (isField(entry) ? [{ path, entry }] : []));

const optionsOf = ({ options = [] }: INodeProperties) =>
	options.filter((option): option is INodePropertyOptions => 'value' in option);
const resources = () =>
	optionsOf(n8n.nodeType.description.properties.find(({ name }) => name === 'resource') as INodeProperties);
const operations = () =>
	n8n.nodeType.description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap((property) =>
			optionsOf(property).map((operation) => ({
				resource: String(property.displayOptions?.show?.resource?.[0]),
				operation,
			})),
		);

describe('texts', () => {
	it('explain every field whose name does not', () => {
		// A locator says in its own modes what to choose, a collection has its parts, a notice is nothing but words.
		const speaksForItself = ({ name, type }: INodeProperties) =>
			['resource', 'operation', 'filters', 'options'].includes(name) || type === 'resourceLocator' || type === 'notice';
		const mute = fields().filter(({ entry }) => !speaksForItself(entry) && (entry.description ?? '').length < 10);
		expect(mute.map(({ path }) => path)).toEqual([]);
	});

	it('are plain: no emoji, no stray blanks, no markup', () => {
		const texts = everything().flatMap(({ path, entry }) =>
			['displayName', 'description', 'placeholder', 'hint', 'action']
				.map((key) => Reflect.get(entry, key) as unknown)
				.filter((text): text is string => typeof text === 'string')
				.map((text) => ({ path, text })),
		);
		expect(texts.length).toBeGreaterThan(100);
		const odd = texts.filter(({ text }) => /\p{Extended_Pictographic}|^\s|\s$|\s\s|<\/?[a-z]+>/u.test(text));
		expect(odd).toEqual([]);
	});

	it('use one word for each thing', () => {
		const texts = JSON.stringify(
			n8n.nodeType.description.properties.map((property) =>
				inside(property).map(({ entry }) => [entry.name, Reflect.get(entry, 'description')]),
			),
		);
		// An interface is a combination of sockets, never a socket; what the API calls a workstation is a viewer.
		expect(texts).not.toMatch(/workstation|component interface/i);
	});
});

describe('operations', () => {
	it('tell what they do in a sentence of their own', () => {
		const sentences = operations().map(({ operation: { action, description, name } }) => ({
			name,
			action,
			description,
		}));
		expect(sentences.filter(({ action = '' }) => !/^[A-Z][a-z-]+( [A-Za-z]+)+$/.test(action))).toEqual([]);
		expect(sentences.filter(({ description = '' }) => !/^[A-Z][a-z-]+ .+[^.]$/.test(description))).toEqual([]);
		expect(new Set(sentences.map(({ action }) => action)).size).toBe(sentences.length);
		expect(sentences.filter(({ name, description }) => name === description)).toEqual([]);
	});

	it('belong to the resources that there are, which have them all', () => {
		expect([...new Set(operations().map(({ resource }) => resource))]).toEqual(resources().map(({ value }) => value));
	});

	it('are shown with the fields that they need, and begin without faults', () => {
		const { description } = n8n.nodeType;
		for (const { resource, operation } of operations()) {
			const node = {
				id: '',
				name: '',
				type: '',
				typeVersion: 1,
				position: [0, 0] as [number, number],
				parameters: { resource, operation: operation.value },
			};
			const parameters = NodeHelpers.getNodeParameters(
				description.properties,
				node.parameters as never,
				true,
				false,
				node,
				description,
			);
			expect(parameters).toMatchObject({ resource, operation: operation.value, options: {} });
			const shown = description.properties.filter((property) =>
				NodeHelpers.displayParameter(parameters ?? {}, property, node, description),
			);
			expect(shown.map(({ name }) => name)).toEqual([...new Set(shown.map(({ name }) => name))]);
			// Only what has to be chosen is missing in a new node.
			const issues = NodeHelpers.getNodeParametersIssues(
				description.properties,
				{ ...node, parameters: parameters ?? {} },
				description,
			);
			const missing = Object.keys(issues?.parameters ?? {});
			expect(missing).toEqual(shown.filter(({ required }) => required).map(({ name }) => name));
		}
	});

	it('stand below the name of the node in the words of the lists', () => {
		const find = () => n8n.nodeType;
		const below = (resource: string, operation: string) => {
			const parameters = { resource, operation };
			const node = { id: '', name: '', type: '', typeVersion: 1, position: [0, 0] as [number, number], parameters };
			const nodeTypes = { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
			const { expression } = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
			return expression.getSimpleParameterValue(node, n8n.nodeType.description.subtitle ?? '', 'internal', {});
		};
		const names = new Map(resources().map(({ name, value }) => [value, name]));
		for (const { resource, operation } of operations()) {
			expect(below(resource, String(operation.value))).toBe(`${names.get(resource)}: ${operation.name}`);
		}
	});

	it('are listed in the node panel: not so for a node that counts as a tool itself', () => {
		expect(n8n.nodeType.description.codex?.categories).toContain('Data & Storage');
		expect(n8n.nodeType.description.codex?.subcategories?.AI).toBeUndefined();
	});

	it('start from a choice that exists, in every list of choices', () => {
		const lists = fields().filter(({ entry }) => entry.type === 'options');
		expect(lists.length).toBeGreaterThan(8);
		for (const { entry } of lists) {
			const values = optionsOf(entry).map(({ value }) => value);
			expect(values).toContain(entry.default);
			expect(new Set(values).size).toBe(values.length);
		}
	});

	it('have their locators searched by methods that exist', () => {
		const methods = fields().flatMap(({ entry }) =>
			(entry.modes ?? []).flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []),
		);
		expect([...new Set(methods)].sort()).toEqual(Object.keys(n8n.nodeType.methods?.listSearch ?? {}).sort());
	});

	it('have the modes of their locators shown under the names that they have here', () => {
		// The editor has names of its own for these.
		const own = new Map([
			['list', 'From List'],
			['id', 'By ID'],
			['url', 'By URL'],
		]);
		const modes = fields().flatMap(({ path, entry }) => (entry.modes ?? []).map((mode) => ({ path, ...mode })));
		const renamed = modes.filter(({ name, displayName }) => own.has(name) && own.get(name) !== displayName);
		expect(modes.length).toBeGreaterThan(20);
		expect(renamed.map(({ path, displayName }) => `${path}: ${displayName}`)).toEqual([]);
	});

	(existsSync(join(repository, 'README.md')) ? it : it.skip)('are all in the README', () => {
		const rows = new Map(
			read('README.md')
				.split('\n')
				.filter((line) => line.startsWith('| '))
				.map((line) => {
					const [, name = '', cell = ''] = line.split('|').map((part) => part.trim());
					return [
						name,
						cell
							.replace(/\([^)]*\)/g, '')
							.split(',')
							.map((part) => part.trim())
							.sort(),
					];
				}),
		);
		for (const { name, value } of resources()) {
			const own = operations()
				.filter(({ resource }) => resource === value)
				.map(({ operation }) => operation.name);
			expect([name, rows.get(name)]).toEqual([name, own.sort()]);
		}
	});
});

describe('the built package', () => {
	const files = (folder: string): string[] =>
		readdirSync(join(repository, folder), { withFileTypes: true, recursive: true })
			.filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
			.map((entry) => join(entry.parentPath, entry.name));
	const built = files('dist').map((path) => ({
		path: path.slice(repository.length + 1),
		code: readFileSync(path, 'utf8'),
	}));

	it('needs nothing but n8n-workflow and crypto', () => {
		const required = built.flatMap(({ code }) =>
			[...code.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name = '']) => name),
		);
		expect(new Set(required.filter((name) => !name.startsWith('.')))).toEqual(new Set(['n8n-workflow', 'node:crypto']));
		expect(built.filter(({ code }) => /\bimport\(/.test(code))).toEqual([]);
	});

	it('uses of n8n-workflow only what old and new versions of n8n have', () => {
		const used = built.flatMap(({ code }) =>
			[...code.matchAll(/\bn8n_workflow_1\.(\w+)/g)].map(([, name = '']) => name),
		);
		expect([...new Set(used)].sort()).toEqual(['NodeApiError', 'NodeConnectionTypes', 'NodeOperationError', 'sleep']);
	});

	it('has a client that knows nothing of n8n', () => {
		const client = built.filter(({ path }) => path.startsWith(join('dist', 'client')));
		expect(client.length).toBeGreaterThan(20);
		expect(client.filter(({ code }) => /n8n-workflow|\.\.\/nodes|\.\.\/credentials/.test(code))).toEqual([]);
	});

	it('depends on no other package', () => {
		const manifest = JSON.parse(read('package.json')) as Record<string, object | undefined>;
		expect([manifest.dependencies, manifest.optionalDependencies, manifest.bundledDependencies]).toEqual([
			undefined,
			undefined,
			undefined,
		]);
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('gives node, credential and client to programs', () => {
		const exported = createRequire(import.meta.url)(repository) as Record<string, unknown>;
		expect(Object.keys(exported).sort()).toEqual(['GrandChallenge', 'GrandChallengeApi', 'GrandChallengeTrigger', 'client']);
		const { GrandChallenge, GrandChallengeApi, client } = exported as Record<string, new () => object> & {
			client: Record<string, unknown>;
		};
		expect(GrandChallenge && new GrandChallenge()).toMatchObject({ description: { name: 'grandChallenge' } });
		expect(GrandChallengeApi && new GrandChallengeApi()).toMatchObject({ name: 'grandChallengeApi' });
		expect(Object.keys(client)).toEqual(
			expect.arrayContaining([
				'GrandChallenge',
				'axiosPort',
				'parseBaseUrl',
				'standardRetries',
				'startJob',
				'createCase',
			]),
		);
	});
});
