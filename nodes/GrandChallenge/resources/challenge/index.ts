import { asData } from '../../../n8n/data';
import { challengeField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const readable: Readable = {
	singular: 'challenge',
	plural: 'challenges',
	collection: (gc) => gc.challenges,
	field: challengeField,
	simplify: (entity) => {
		const { slug, title, description, url, api_url, status, start_date, end_date, created, modified } = asData(entity);
		return { slug, title, description, url, api_url, status, public: entity.public === true, start_date, end_date, created, modified };
	},
};

export const challenge: ResourceOperations = {
	value: 'challenge',
	name: 'Challenge',
	operations: [getOperation(readable), getManyOperation(readable)],
};
