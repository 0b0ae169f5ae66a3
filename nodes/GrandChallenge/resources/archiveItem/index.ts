import { ARCHIVE_ITEMS } from '../../../../client';
import { archiveField, archiveItemField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { createOperation } from '../cases/create';
import { downloadOperation } from '../cases/download';
import { replaceOperation, updateOperation } from '../cases/update';
import { waitOperation } from '../cases/wait';
import type { WritableCase } from '../cases/writable';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'archive item',
	plural: 'archive items',
	collection: (gc) => gc.archiveItems,
	field: archiveItemField,
	simplify,
	scope: [{ field: archiveField, query: async (gc, value) => ({ archive: await gc.archives.pk(value) }) }],
};

const writable: WritableCase = {
	kind: ARCHIVE_ITEMS,
	singular: 'archive item',
	place: 'archive',
	field: archiveItemField,
	placeField: archiveField,
	simplify,
	more: [],
	ordered: false,
};

export const archiveItem: ResourceOperations = {
	value: 'archiveItem',
	name: 'Archive Item',
	operations: [
		createOperation(writable),
		downloadOperation(writable),
		getOperation(readable),
		getManyOperation(readable),
		replaceOperation(writable),
		updateOperation(writable),
		waitOperation(writable),
	],
};
