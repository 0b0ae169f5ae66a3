import { NodeHelpers, type ICredentialType, type INodeProperties, type INodeTypeDescription } from 'n8n-workflow';

import { isChoice, isField, shownFor, within, type Entry } from '../described.mts';

/** What is saved of a field. */
export interface Parameter {
	type: string;
	default?: unknown;
	required?: true;
	/** Whether it holds several of what is inside it. */
	many?: true;
	/** Values that can be chosen; of a locator, its modes. */
	choices?: Array<string | number | boolean>;
}

/** By node and version, the operation that shows it, and the names on the way to it, e.g. "grandChallenge 1: archive.get > options > folder". */
export type Contract = Record<string, Parameter>;

const parameterOf = (entry: Entry): Parameter => {
	if (!isField(entry)) return { type: 'group' };
	const choices = [...within(entry).filter(isChoice).map(({ value }) => value), ...(entry.modes ?? []).map(({ name }) => name)];
	return {
		type: entry.type,
		default: entry.default,
		...(entry.required ? { required: true as const } : {}),
		...(entry.typeOptions?.multipleValues ? { many: true as const } : {}),
		...(choices.length > 0 ? { choices: choices.sort() } : {}),
	};
};

const entriesOf = (entry: Entry, above: string): Array<[string, Parameter]> => {
	const path = `${above} > ${entry.name}`;
	const inner = within(entry).filter((each) => !isChoice(each));
	return [[path, parameterOf(entry)], ...inner.flatMap((each) => entriesOf(each, path))];
};

/** Whether a version of the node has the field. */
const isIn = (version: number, property: INodeProperties): boolean => {
	const only = (conditions?: Record<string, unknown>) => (conditions?.['@version'] ? { '@version': conditions['@version'] } : undefined);
	const { show, hide } = property.displayOptions ?? {};
	const displayOptions = { show: only(show), hide: only(hide) } as INodeProperties['displayOptions'];
	return NodeHelpers.displayParameter({}, { ...property, displayOptions }, { typeVersion: version }, null);
};

/** Notices are for the eye only. */
const isSaved = ({ type }: INodeProperties) => !['notice', 'callout', 'button'].includes(type);

interface Described {
	nodes: Array<{ description: Pick<INodeTypeDescription, 'name' | 'version' | 'properties'> }>;
	credentials: Array<Pick<ICredentialType, 'name' | 'properties'>>;
}

export const contractOf = ({ nodes, credentials }: Described): Contract => {
	const ofNodes = nodes.flatMap(({ description }) =>
		[description.version].flat().flatMap((version) =>
			description.properties
				.filter((property) => isSaved(property) && isIn(version, property))
				.flatMap((property) => shownFor(property).flatMap((place) => entriesOf(property, `${description.name} ${version}: ${place}`))),
		),
	);
	const ofCredentials = credentials.flatMap(({ name, properties }) => properties.flatMap((property) => entriesOf(property, `${name}:`)));
	return Object.fromEntries([...ofNodes, ...ofCredentials].map(([path, parameter]) => [path.replace(/: +>/, ' >'), parameter]));
};

/** What of the contract is not kept any more, in words. A version of a node that is new has nothing to keep yet. */
export const breaks = (kept: Contract, now: Contract): string[] => {
	const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
	const lost = Object.entries(kept).flatMap(([path, before]) => {
		const after = now[path];
		if (after === undefined) return [`${path} is gone`];
		const form = ({ type, many }: Parameter) => (many ? `many of ${type}` : type);
		const gone = (before.choices ?? []).filter((choice) => !after.choices?.includes(choice));
		return [
			...(form(before) === form(after) ? [] : [`${path} was ${form(before)} and is ${form(after)}`]),
			...(same(before.default, after.default) ? [] : [`${path} began with ${JSON.stringify(before.default)} and begins with ${JSON.stringify(after.default)}`]),
			...(after.required && !before.required ? [`${path} is required, and was not`] : []),
			...gone.map((choice) => `${path} has no choice ${JSON.stringify(choice)} any more`),
		];
	});
	const operationOf = (path: string) => path.split(' > ')[0];
	const known = new Set(Object.keys(kept).map(operationOf));
	const wanted = Object.entries(now).filter(([path, { required }]) => required && !(path in kept) && known.has(operationOf(path)) && path.split(' > ').length === 2);
	return [...lost, ...wanted.map(([path]) => `${path} is new and required: saved workflows have nothing in it`)];
};
