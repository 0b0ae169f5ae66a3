import { readInterfaces, type Socket } from '../../../../client';
import { asData } from '../../../n8n/data';
import { algorithmField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const slugs = (sockets: Socket[]) => sockets.map(({ slug }) => slug);

const readable: Readable = {
	singular: 'algorithm',
	plural: 'algorithms',
	collection: (gc) => gc.algorithms,
	field: algorithmField,
	simplify: (entity) => {
		const { pk, slug, title, description, url, api_url, average_duration } = asData(entity);
		const interfaces = readInterfaces(entity).map(({ inputs, outputs }) => ({ inputs: slugs(inputs), outputs: slugs(outputs) }));
		return { pk, slug, title, description, url, api_url, average_duration, interfaces };
	},
};

export const algorithm: ResourceOperations = {
	value: 'algorithm',
	name: 'Algorithm',
	operations: [getOperation(readable), getManyOperation(readable)],
};
