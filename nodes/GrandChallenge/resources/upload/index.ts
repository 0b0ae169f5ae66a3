import { asData } from '../../../n8n/data';
import { uploadField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'upload',
	plural: 'uploads',
	collection: (gc) => gc.uploads,
	field: uploadField,
	simplify: (entity) => {
		const { pk, filename, status, created, api_url } = asData(entity);
		return { pk, filename, status, created, api_url };
	},
};

export const upload: ResourceOperations = {
	value: 'upload',
	name: 'Upload (Advanced)',
	operations: [getOperation(readable), getManyOperation(readable)],
};
