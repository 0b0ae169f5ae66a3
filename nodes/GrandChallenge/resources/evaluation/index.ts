import { evaluationField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getOperation, type Readable } from '../reading';
import { getJobs } from './getJobs';
import { getMany } from './getMany';
import { simplify } from './simplify';

const readable: Readable = {
	singular: 'evaluation',
	plural: 'evaluations',
	collection: (gc) => gc.evaluations,
	field: evaluationField,
	simplify,
};

export const evaluation: ResourceOperations = {
	value: 'evaluation',
	name: 'Evaluation',
	operations: [getOperation(readable), getJobs, getMany],
};
