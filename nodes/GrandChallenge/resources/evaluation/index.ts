import { evaluationField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getOperation, type Readable } from '../reading';
import { claim } from './claim';
import { getClaimable } from './getClaimable';
import { getJobs } from './getJobs';
import { getMany } from './getMany';
import { report } from './report';
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
	operations: [claim, getOperation(readable), getClaimable, getJobs, getMany, report],
};
