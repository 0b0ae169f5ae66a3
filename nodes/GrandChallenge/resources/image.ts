import type { INodeProperties } from 'n8n-workflow';

import { imageFiles } from '../../../client';
import { list, text } from '../../../client/api/json';
import { pkOf } from '../../../client/api/types';
import { asData } from '../../n8n/data';
import { archiveField, asFilter, imageField, jobField } from '../fields/locator';
import type { ResourceOperations } from '../operation';
import { downloadedItem } from './downloading';
import { getManyOperation, getOperation, type Readable } from './reading';

const textFilter = (displayName: string, name: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	description,
});

const readable: Readable = {
	singular: 'image',
	plural: 'images',
	collection: (gc) => gc.images,
	field: imageField,
	simplify: (entity) => {
		const { pk, name, api_url, width, height, depth, color_space, voxel_width_mm, voxel_height_mm, voxel_depth_mm } = asData(entity);
		const files = list(entity, 'files').length;
		return { pk, name, api_url, width, height, depth, color_space, voxel_size_mm: [voxel_width_mm, voxel_height_mm, voxel_depth_mm], files };
	},
	filters: [
		{ field: asFilter(archiveField), query: async (gc, value) => ({ archive: await gc.archives.pk(value) }) },
		{
			field: asFilter(jobField, 'jobInput', 'Input of Job', 'Only images that were an input of this job'),
			query: async (gc, value) => ({ job_input: await gc.jobs.pk(value) }),
		},
		{
			field: asFilter(jobField, 'jobOutput', 'Output of Job', 'Only images that this job made'),
			query: async (gc, value) => ({ job_output: await gc.jobs.pk(value) }),
		},
		{ field: textFilter('Name', 'name', 'The exact name of the image, upper and lower case matter'), query: (_gc, value) => ({ name: value }) },
		{
			field: textFilter('Reader Study ID', 'readerStudy', 'Only images of this reader study'),
			query: (_gc, value) => ({ reader_study: pkOf(value) }),
		},
		{
			field: textFilter('Upload Session ID', 'uploadSession', 'Only images that came from this upload session (advanced)'),
			query: (_gc, value) => ({ origin: pkOf(value) }),
		},
	],
};

export const image: ResourceOperations = {
	value: 'image',
	name: 'Image',
	operations: [
		{
			value: 'download',
			name: 'Download',
			action: 'Download an image',
			description: 'Get all files of an image as binary data, one item per file',
			fields: [imageField],
			execute: async (call) => {
				const entity = await call.gc.images.get(call.parameters.text('image'));
				const pk = text(entity, 'pk');
				const items = [];
				for (const file of await imageFiles(call.gc.transport, entity, pk)) {
					items.push(await downloadedItem(call, file, { image: pk, name: text(entity, 'name') }));
				}
				return items;
			},
		},
		getOperation(readable),
		getManyOperation(readable),
	],
};
