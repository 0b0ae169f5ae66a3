import { asData } from '../../../n8n/data';
import { viewerSessionField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'viewer session',
	plural: 'viewer sessions',
	collection: (gc) => gc.viewerSessions,
	field: viewerSessionField,
	simplify: (entity) => {
		const { pk, status } = asData(entity);
		return { pk, status };
	},
};

export const viewerSession: ResourceOperations = {
	value: 'viewerSession',
	name: 'Viewer Session',
	operations: [getOperation(readable), getManyOperation(readable)],
};
