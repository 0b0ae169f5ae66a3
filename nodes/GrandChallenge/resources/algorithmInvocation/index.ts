import { text } from '../../../../client/api/json';
import { bySlug, pkOf, readSocketValues } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';
import { algorithmInvocationField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofStatus, type Readable } from '../reading';

const readable: Readable = {
	singular: 'algorithm invocation',
	plural: 'algorithm invocations',
	collection: (gc) => gc.algorithmInvocations,
	field: algorithmInvocationField,
	simplify: (entity) => {
		const { pk, status, error_message } = asData(entity);
		return {
			pk,
			status,
			error_message,
			endpoint: pkOf(text(entity, 'endpoint')),
			inputs: asData(bySlug(readSocketValues(entity, 'inputs'))),
			outputs: asData(bySlug(readSocketValues(entity, 'outputs'))),
		};
	},
	filters: [ofStatus('Succeeded')],
};

export const algorithmInvocation: ResourceOperations = {
	value: 'algorithmInvocation',
	name: 'Algorithm Invocation',
	operations: [getOperation(readable), getManyOperation(readable)],
};
