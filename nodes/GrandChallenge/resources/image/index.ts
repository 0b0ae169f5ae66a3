import type { INodeProperties } from 'n8n-workflow';

import { archiveField, asFilter, imageField, jobField, readerStudyField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { deidentifyDicom } from './deidentifyDicom';
import { download } from './download';
import { simplify } from './simplify';

const textFilter = (displayName: string, name: string, placeholder: string, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder,
	description,
});

const readable: Readable = {
	singular: 'image',
	plural: 'images',
	collection: (gc) => gc.images,
	field: imageField,
	simplify,
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
		{
			field: textFilter('Name', 'name', 'e.g. scan-01.mha', 'The exact name of the image, upper and lower case matter'),
			query: (_gc, value) => ({ name: value }),
		},
		{
			field: asFilter(readerStudyField),
			query: async (gc, value) => ({ reader_study: await gc.readerStudies.pk(value) }),
		},
		{
			field: textFilter(
				'Upload Session',
				'uploadSession',
				'e.g. 0d11fc7b-c63f-4fd7-b80b-51d2e21492c0',
				'ID or API URL of an upload session: only images that came from it (advanced)',
			),
			query: async (gc, value) => ({ origin: await gc.uploadSessions.pk(value) }),
		},
	],
};

export const image: ResourceOperations = {
	value: 'image',
	name: 'Image',
	operations: [deidentifyDicom, download, getOperation(readable), getManyOperation(readable)],
};
