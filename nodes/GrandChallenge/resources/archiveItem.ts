import type { IDataObject } from 'n8n-workflow';

import { bySlug, createArchiveItem, readSocketValues as valuesOf } from '../../../client';
import { text, type JsonObject } from '../../../client/api/json';
import { pkOf } from '../../../client/api/types';
import { asData } from '../../n8n/data';
import { archiveField, archiveItemField } from '../fields/locator';
import { longestWait, longestWaitMs } from '../fields/options';
import { readSocketValues, socketValuesField } from '../fields/socketValues';
import type { ResourceOperations } from '../operation';
import { downloadValues } from './downloading';
import { getManyOperation, getOperation, type Readable } from './reading';

/** Minutes. Imports take seconds to minutes; the platform gives up after two hours. */
const WAIT = 30;

const simplify = (entity: JsonObject): IDataObject => ({
	pk: text(entity, 'pk'),
	title: text(entity, 'title'),
	archive: pkOf(text(entity, 'archive')),
	values: asData(bySlug(valuesOf(entity, 'values'))),
});

const readable: Readable = {
	singular: 'archive item',
	plural: 'archive items',
	collection: (gc) => gc.archiveItems,
	field: archiveItemField,
	simplify,
	scope: [{ field: archiveField, query: async (gc, value) => ({ archive: await gc.archives.pk(value) }) }],
};

export const archiveItem: ResourceOperations = {
	value: 'archiveItem',
	name: 'Archive Item',
	operations: [
		{
			value: 'create',
			name: 'Create',
			action: 'Add a case to an archive',
			description: 'Make an item in an archive and fill it with images, files and values',
			fields: [
				archiveField,
				{
					displayName: 'Title',
					name: 'title',
					type: 'string',
					default: '',
					description: 'Name of the case, unique in the archive; may be empty',
				},
				socketValuesField('Values', 'What the item holds, one value per socket'),
			],
			options: [
				longestWait('the images and files to arrive', WAIT),
				{
					displayName: 'Wait for Import',
					name: 'waitForImport',
					type: 'boolean',
					default: true,
					description: 'Whether to wait until Grand Challenge has imported images and files, so that the next steps find them',
				},
			],
			execute: async (call) => {
				const { gc, parameters, options } = call;
				const item = await createArchiveItem(gc, {
					archive: parameters.text('archive'),
					title: parameters.text('title'),
					values: readSocketValues(call),
					waitMs: options.waitForImport === false ? 0 : longestWaitMs(options, WAIT),
				});
				return [{ json: simplify(item) }];
			},
		},
		{
			value: 'download',
			name: 'Download',
			action: 'Download an archive item',
			description: 'Get the files and values of one archive item, one output item per file',
			fields: [archiveItemField],
			execute: async (call) => {
				const entity = await call.gc.archiveItems.get(call.parameters.text('archiveItem'));
				const pk = text(entity, 'pk');
				const about = { archive: pkOf(text(entity, 'archive')), archiveItem: pk, title: text(entity, 'title') };
				return downloadValues(call, pk, valuesOf(entity, 'values'), about);
			},
		},
		getOperation(readable),
		getManyOperation(readable),
	],
};
