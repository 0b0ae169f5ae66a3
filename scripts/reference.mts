// docs/reference.md: every operation and event, its fields and what it gives, from the descriptions of the built nodes.
import type { INodeProperties, INodeType } from 'n8n-workflow';

import type { Given } from './covered/measure.mts';
import { choicesOf, isChoice, isField, shownFor, within, type Entry } from './described.mts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {').replaceAll('\n', ' ');
const code = (text: string) => `\`${text}\``;
const anchor = (title: string) => title.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-');

const kinds: Record<string, string> = {
	boolean: 'yes or no',
	collection: '',
	dateTime: 'date',
	fixedCollection: 'rows',
	json: 'JSON',
	multiOptions: 'choices',
	number: 'number',
	options: 'choice',
	string: 'text',
};

const kindOf = (field: INodeProperties): string => {
	const { type, modes = [] } = field;
	if (type !== 'resourceLocator') return kinds[type] ?? type;
	return modes.map(({ displayName }) => displayName.replace(/^(From|By) /, (word) => word.toLowerCase()).replace('List', 'list')).join(', ');
};

const defaultOf = (field: INodeProperties): string => {
	const { type, default: initial } = field;
	if (initial === '' || typeof initial === 'object') return '';
	if (type === 'boolean') return initial ? 'yes' : 'no';
	const chosen = choicesOf(field).find(({ value }) => value === initial);
	return chosen?.name ?? code(String(initial));
};

const aboutOf = (field: INodeProperties): string => {
	const choices = choicesOf(field).map(({ name, description }) => `**${name}**${description ? `: ${description.replace(/\.$/, '')}` : ''}`);
	const example = field.placeholder?.startsWith('e.g. ') && field.type !== 'resourceLocator' ? field.placeholder : undefined;
	return [field.description, field.hint, choices.join('; '), example]
		.filter(Boolean)
		.map((text) => String(text).replace(/[.;]$/, ''))
		.join('. ');
};

/** A field and what is inside it, as lines of a table. */
const linesOf = (entry: Entry, above: string[] = []): string[] => {
	const path = [...above, 'displayName' in entry ? entry.displayName : entry.name];
	const inner = within(entry).filter((each) => !isChoice(each));
	// A group of one kind only, such as Values of Custom Retries, says nothing by its name.
	const shared = inner.length === 1 && inner[0] && !isField(inner[0]) ? within(inner[0]) : inner;
	const own =
		isField(entry) && !['collection', 'notice'].includes(entry.type)
			? [`| ${path.join(' → ')} | ${[kindOf(entry), defaultOf(entry), entry.required ? 'required' : ''].filter(Boolean).join(', ')} | ${cell(aboutOf(entry))} |`]
			: [];
	return [...own, ...shared.flatMap((each) => linesOf(each, path))];
};

const table = (lines: string[]): string => ['| field | takes | |', '| --- | --- | --- |', ...lines].join('\n');

/** A field without the place where it is shown, and without when. */
const identity = ({ displayOptions: _, ...field }: INodeProperties) => JSON.stringify(field);

/** The parts that are described once: options, and long fields, that several operations have. */
const partsOf = (properties: INodeProperties[]): INodeProperties[] =>
	properties.flatMap((property) => (['options', 'filters'].includes(property.name) ? within(property).filter(isField) : [property])).filter(({ name, type }) => !['resource', 'operation', 'event'].includes(name) && type !== 'notice');

const OFTEN = 8;

const sharedOf = (nodes: INodeType[]): Map<string, INodeProperties> => {
	const all = nodes.flatMap(({ description }) => description.properties).flatMap((property) => shownFor(property).flatMap(() => partsOf([property])));
	const counts = new Map<string, number>();
	for (const part of all) counts.set(identity(part), (counts.get(identity(part)) ?? 0) + 1);
	// Locators are no longer than a link to them.
	const often = all.filter((part) => part.type !== 'resourceLocator' && ((counts.get(identity(part)) ?? 0) >= OFTEN || part.name === 'values'));
	return new Map(often.map((part) => [part.type === 'fixedCollection' ? JSON.stringify(part.options) : identity(part), part]));
};

const SHARED = 'Fields that many operations have';

/** The rows for the fields of an operation; those that are described elsewhere are only named. */
const fieldsOf = (properties: INodeProperties[], shared: Map<string, INodeProperties>): string => {
	const isShared = (part: INodeProperties) => shared.has(identity(part)) || shared.has(JSON.stringify(part.options));
	const parts = properties.flatMap((property) => {
		const inner = ['options', 'filters'].includes(property.name) ? within(property).filter(isField) : undefined;
		return inner === undefined ? [{ above: [], part: property }] : inner.map((part) => ({ above: [property.displayName], part }));
	});
	// The sources of values are the same everywhere, what they are for is not.
	const own = parts.flatMap(({ above, part }) => (!isShared(part) ? linesOf(part, above) : part.name === 'values' ? linesOf({ ...part, options: [] }, above) : []));
	const elsewhere = [...new Set(parts.filter(({ part }) => isShared(part)).map(({ part }) => part.displayName))];
	const link = elsewhere.length > 0 ? `${own.length > 0 ? 'And' : 'Fields'}, [as many operations](#${anchor(SHARED)}): ${elsewhere.join(', ')}.` : '';
	return [own.length > 0 ? table(own) : '', link].filter(Boolean).join('\n\n');
};

const givesOf = ({ json, binary }: Given): string => {
	const names = (all: string[]) => all.map(code).join(', ');
	return [json.length > 0 ? `Gives ${names(json)}` : 'Gives items', binary.length > 0 ? `binary data in ${names(binary)}` : ''].filter(Boolean).join('; ') + '.';
};

/**
 * @param given what each operation gives, by "resource.operation"
 * @param problems operations for which nothing is known are added to them
 * @returns the page
 */
export const reference = (nodes: INodeType[], given: Map<string, Given>, problems: string[]): string => {
	const shared = sharedOf(nodes);
	const contents: string[] = [];
	const section = (title: string, text: string[]) => {
		contents.push(`- [${title}](#${anchor(title)})`);
		return [`## ${title}`, ...text];
	};
	const ofNode = ({ description: { properties } }: INodeType): string[] => {
		const event = properties.find(({ name }) => name === 'event');
		const shownOn = (place: string) => properties.filter((property) => shownFor(property).some((each) => each === place || (each === '' && property !== event && property.name !== 'resource')));
		if (event) {
			const texts = choicesOf(event).flatMap(({ name, value, description = '' }) => [`### ${name}`, `${description.replace(/\.$/, '')}.`, fieldsOf(shownOn(String(value)), shared)]);
			return section('Grand Challenge Trigger', ['An item is what Get gives for the same thing, simplified or not.', ...texts]);
		}
		return properties.filter(({ name }) => name === 'resource').flatMap(choicesOf).flatMap((resource) => {
			const operations = properties.filter((property) => property.name === 'operation' && shownFor(property).includes(String(resource.value))).flatMap(choicesOf);
			const texts = operations.flatMap(({ name, value, description = '' }) => {
				const key = `${resource.value}.${value}`;
				const gives = given.get(key);
				if (gives === undefined) problems.push(`docs/reference.md: nothing is known of what ${key} gives`);
				return [`### ${resource.name}: ${name}`, `${description.replace(/\.$/, '')}.`, fieldsOf(shownOn(key), shared), gives ? givesOf(gives) : ''].filter(Boolean);
			});
			return section(resource.name, texts);
		});
	};
	const body = nodes.flatMap(ofNode);
	const often = section(SHARED, [table([...shared.values()].sort((a, b) => a.displayName.localeCompare(b.displayName)).flatMap((part) => linesOf(part)))]);
	const page = [
		'# Reference',
		[
			'Made by `npm run reference` from the nodes themselves: every operation, its fields with their type and what they begin with, and the',
			'fields of its first output item on the local Grand Challenge, simplified where that can be chosen. `npm test` fails when this page is',
			'not what would be written.',
		].join('\n'),
		contents.join('\n'),
		...body,
		...often,
	];
	return `${page.filter(Boolean).join('\n\n')}\n`;
};
