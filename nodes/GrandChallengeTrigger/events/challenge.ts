import { challengeChanged as feed } from '../../../client/changes/feed';
import { simplify } from '../../GrandChallenge/resources/challenge/simplify';
import { asFilter, challengeField } from '../../GrandChallenge/fields/locator';
import { whole, type TriggerEvent } from '../event';

export const challengeChanged: TriggerEvent = {
	value: 'challengeChanged',
	name: 'Challenge Changed',
	description: 'A challenge is new, was modified, has opened or closed',
	plural: 'challenges',
	dated: true,
	fields: [asFilter(challengeField, undefined, undefined, 'All challenges if none is chosen')],
	simplify,
	watch: async ({ gc, parameters }) => {
		const chosen = parameters.text('challenge').trim();
		const one = async () => [await gc.challenges.get(chosen)];
		return { feed, source: chosen === '' ? whole(gc.challenges, {}) : { order: 'none', all: one }, of: [chosen] };
	},
};
