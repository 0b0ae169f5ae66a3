import { readSocketValues } from '../../../../client';
import { text } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { archiveItemField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { downloadValues } from '../downloading';

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download archive item',
	description: 'Get the files and values of one archive item, one output item per file',
	fields: [archiveItemField],
	execute: async (call) => {
		const entity = await call.gc.archiveItems.get(call.parameters.text('archiveItem'));
		const pk = text(entity, 'pk');
		const about = { archive: pkOf(text(entity, 'archive')), archiveItem: pk, title: text(entity, 'title') };
		return downloadValues(call, pk, readSocketValues(entity, 'values'), about);
	},
};
