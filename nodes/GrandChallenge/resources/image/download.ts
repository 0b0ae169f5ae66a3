import type { INodeExecutionData } from 'n8n-workflow';

import { imageFiles } from '../../../../client';
import { text } from '../../../../client/api/json';
import { imageField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { downloadedItem } from '../downloading';

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download image',
	description: 'Get all files of an image as binary data, one item per file',
	fields: [imageField],
	execute: async (call) => {
		const entity = await call.gc.images.get(call.parameters.text('image'));
		const pk = text(entity, 'pk');
		const items: INodeExecutionData[] = [];
		for (const file of await imageFiles(call.gc.transport, entity, pk)) {
			items.push(await downloadedItem(call, file, { image: pk, name: text(entity, 'name') }));
		}
		return items;
	},
};
