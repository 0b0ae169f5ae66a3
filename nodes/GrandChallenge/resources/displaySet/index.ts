import { DISPLAY_SETS } from '../../../../client';
import { checkReader, unansweredBy } from '../../../../client/readerStudies/readers';
import { badInput } from '../../../../client/transport/errors';
import { asFlag } from '../../../n8n/parameters';
import { displaySetField, readerStudyField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { createOperation } from '../cases/create';
import { downloadOperation } from '../cases/download';
import { orderField } from '../cases/order';
import { replaceOperation, updateOperation } from '../cases/update';
import { waitOperation } from '../cases/wait';
import type { WritableCase } from '../cases/writable';
import { getManyOperation, getOperation, ofReaderStudy, type Readable } from '../reading';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'display set',
	plural: 'display sets',
	collection: (gc) => gc.displaySets,
	field: displaySetField,
	simplify,
	scope: [ofReaderStudy('reader_study')],
	filters: [
		{
			field: {
				displayName: 'Unanswered',
				name: 'unanswered',
				type: 'boolean',
				default: true,
				description: 'Whether to return only the cases that this account has not answered completely',
			},
			query: (_gc, value): Record<string, string> => (asFlag(value, 'Unanswered') ? { unanswered_by_user: 'true' } : {}),
		},
		{
			field: {
				displayName: 'Reader',
				name: 'reader',
				type: 'string',
				default: '',
				placeholder: 'e.g. jdoe',
				description: "With 'Unanswered': user name of the reader whose unanswered cases are returned, instead of this account's. Only editors may ask for others.",
			},
			query: async (gc, value, { reader_study = '', unanswered_by_user }) => {
				if (unanswered_by_user === undefined) throw badInput("'Reader' is given without 'Unanswered'", "Add the filter 'Unanswered' and switch it on");
				await checkReader(gc, reader_study, value);
				return unansweredBy(value);
			},
		},
	],
};

const writable: WritableCase = {
	kind: DISPLAY_SETS,
	singular: 'display set',
	place: 'reader study',
	field: displaySetField,
	placeField: readerStudyField,
	simplify,
	more: [orderField],
	ordered: true,
};

export const displaySet: ResourceOperations = {
	value: 'displaySet',
	name: 'Display Set (Case)',
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
