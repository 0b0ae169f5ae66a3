import type { INodeProperties } from 'n8n-workflow';

import { optionsField } from './fields/options';
import type { Operation, ResourceOperations } from './operation';

/** Shows a field only for one operation of one resource. */
const shownFor = (resource: ResourceOperations, operation: Operation, field: INodeProperties): INodeProperties => ({
	...field,
	displayOptions: {
		...field.displayOptions,
		show: { resource: [resource.value], operation: [operation.value], ...field.displayOptions?.show },
	},
});

/** What is shown when a resource is chosen: harmless, and there for nearly all. */
const usualOperation = ({ operations }: ResourceOperations): string =>
	(operations.find(({ value }) => value === 'getMany') ?? operations[0])?.value ?? '';

const operationField = (resource: ResourceOperations): INodeProperties => ({
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: [resource.value] } },
	default: usualOperation(resource),
	options: resource.operations.map(({ name, value, action, description }) => ({ name, value, action, description })),
});

/** All parameters of the node, from the declarations of its operations. */
export const propertiesOf = (resources: ResourceOperations[]): INodeProperties[] => [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: 'archive',
		options: resources.map(({ name, value }) => ({ name, value })),
	},
	...resources.flatMap((resource) => [
		operationField(resource),
		...resource.operations.flatMap((operation) =>
			[...operation.fields, optionsField(operation)].map((field) => shownFor(resource, operation, field)),
		),
	]),
];

/** An expression for what stands below the node's name: what was chosen, in the words of the lists, e.g. "Archive: Get Many". */
export const subtitleOf = (resources: ResourceOperations[]): string => {
	const chosen = resources.flatMap((resource) =>
		resource.operations.map((operation) => [`${resource.value}.${operation.value}`, `${resource.name}: ${operation.name}`]),
	);
	return `={{ (${JSON.stringify(Object.fromEntries(chosen))})[$parameter.resource + '.' + $parameter.operation] }}`;
};
