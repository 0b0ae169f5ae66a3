import { algorithmField, asFilter, imageField, jobField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { download } from './download';
import { simplify } from './simplify';
import { start } from './start';
import { startAndWait } from './startAndWait';
import { wait } from './wait';

const readable: Readable = {
	singular: 'algorithm job',
	plural: 'algorithm jobs',
	collection: (gc) => gc.jobs,
	field: jobField,
	simplify,
	filters: [
		{
			field: asFilter(algorithmField),
			query: async (gc, value) => ({ algorithm_image__algorithm: await gc.algorithms.pk(value) }),
		},
		{
			field: asFilter(imageField, 'inputImage', 'Input Image', 'Only jobs that this image was an input of'),
			query: async (gc, value) => ({ input_image: await gc.images.pk(value) }),
		},
		{
			field: asFilter(imageField, 'outputImage', 'Output Image', 'Only the job that made this image'),
			query: async (gc, value) => ({ output_image: await gc.images.pk(value) }),
		},
	],
};

export const algorithmJob: ResourceOperations = {
	value: 'algorithmJob',
	name: 'Algorithm Job',
	operations: [download, getOperation(readable), getManyOperation(readable), start, startAndWait, wait],
};
