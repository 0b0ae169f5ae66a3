import { imageFiles } from '../../../../client';
import { text } from '../../../../client/api/json';
import { imageField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { downloadFiles } from '../downloading';

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download image',
	description: 'Get all files of an image as binary data, one item per file',
	transfers: true,
	fields: [imageField],
	execute: async (call) => {
		const entity = await call.gc.images.get(call.parameters.text('image'));
		const pk = text(entity, 'pk');
		const about = { image: pk, name: text(entity, 'name') };
		const files = await imageFiles(call.gc.transport, entity, pk);
		return downloadFiles(call, files, about);
	},
};
