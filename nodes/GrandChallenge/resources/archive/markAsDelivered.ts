import type { INodeExecutionData } from 'n8n-workflow';

import { badInput } from '../../../../client/transport/errors';
import { errorItem, toNodeError } from '../../../n8n/errors';
import { deliveriesOf, markDelivered, type DeliveredFile } from '../../deliveries';
import type { Call, Operation } from '../../operation';

const execute = async ({ context }: Call): Promise<INodeExecutionData[]> => {
	const files: DeliveredFile[] = [];
	const items = context.getInputData().map((input, item): INodeExecutionData => {
		const ofItem = deliveriesOf(input.json);
		if (ofItem.length > 0) {
			files.push(...ofItem);
			return { ...input, pairedItem: { item } };
		}
		if (context.continueOnFail()) return errorItem(context.getNode(), notDownloaded(), item);
		throw toNodeError(context.getNode(), notDownloaded(), item);
	});
	markDelivered(context, files);
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

export const markAsDelivered: Operation = {
	value: 'markAsDelivered',
	name: 'Mark as Delivered',
	action: 'Mark files of archive as delivered',
	description: "Record that the files of the input items have arrived, so that 'Only New or Changed' leaves them out from now on",
	fields: [],
	allItems: true,
	execute,
};
