import { asData } from '../../../n8n/data';
import { archiveField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { download } from './download';
import { importImages } from './importImages';
import { markAsDelivered } from './markAsDelivered';

const readable: Readable = {
	singular: 'archive',
	plural: 'archives',
	collection: (gc) => gc.archives,
	field: archiveField,
	simplify: (entity) => {
		const { pk, title, description, url, api_url } = asData(entity);
		return { pk, title, description, url, api_url };
	},
};

export const archive: ResourceOperations = {
	value: 'archive',
	name: 'Archive',
	operations: [download, getOperation(readable), getManyOperation(readable), importImages, markAsDelivered],
};
