import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { text } from '../../../client/api/json';
import { readSocketValues } from '../../../client/api/types';
import { isDelivered, type Delivery } from '../../../client/changes/delivered';
import { badInput } from '../../../client/transport/errors';
import { asData } from '../../n8n/data';
import { errorItem, toNodeError } from '../../n8n/errors';
import { deliveryOf, deliveredFrom, markDelivered } from '../deliveries';
import { archiveField } from '../fields/locator';
import type { Call, ResourceOperations } from '../operation';
import { downloadValues } from './downloading';
import { getManyOperation, getOperation, type Readable } from './reading';

const readable: Readable = {
	singular: 'archive',
	plural: 'archives',
	collection: (gc) => gc.archives,
	field: archiveField,
	simplify: (entity) => {
		const { pk, title, description, url, api_url } = asData(entity);
		return { pk, title, description, url, api_url };
	},
};

const onlyNewField: INodeProperties = {
	displayName: 'Only New or Changed',
	name: 'onlyNew',
	type: 'boolean',
	default: true,
	description:
		"Whether to leave out what 'Archive: Mark as Delivered' has recorded in this workflow. Put that operation behind the steps that store the files.",
};

const download = async (call: Call): Promise<INodeExecutionData[]> => {
	const { gc, parameters, context } = call;
	const archive = text(await gc.archives.getOnce(parameters.text('archive')), 'pk');
	const delivered = parameters.flag('onlyNew') ? deliveredFrom(context, archive) : undefined;
	const items: INodeExecutionData[] = [];
	for await (const entity of gc.archiveItems.iterate({ archive })) {
		const item = text(entity, 'pk');
		const values = readSocketValues(entity, 'values').filter(({ pk }) => !isDelivered(delivered, item, pk));
		const about: IDataObject = { archive, archiveItem: item, title: text(entity, 'title') };
		const delivery = (value: number | undefined) => (value === undefined ? {} : { delivery: { archive, item, value } });
		items.push(...(await downloadValues(call, item, values, about, ({ pk }) => delivery(pk))));
	}
	return items;
};

const markAsDelivered = async ({ context }: Call): Promise<INodeExecutionData[]> => {
	const deliveries: Delivery[] = [];
	const items = context.getInputData().map((input, item): INodeExecutionData => {
		const delivery = deliveryOf(input.json);
		if (delivery) {
			deliveries.push(delivery);
			return { ...input, pairedItem: { item } };
		}
		if (context.continueOnFail()) return errorItem(context.getNode(), notDownloaded(), item);
		throw toNodeError(context.getNode(), notDownloaded(), item);
	});
	markDelivered(context, deliveries);
	if (context.getMode() === 'manual') {
		context.addExecutionHints({
			message: 'n8n keeps what is marked as delivered only for executions of the published workflow, not for this one',
			type: 'info',
			location: 'outputPane',
		});
	}
	return items;
};

const notDownloaded = () =>
	badInput(
		'This item did not come from Archive: Download',
		"Mark as Delivered needs the field 'delivery' that Archive: Download puts into its items. If a node in between drops it, let that node keep its input fields, or merge them back",
	);

export const archive: ResourceOperations = {
	value: 'archive',
	name: 'Archive',
	operations: [
		{
			value: 'download',
			name: 'Download',
			action: 'Download an archive',
			description: 'Get the files and values of all items of an archive, one output item per file',
			fields: [archiveField, onlyNewField],
			execute: download,
		},
		getOperation(readable),
		getManyOperation(readable),
		{
			value: 'markAsDelivered',
			name: 'Mark as Delivered',
			action: 'Mark downloaded files as delivered',
			description: 'Record that the files of the input items have arrived, so that Only New or Changed leaves them out from now on',
			fields: [],
			allItems: true,
			execute: markAsDelivered,
		},
	],
};
