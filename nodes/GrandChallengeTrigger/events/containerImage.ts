import { containerImageImported as imported } from '../../../client/changes/feed';
import { algorithmField } from '../../GrandChallenge/fields/locator';
import { simplify } from '../../GrandChallenge/resources/containerImage/simplify';
import { statusesIn, statusesOption, whole, type TriggerEvent } from '../event';

export const containerImageImported: TriggerEvent = {
	value: 'containerImageImported',
	name: 'Container Image Imported',
	description: 'The import of a container image of an algorithm has ended, well or not',
	plural: 'imported container images',
	dated: true,
	fields: [algorithmField],
	options: [statusesOption(['Cancelled', 'Completed', 'Failed'])],
	simplify,
	watch: async ({ gc, options, pk }) => {
		const algorithm = await pk(gc.algorithms, 'algorithm');
		const statuses = statusesIn(options);
		return { feed: imported(statuses), source: whole(gc.containerImages, { algorithm }), of: [algorithm, statuses] };
	},
};
