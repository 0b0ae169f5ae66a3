import { keepAlive } from '../../../../client/viewers/session';
import { asData } from '../../../n8n/data';
import { viewerSessionField } from '../../fields/locator';
import type { Operation, ResourceOperations } from '../../operation';
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

const keepAliveOperation: Operation = {
	value: 'keepAlive',
	name: 'Keep Alive',
	action: 'Keep viewer session alive',
	description: 'Extend a viewer session of this account, up to the longest time that Grand Challenge allows',
	fields: [viewerSessionField],
	execute: async ({ gc, parameters }) => [{ json: readable.simplify(await keepAlive(gc, parameters.text('viewerSession'))) }],
};

export const viewerSession: ResourceOperations = {
	value: 'viewerSession',
	name: 'Viewer Session',
	operations: [getOperation(readable), getManyOperation(readable), keepAliveOperation],
};
