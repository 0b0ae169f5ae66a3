import type { INodeExecutionData } from 'n8n-workflow';

import { text } from '../../../../client/api/json';
import { readSocketValues, type SocketValue } from '../../../../client/api/types';
import { isDelivered } from '../../../../client/changes/delivered';
import { severalAtOnce } from '../../../../client/slots';
import { asIs, withLeft } from '../../../../client/transport/errors';
import { errorItem } from '../../../n8n/errors';
import { deliveredFrom } from '../../deliveries';
import { archiveField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { downloadValues } from '../downloading';
import { hintAtMembership } from '../reading';

interface Value {
	item: string;
	title: string;
	value: SocketValue;
}

/**
 * A file that cannot be had, such as one that was just deleted, must not keep all others back: it becomes an error item
 * where the node goes on.
 */
const execute = async (call: Call): Promise<INodeExecutionData[]> => {
	const { gc, parameters, context } = call;
	const onlyNew = parameters.flag('onlyNew', 'Only New or Changed');
	const archive = text(await gc.archives.getOnce(parameters.text('archive')), 'pk');
	const delivered = onlyNew ? deliveredFrom(context, archive) : undefined;
	let cases = 0;
	const wanted = async function* (): AsyncGenerator<Value> {
		for await (const entity of gc.archiveItems.iterate({ archive })) {
			cases++;
			const item = text(entity, 'pk');
			for (const value of readSocketValues(entity, 'values')) {
				if (!isDelivered(delivered, item, value.pk)) yield { item, title: text(entity, 'title'), value };
			}
		}
	};
	const fetchValue = async ({ item, title, value }: Value): Promise<INodeExecutionData[]> => {
		try {
			const files = await downloadValues(call, item, [value], { archive, archiveItem: item, title });
			const delivery = { archive, item, value: value.pk, files: files.length };
			files.forEach(({ json }, file) => (json.delivery = { ...delivery, file }));
			return files;
		} catch (error) {
			const { slug } = value.socket;
			const named = withLeft(error, { archiveItem: item, socket: slug }, `It belongs to the socket '${slug}' of the archive item ${item}`);
			if (!call.goesOn(error)) throw asIs(named);
			return [errorItem(context.getNode(), named, call.itemIndex)];
		}
	};
	const items = await severalAtOnce(wanted(), gc.transport.limits.downloads.room, fetchValue);
	if (cases === 0) hintAtMembership(call, 'archive items');
	return items.flat();
};

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download archive',
	description: 'Get the files and values of all items of an archive, one output item per file',
	transfers: true,
	fields: [
		archiveField,
		{
			displayName: 'Only New or Changed',
			name: 'onlyNew',
			type: 'boolean',
			default: true,
			description:
				"Whether to leave out what 'Archive: Mark as Delivered' has recorded in this workflow. Put that operation behind the steps that store the files.",
		},
	],
	execute,
};
