import type { INodeProperties } from 'n8n-workflow';

import { simplifyField } from '../GrandChallenge/fields/lists';
import type { TriggerEvent } from './event';

const shownFor = (events: TriggerEvent[], field: INodeProperties): INodeProperties => ({
	...field,
	displayOptions: { show: { ...field.displayOptions?.show, event: events.map(({ value }) => value) } },
});

const now = { name: 'Now', value: 'now', description: 'Only what happens after the workflow was published' };
const date = { name: 'Date', value: 'date', description: 'Also what has happened since a date' };
const everything = { name: 'Everything', value: 'everything', description: 'Also all that has happened before' };

const startFrom = (options: INodeProperties['options']): INodeProperties => ({
	displayName: 'Start From',
	name: 'startFrom',
	type: 'options',
	default: 'now',
	description: 'What counts when the workflow is published for the first time, or another event or filter is chosen',
	options,
});

const startDate: INodeProperties = {
	displayName: 'Start Date',
	name: 'startDate',
	type: 'dateTime',
	default: '',
	required: true,
	description: 'What has happened since then starts the workflow too',
	displayOptions: { show: { startFrom: ['date'] } },
};

const mostItems: INodeProperties = {
	displayName: 'Most Items at Once',
	name: 'mostItems',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 200,
	description: 'How many events one execution gets at most. The others come with the next poll.',
};

const byName = (a: INodeProperties, b: INodeProperties) => a.displayName.localeCompare(b.displayName);

const optionsField = (event: TriggerEvent): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [...(event.options ?? []), mostItems].sort(byName),
});

/** All parameters of the trigger, from the declarations of its events. */
export const propertiesOf = (events: TriggerEvent[]): INodeProperties[] => {
	const dated = events.filter((event) => event.dated);
	return [
		{
			displayName: 'Trigger On',
			name: 'event',
			type: 'options',
			noDataExpression: true,
			default: 'algorithmJobFinished',
			options: events.map(({ name, value, description }) => ({ name, value, description })),
		},
		...events.flatMap((event) => event.fields.map((field) => shownFor([event], field))),
		shownFor(dated, startFrom([date, everything, now])),
		shownFor(
			events.filter((event) => !event.dated),
			startFrom([everything, now]),
		),
		shownFor(dated, startDate),
		simplifyField,
		...events.map((event) => shownFor([event], optionsField(event))),
	];
};

/** An expression for what stands below the node's name. */
export const subtitleOf = (events: TriggerEvent[]): string =>
	`={{ (${JSON.stringify(Object.fromEntries(events.map(({ value, name }) => [value, name])))})[$parameter.event] }}`;
