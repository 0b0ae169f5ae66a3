// n8n's guidelines for community nodes, executed on what the package shows once it is built: every node, every credential. Each test
// is named by its rule. n8n's lint rules read the sources and see only what is written there as a literal; most of ours is composed.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeHelpers, type INodeProperties, type INodeType } from 'n8n-workflow';
import nspell from 'nspell';
import ts from 'typescript';
import { choicesOf, describedPackage, isChoice, isField, repository, within, type Entry } from '../../scripts/described.mts';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const { nodes, credentials } = describedPackage();
const isTrigger = ({ description }: INodeType) => description.group.includes('trigger');
const actionNodes = nodes.filter((node) => !isTrigger(node));

interface Found {
	/** Where it is, e.g. "grandChallenge > values > json > value". */
	path: string;
	entry: Entry;
	/** Set for what stands inside a collection. */
	inCollection: boolean;
}

/** A field, and all that is inside it: options, fields of collections. */
const inside = (entry: Entry, above: string, inCollection = false): Found[] => {
	const path = `${above} > ${entry.name}`;
	const collects = inCollection || (isField(entry) && ['collection', 'fixedCollection'].includes(entry.type));
	return [{ path, entry, inCollection }, ...within(entry).flatMap((each) => inside(each, path, collects))];
};
const places = [...nodes.map(({ description }) => description), ...credentials];
const everything = places.flatMap(({ name, properties }) => properties.flatMap((property) => inside(property, name)));
const fields = everything.flatMap(({ entry, ...rest }) => (isField(entry) ? [{ ...rest, field: entry }] : []));
const ofType = (...types: string[]) => fields.filter(({ field }) => types.includes(field.type));
const choices = everything.flatMap(({ path, entry }) => (isChoice(entry) ? [{ path, entry }] : []));

const operations = nodes.flatMap(({ description }) =>
	description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap((property) => {
			const resource = String(property.displayOptions?.show?.resource?.[0]);
			const names = choicesOf(description.properties.find(({ name }) => name === 'resource') ?? property);
			const resourceName = names.find(({ value }) => value === resource)?.name ?? '';
			return choicesOf(property).map((operation) => ({ description, resource, resourceName, operation }));
		}),
);

/** The fields that are shown first for an operation, or for a trigger. */
const shown = (description: INodeType['description'], parameters: Record<string, string> = {}): INodeProperties[] => {
	const node = { id: '', name: '', type: '', typeVersion: 1, position: [0, 0] as [number, number], parameters };
	const filled = NodeHelpers.getNodeParameters(description.properties, parameters, true, false, node, description) ?? {};
	return description.properties.filter((property) => NodeHelpers.displayParameter(filled, property, node, description));
};
const forms = [
	...operations.map(({ description, resource, operation }) => {
		const of = { resource, operation: String(operation.value) };
		return { path: `${of.resource}.${of.operation}`, shown: shown(description, of) };
	}),
	...nodes.filter(isTrigger).map(({ description }) => ({ path: description.name, shown: shown(description) })),
];

/** Every text that people read in the editor, with the place where it is. */
const texts = [
	...places.map(({ name, displayName, ...rest }) => ({ path: name, text: [displayName, 'description' in rest ? rest.description : ''].join('. ') })),
	...everything.flatMap(({ path, entry }) =>
		['displayName', 'description', 'placeholder', 'hint', 'action', ...(isChoice(entry) ? ['name'] : [])]
			.map((key) => Reflect.get(entry, key) as unknown)
			.filter((text): text is string => typeof text === 'string')
			.map((text) => ({ path, text })),
	),
];
const sentences = fields
	.flatMap(({ path, field }) => [field.description, field.hint].map((text) => ({ path, text })))
	.concat(choices.map(({ path, entry }) => ({ path, text: entry.description })))
	.flatMap(({ path, text }) => (text ? [{ path, text }] : []));

/** What the package may say when it runs: every literal of the sources that has three words or more, in parts where something is put in. */
const messages = () => {
	const literals = (node: ts.Node): string[] => [
		...(ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node) ? [node.text] : []),
		...node.getChildren().flatMap(literals),
	];
	const below = (folder: string) => readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
	const sources = ['client', 'nodes', 'credentials'].flatMap(below).filter((path) => path.endsWith('.ts'));
	const written = sources.flatMap((path) => literals(ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)).map((text) => ({ path, text })));
	return written.filter(({ text }) => /^\S*( \S+){2}/.test(text));
};

/** Where a rule is broken; the same field may be found at many places. */
const broken = <Each extends { path: string }>(all: Each[], isBroken: (each: Each) => boolean): string[] => {
	expect(all.length).toBeGreaterThan(0);
	return [...new Set(all.filter(isBroken).map(({ path, ...rest }) => ('text' in rest ? `${path}: ${String(rest.text)}` : path)))];
};

const small = new Set('a an and as at but by for from if in into of on or per the to vs with'.split(' '));
const words = (text: string): string[] => text.match(/[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*/gu) ?? [];
const isTitle = (text: string): boolean =>
	words(text).every((word, i, all) => /^\p{Lu}|^\p{N}/u.test(word) || (i > 0 && i < all.length - 1 && small.has(word)));
const isSorted = (names: string[]): boolean => names.every((name, i) => i === 0 || (names[i - 1] ?? '').localeCompare(name, 'en') <= 0);

describe('order and vocabulary', () => {
	it('U1: resource first, then operation, neither of them an expression', () => {
		for (const { description } of actionNodes) {
			const [first, ...others] = description.properties;
			expect(first).toMatchObject({ name: 'resource', displayName: 'Resource', noDataExpression: true });
			for (const form of forms.filter(({ path }) => path.includes('.'))) {
				expect(form.shown.slice(0, 2).map(({ name }) => name)).toEqual(['resource', 'operation']);
			}
			const own = others.filter(({ name }) => name === 'operation');
			expect(own.filter(({ noDataExpression, displayName }) => noDataExpression !== true || displayName !== 'Operation')).toEqual([]);
		}
	});

	it('U2: operations have the names that n8n has for them', () => {
		const others = /^(Add|Change|Delete All|Edit|Fetch|Find|Get All|List|Make|Modify|New|Read|Remove|Retrieve|Search|Set|Upsert)\b/;
		expect(broken(operations.map(({ resource, operation }) => ({ path: `${resource}: ${operation.name}` })), ({ path }) => others.test(path.split(': ')[1] ?? ''))).toEqual([]);
	});

	const named = operations.map(({ resourceName, operation }) => ({
		path: `${resourceName}: ${operation.name}: ${operation.action}`,
		resourceName,
		operation,
	}));

	it('U3: names of operations in title case, without the resource', () => {
		const own = (resourceName: string) => resourceName.replace(/ \(.*\)$/, '');
		expect(broken(named, ({ resourceName, operation: { name } }) => !isTitle(name) || name.includes(own(resourceName)))).toEqual([]);
	});

	it('U3: actions in sentence case, without articles, naming the resource', () => {
		expect(broken(named, ({ operation: { action = '' } }) => !/^\p{Lu}[\p{Ll}-]+( [\p{Ll}-]+| DICOM)+$/u.test(action))).toEqual([]);
		expect(broken(named, ({ operation: { action = '' } }) => /\b(a|an|the)\b/i.test(action))).toEqual([]);
		// The resource's words in any order, or how people call it, which its name has in brackets; one or many.
		const stem = (word: string) => word.toLowerCase().replace(/ies$/, 'y').replace(/s$/, '');
		const names = (resourceName: string, action: string) =>
			resourceName
				.replace(' (Advanced)', '')
				.split(' (')
				.some((name) => words(name).every((word) => words(action).map(stem).includes(stem(word))));
		expect(broken(named, ({ resourceName, operation: { action = '' } }) => !names(resourceName, action))).toEqual([]);
	});

	it('U3: descriptions say more than the name and the action', () => {
		const plain = (text = '') => text.toLowerCase().replace(/\b(a|an|the|one)\b|[^a-z]/g, '');
		expect(broken(named, ({ operation: { name, action, description } }) => [name, action].map(plain).includes(plain(description)))).toEqual([]);
	});

	it('U6: one record is chosen by a locator: from a list first, by ID or slug, by URL', () => {
		const locators = ofType('resourceLocator').map(({ path, field: { modes = [], default: given } }) => ({
			path,
			names: modes.map(({ displayName, type }) => `${displayName}: ${type}`).join(),
			searchable: modes.some(({ typeOptions = {} }) => typeOptions.searchListMethod !== undefined && typeOptions.searchable === true),
			given,
		}));
		// The interface of an algorithm has no page.
		const listed = ({ path }: { path: string }) => path.endsWith('> interface');
		expect(broken(locators, (locator) => !listed(locator) && !/^From List: list,By (ID|Slug): string,By URL: string$/.test(locator.names))).toEqual([]);
		expect(broken(locators, ({ searchable }) => !searchable)).toEqual([]);
		expect(broken(locators, ({ given }) => JSON.stringify(given) !== '{"mode":"list","value":""}')).toEqual([]);
	});

	it('U7: what is required comes before what is not, and Options come last', () => {
		const kind = ({ name, required }: INodeProperties) => (name === 'options' ? 2 : required ? 0 : 1);
		const asked = forms.map(({ path, shown: all }) => ({
			path,
			kinds: all.filter(({ name, type }) => !['resource', 'operation', 'event'].includes(name) && !['notice', 'callout'].includes(type)).map(kind),
		}));
		expect(broken(asked, ({ kinds }) => kinds.some((each, i) => i > 0 && each < (kinds[i - 1] ?? 0)))).toEqual([]);
	});

	it('U7: choices, and fields of collections, stand in the order of the alphabet', () => {
		const lists = ofType('options', 'multiOptions', 'collection', 'fixedCollection').map(({ path, field: { options = [] } }) => ({
			path,
			names: options.map((option) => ('displayName' in option ? option.displayName : option.name)),
		}));
		expect(broken(lists, ({ names }) => !isSorted(names))).toEqual([]);
	});

	it('U8: nothing inside a collection depends on what stands beside it: such workflows could not be opened', () => {
		expect(broken(fields, ({ inCollection, field }) => inCollection && field.displayOptions !== undefined)).toEqual([]);
	});

	it('U9: the same field has the same name and type in all operations, so that values survive a change', () => {
		for (const { description } of nodes) {
			const outer = description.properties.filter(({ name, type }) => name !== 'operation' && type !== 'notice');
			const types = new Map(outer.map(({ name, type }) => [name, type]));
			expect(outer.filter(({ name, type }) => types.get(name) !== type).map(({ name }) => name)).toEqual([]);
			const names = new Map(outer.map(({ displayName, type, name }) => [`${displayName} ${type}`, name]));
			expect(outer.filter(({ displayName, type, name }) => names.get(`${displayName} ${type}`) !== name).map(({ name }) => name)).toEqual([]);
		}
	});

	it('U11: Simplify and Return All have the name and the words that n8n has for them', () => {
		const wanted = new Map<string, object>([
			['simplify', { displayName: 'Simplify', type: 'boolean', default: true, description: 'Whether to return a simplified version of the response instead of the raw data' }],
			['returnAll', { displayName: 'Return All', type: 'boolean', default: false, description: 'Whether to return all results or only up to a given limit' }],
			['limit', { displayName: 'Limit', type: 'number', default: 50, description: 'Max number of results to return', typeOptions: { minValue: 1 } }],
		]);
		const usual = fields.filter(({ field }) => wanted.has(field.name));
		expect(usual.length).toBeGreaterThan(50);
		for (const { field } of usual) expect(field).toMatchObject(wanted.get(field.name) ?? {});
		expect(broken(fields, ({ field }) => !wanted.has(field.name) && /^(Simplify|Return All|Limit)$/.test(field.displayName))).toEqual([]);
	});

	it('U11: Get and Get Many can be simplified, Get Many limited', () => {
		const reading = forms.filter(({ path }) => /\.get(Many)?$/.test(path)).map(({ path, shown: all }) => ({ path, names: all.map(({ name }) => name) }));
		expect(broken(reading, ({ names }) => !names.includes('simplify'))).toEqual([]);
		expect(broken(reading, ({ path, names }) => path.endsWith('Many') && !(names.includes('returnAll') && names.includes('limit')))).toEqual([]);
	});
});

describe('words', () => {
	it('U3: names of fields and choices are in title case, and no longer than a line', () => {
		const titles = [
			...fields.filter(({ field }) => field.type !== 'notice').map(({ path, field }) => ({ path, text: field.displayName })),
			...choices.map(({ path, entry }) => ({ path, text: entry.name })),
		];
		expect(broken(titles, ({ text }) => !isTitle(text) || text.length > 40)).toEqual([]);
	});

	it('U14: every text field has an example, "e.g. …", unless it begins with one', () => {
		const typed = ofType('string', 'json').filter(({ field }) => field.default === '' && field.typeOptions?.password !== true);
		expect(broken(typed, ({ field }) => !/^e\.g\. \S/.test(field.placeholder ?? ''))).toEqual([]);
		expect(broken(ofType('number', 'boolean', 'options'), ({ field }) => field.placeholder !== undefined)).toEqual([]);
	});

	it('U14: lists and collections say what is chosen or added', () => {
		const modes = ofType('resourceLocator').flatMap(({ path, field: { modes = [] } }) => modes.map((mode) => ({ path, text: mode.placeholder ?? '', type: mode.type })));
		expect(broken(modes, ({ text, type }) => !(type === 'list' ? /^Select an? \p{Ll}[^.]*…$/u : /^e\.g\. \S/).test(text))).toEqual([]);
		const collections = ofType('collection', 'fixedCollection').filter(({ field }) => field.type === 'collection' || field.typeOptions?.multipleValues === true);
		expect(broken(collections, ({ field }) => !/^Add \p{Ll}+/u.test(field.placeholder ?? ''))).toEqual([]);
	});

	it('U15: fields for files are called as n8n calls them, and say what they name', () => {
		const names = fields.filter(({ field }) => /data field/i.test(field.displayName) || field.name === 'field');
		expect(broken(names, ({ field }) => !/^(Input|Output) Data Field Name$/.test(field.displayName))).toEqual([]);
		expect(broken(names, ({ field }) => !/^The name of the (input|output) field containing the /.test(field.hint ?? ''))).toEqual([]);
		expect(broken(texts, ({ text }) => /binary propert/i.test(text))).toEqual([]);
	});

	it('U18: what is on or off says "Whether"', () => {
		expect(broken(ofType('boolean'), ({ field }) => !/^Whether (to|the|or|a|an) ./.test(field.description ?? ''))).toEqual([]);
	});

	it('U21: one sentence ends without a full stop, several end with one', () => {
		const several = (text: string) => /[.!?] [\p{Lu}'"{]/u.test(text.replace(/\be\.g\. /g, ''));
		expect(broken(sentences, ({ text }) => several(text) !== text.endsWith('.'))).toEqual([]);
		expect(broken(sentences, ({ text }) => !/^[\p{Lu}'{*"]/u.test(text))).toEqual([]);
	});

	it('U22: names of fields stand in single quotes', () => {
		// "Upload Session: Wait" is an operation.
		const names = [...new Set(fields.map(({ field }) => field.displayName.replace(/ \(.*\)$/, '')))].filter((name) => name.includes(' '));
		const bare = (text: string) => names.some((name) => new RegExp(`\\b${name}\\b(?!:)`).test(text.replace(/'[^']*'/g, '')));
		expect(broken(sentences, ({ text }) => bare(text))).toEqual([]);
	});

	it('U23: no text for people says error, problem, failure or mistake, but for names in quotes', () => {
		const avoided = /\b(errors?|problems?|failures?|mistakes?)\b/i;
		expect(broken(messages(), ({ text }) => avoided.test(text.replace(/'[^']*'/g, '')))).toEqual([]);
	});

	it('U25: notices are rare', () => {
		expect(broken(forms, ({ shown: all }) => all.filter(({ type }) => type === 'notice').length > 1)).toEqual([]);
	});

	it('V10: the words are English, and spelt right', () => {
		const dictionary = (file: string) => readFileSync(join(repository, 'node_modules', 'dictionary-en', file));
		const speller = nspell(dictionary('index.aff'), dictionary('index.dic'));
		// Of the field, of Grand Challenge and of computers.
		speller.personal(read('test/core/fixtures/words.txt'));
		// Examples are data: slugs, addresses, paths, JSON, values of parameters, and names of fields of items.
		const prose = (text: string) => text.replace(/e\.g\. .*|\S+, or an ID|(https?:|\/)\S+|'[^' ]*[_*/.-][^' ]*'|as in .*|\{.*\}|\b\p{Ll}+\p{Lu}\w*/gu, '');
		const isSpelt = (word: string) => speller.correct(word) || word.split('-').every((part) => speller.correct(part));
		const plain = (text: string) => words(prose(text)).map((word) => word.replace(/['’]s$/, ''));
		const misspelt = (text: string) => plain(text).filter((word) => /^\P{N}+$/u.test(word) && !isSpelt(word));
		expect([...texts, ...messages()].flatMap(({ path, text }) => misspelt(text).map((word) => `${word}: ${path}: ${text}`))).toEqual([]);
	});
});

describe('what belongs to a node', () => {
	it('U19: a trigger asks "Trigger On", and explains it in its choices', () => {
		for (const { description } of nodes.filter(isTrigger)) {
			expect(description.displayName).toMatch(/ Trigger$/);
			const [event] = description.properties.filter(({ type }) => type === 'options');
			expect([event?.displayName, event?.description]).toEqual(['Trigger On', undefined]);
		}
		expect(nodes.filter(isTrigger).map(({ description }) => 'usableAsTool' in description)).not.toContain(true);
	});

	it('U20: every node tells below its name what it does', () => {
		expect(nodes.map(({ description }) => description.subtitle ?? '').filter((subtitle) => !/^=\{\{.*\$parameter.*\}\}$/.test(subtitle))).toEqual([]);
	});

	it('L: every node that is no trigger can be used as a tool, is of version 1 and has its credential', () => {
		for (const { description } of actionNodes) expect(description.usableAsTool).toBe(true);
		const known = credentials.map(({ name }) => name);
		for (const { description } of nodes) {
			expect(description.credentials?.map(({ name, required }) => [name, required])).toEqual(known.map((name) => [name, true]));
			expect(description.defaults.name).toBe(description.displayName);
		}
	});

	it('D2: every node is described for the node panel', () => {
		const categories = ['Analytics', 'Communication', 'Core Nodes', 'Data & Storage', 'Development', 'Finance & Accounting', 'Marketing & Content', 'Miscellaneous', 'Productivity', 'Sales', 'Utility'];
		for (const { path, description } of nodes) {
			const codex = JSON.parse(read(path.replace(/\.js$/, '.json'))) as Record<string, unknown>;
			expect(codex).toMatchObject({ node: `n8n-nodes-grand-challenge.${description.name}`, nodeVersion: '1.0', codexVersion: '1.0' });
			expect(categories).toEqual(expect.arrayContaining(codex.categories as string[]));
			const url = [{ url: expect.stringMatching(/^https:\/\/github\.com\//) as string }];
			expect(codex.resources).toMatchObject({ primaryDocumentation: url, credentialDocumentation: url });
		}
	});

	it('D3: every node and credential has an icon for light and one for dark, which differ', () => {
		for (const { path, icon } of [...nodes.map(({ path: at, description }) => ({ path: at, icon: description.icon })), ...credentials]) {
			const { light, dark } = icon as { light: string; dark: string };
			const drawn = [light, dark].map((file) => read(join(dirname(path), file.replace(/^file:/, ''))));
			expect([light, dark].filter((file) => !/^file:[\w./]+\.svg$/.test(file))).toEqual([]);
			expect(drawn[0]).not.toBe(drawn[1]);
			for (const svg of drawn) {
				const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
				expect([width, Number(width)]).toEqual([height, expect.any(Number)]);
			}
		}
	});

	it('D4, U26: the credential has a page that exists, a test, and keeps its secret hidden', () => {
		for (const { documentationUrl = '', test, properties } of credentials) {
			const [, page = ''] = /\/blob\/main\/(docs\/[\w-]+\.md)$/.exec(documentationUrl) ?? [];
			expect(existsSync(join(repository, page)) && page !== '').toBe(true);
			expect(test).toBeDefined();
			const secrets = properties.filter(({ displayName }) => /token|password|secret|key/i.test(displayName));
			expect(secrets.map(({ typeOptions }) => typeOptions?.password)).toEqual([true]);
		}
	});
});
