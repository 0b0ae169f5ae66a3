import { text } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';
import { algorithmField, asFilter, containerImageField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { download } from './download';

const readable: Readable = {
	singular: 'container image',
	plural: 'container images',
	collection: (gc) => gc.containerImages,
	field: containerImageField,
	simplify: (entity) => {
		const { pk, url, api_url, created, import_status } = asData(entity);
		return { pk, algorithm: pkOf(text(entity, 'algorithm')), import_status, created, url, api_url };
	},
	filters: [{ field: asFilter(algorithmField), query: async (gc, value) => ({ algorithm: await gc.algorithms.pk(value) }) }],
};

export const containerImage: ResourceOperations = {
	value: 'containerImage',
	name: 'Container Image',
	operations: [download, getOperation(readable), getManyOperation(readable)],
};
