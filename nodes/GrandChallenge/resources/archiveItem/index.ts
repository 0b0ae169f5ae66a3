import { archiveField, archiveItemField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { create } from './create';
import { download } from './download';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'archive item',
	plural: 'archive items',
	collection: (gc) => gc.archiveItems,
	field: archiveItemField,
	simplify,
	scope: [{ field: archiveField, query: async (gc, value) => ({ archive: await gc.archives.pk(value) }) }],
};

export const archiveItem: ResourceOperations = {
	value: 'archiveItem',
	name: 'Archive Item',
	operations: [create, download, getOperation(readable), getManyOperation(readable)],
};
