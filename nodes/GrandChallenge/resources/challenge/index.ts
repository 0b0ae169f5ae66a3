import { challengeField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'challenge',
	plural: 'challenges',
	collection: (gc) => gc.challenges,
	field: challengeField,
	simplify,
};

export const challenge: ResourceOperations = {
	value: 'challenge',
	name: 'Challenge',
	operations: [getOperation(readable), getManyOperation(readable)],
};
