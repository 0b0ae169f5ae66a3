import { uploadField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { abort } from './abort';
import { create } from './create';
import { resume } from './resume';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'upload',
	plural: 'uploads',
	collection: (gc) => gc.uploads,
	field: uploadField,
	simplify,
};

export const upload: ResourceOperations = {
	value: 'upload',
	name: 'Upload (Advanced)',
	operations: [abort, create, getOperation(readable), getManyOperation(readable), resume],
};
