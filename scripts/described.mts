// What the built package shows: the descriptions of its nodes and credentials, as n8n gets them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { ICredentialType, INodeProperties, INodePropertyCollection, INodePropertyOptions, INodeType } from 'n8n-workflow';

export const repository = join(import.meta.dirname, '..');

/** A field, or what stands inside one: a choice, a group of fields. */
export type Entry = INodeProperties | INodePropertyCollection | INodePropertyOptions;

/** The class in a built file, made as n8n makes it. */
const made = <Type,>(path: string): Type => {
	const exported = createRequire(import.meta.url)(join(repository, path)) as Record<string, new () => Type>;
	const Made = exported[basename(path).split('.')[0] ?? ''];
	if (Made === undefined) throw new Error(`${path} exports no class of its name`);
	return new Made();
};

/** Needs the build. `path` is that of the built file. */
export const describedPackage = () => {
	const { n8n } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { n8n: { nodes: string[]; credentials: string[] } };
	return {
		nodes: n8n.nodes.map((path) => ({ path, ...made<INodeType>(path) })),
		credentials: n8n.credentials.map((path) => ({ path, ...made<ICredentialType>(path) })),
	};
};

/** What stands directly inside a field: choices, fields, groups of fields. */
export const within = (entry: Entry): Entry[] => [...('options' in entry ? (entry.options ?? []) : []), ...('values' in entry ? entry.values : [])];

export const isField = (entry: Entry): entry is INodeProperties => 'type' in entry;
export const isChoice = (entry: Entry): entry is INodePropertyOptions => 'value' in entry;

/** The choices of a list. */
export const choicesOf = ({ options = [] }: INodeProperties): INodePropertyOptions[] => options.filter(isChoice);

/** What a field is shown for, by its `displayOptions`: the operation of a resource, the event of a trigger; '' for all. */
export const shownFor = ({ displayOptions: { show = {} } = {} }: INodeProperties): string[] => {
	const chosen = (name: string) => (show[name] ?? []).map(String);
	const [resources, operations] = [chosen('resource'), chosen('operation')];
	const pairs = resources.flatMap((resource) => (operations.length > 0 ? operations.map((operation) => `${resource}.${operation}`) : [resource]));
	return [pairs, chosen('event'), ['']].find((each) => each.length > 0) ?? [];
};
