import { text } from '../../../../client/api/json';
import { bySlug, pkOf, readSocketValues } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';
import { asFlag } from '../../../n8n/parameters';
import { displaySetField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofReaderStudy, type Readable } from '../reading';

const readable: Readable = {
	singular: 'display set',
	plural: 'display sets',
	collection: (gc) => gc.displaySets,
	field: displaySetField,
	simplify: (entity) => {
		const { pk, api_url, order } = asData(entity);
		return {
			pk,
			api_url,
			title: text(entity, 'title_safe') || text(entity, 'title'),
			order,
			reader_study: pkOf(text(entity, 'reader_study')),
			values: asData(bySlug(readSocketValues(entity, 'values'))),
		};
	},
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
	],
};

export const displaySet: ResourceOperations = {
	value: 'displaySet',
	name: 'Display Set (Case)',
	operations: [getOperation(readable), getManyOperation(readable)],
};
