import { algorithmField, asFilter, containerImageField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { download } from './download';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'container image',
	plural: 'container images',
	collection: (gc) => gc.containerImages,
	field: containerImageField,
	simplify,
	filters: [{ field: asFilter(algorithmField), query: async (gc, value) => ({ algorithm: await gc.algorithms.pk(value) }) }],
};

export const containerImage: ResourceOperations = {
	value: 'containerImage',
	name: 'Container Image',
	operations: [download, getOperation(readable), getManyOperation(readable)],
};
