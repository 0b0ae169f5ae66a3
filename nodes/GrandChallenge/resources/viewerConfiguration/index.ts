import { asData } from '../../../n8n/data';
import { viewerConfigurationField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'viewer configuration',
	plural: 'viewer configurations',
	collection: (gc) => gc.viewerConfigurations,
	field: viewerConfigurationField,
	simplify: (entity) => {
		const { pk, slug, title, description, created, modified, creator } = asData(entity);
		return { pk, slug, title, description, created, modified, creator };
	},
};

export const viewerConfiguration: ResourceOperations = {
	value: 'viewerConfiguration',
	name: 'Viewer Configuration',
	operations: [getOperation(readable), getManyOperation(readable)],
};
