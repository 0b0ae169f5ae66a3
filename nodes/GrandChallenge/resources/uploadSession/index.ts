import { uploadSessionField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { create } from './create';
import { simplify } from './simplify';
import { wait } from './wait';

const readable: Readable = {
	singular: 'upload session',
	plural: 'upload sessions',
	collection: (gc) => gc.uploadSessions,
	field: uploadSessionField,
	simplify,
};

export const uploadSession: ResourceOperations = {
	value: 'uploadSession',
	name: 'Upload Session (Advanced)',
	operations: [create, getOperation(readable), getManyOperation(readable), wait],
};
