import { inSeconds } from '../../../../client/api/duration';
import { text } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';
import { algorithmEndpointField, algorithmField, asFilter } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, ofStatus, type Readable } from '../reading';

const readable: Readable = {
	singular: 'algorithm endpoint',
	plural: 'algorithm endpoints',
	collection: (gc) => gc.algorithmEndpoints,
	field: algorithmEndpointField,
	simplify: (entity) => {
		const { pk, status, api_url } = asData(entity);
		return { pk, status, algorithm: pkOf(text(entity, 'algorithm')), remaining_seconds: inSeconds(entity.remaining_lifetime), api_url };
	},
	filters: [{ field: asFilter(algorithmField), query: async (gc, value) => ({ algorithm: await gc.algorithms.pk(value) }) }, ofStatus('Running')],
};

export const algorithmEndpoint: ResourceOperations = {
	value: 'algorithmEndpoint',
	name: 'Algorithm Endpoint',
	operations: [getOperation(readable), getManyOperation(readable)],
};
