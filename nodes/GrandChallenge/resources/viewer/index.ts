import { asData } from '../../../n8n/data';
import { viewerField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'viewer',
	plural: 'viewers',
	collection: (gc) => gc.viewers,
	field: viewerField,
	simplify: (entity) => {
		const { pk, slug, title, url } = asData(entity);
		return { pk, slug, title, url };
	},
};

export const viewer: ResourceOperations = {
	value: 'viewer',
	name: 'Viewer',
	operations: [getOperation(readable), getManyOperation(readable)],
};
