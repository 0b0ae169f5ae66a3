import { asData } from '../../../n8n/data';
import { socketField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'socket',
	plural: 'sockets',
	collection: (gc) => gc.sockets,
	field: socketField,
	simplify: (entity) => {
		const { pk, slug, title, description, kind, super_kind, relative_path, default_value } = asData(entity);
		return { pk, slug, title, description, kind, super_kind, relative_path, default_value };
	},
};

export const socket: ResourceOperations = {
	value: 'socket',
	name: 'Socket',
	operations: [getOperation(readable), getManyOperation(readable)],
};
