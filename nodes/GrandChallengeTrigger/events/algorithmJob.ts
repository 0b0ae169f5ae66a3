import { jobFinished } from '../../../client/changes/feed';
import { algorithmField } from '../../GrandChallenge/fields/locator';
import { simplify } from '../../GrandChallenge/resources/algorithmJob/simplify';
import { growing, statusesIn, statusesOption, type TriggerEvent } from '../event';

export const algorithmJobFinished: TriggerEvent = {
	value: 'algorithmJobFinished',
	name: 'Algorithm Job Finished',
	description: 'A job that this account can see has succeeded, failed or was cancelled',
	plural: 'finished jobs',
	dated: false,
	fields: [algorithmField],
	options: [statusesOption(['Cancelled', 'Failed', 'Succeeded'])],
	simplify,
	watch: async ({ gc, options, pk }) => {
		const algorithm = await pk(gc.algorithms, 'algorithm');
		const statuses = statusesIn(options);
		return { feed: jobFinished(statuses), source: growing(gc.jobs, { algorithm_image__algorithm: algorithm }), of: [algorithm, statuses] };
	},
};
