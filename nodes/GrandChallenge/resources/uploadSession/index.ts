import { asData } from '../../../n8n/data';
import { uploadSessionField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'upload session',
	plural: 'upload sessions',
	collection: (gc) => gc.uploadSessions,
	field: uploadSessionField,
	simplify: (entity) => {
		const { pk, status, error_message, api_url } = asData(entity);
		return { pk, status, error_message, api_url };
	},
};

export const uploadSession: ResourceOperations = {
	value: 'uploadSession',
	name: 'Upload Session (Advanced)',
	operations: [getOperation(readable), getManyOperation(readable)],
};
