import type { INodeProperties } from 'n8n-workflow';

import { readPhase, type Phase } from '../../../../client/evaluations/phase';
import { asString } from '../../../n8n/parameters';
import { asFilter, challengeField } from '../../fields/locator';
import type { Call } from '../../operation';

export const phaseFilters: INodeProperties[] = [
	asFilter(challengeField),
	{
		displayName: 'Phase',
		name: 'phase',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://luna16.grand-challenge.org/evaluation/final-test/leaderboard/',
		description:
			"Address of the leaderboard of a phase; its slug, with 'Challenge' chosen besides; or its ID, which organizers find in the address behind 'Export' on the leaderboard. The ID is the fastest: Grand Challenge filters by nothing else.",
	},
];

/**
 * The phase (or all those of a challenge) that the filters name.
 * @throws GrandChallengeError (badInput)
 */
export const chosenPhase = async ({ gc, parameters }: Pick<Call, 'gc' | 'parameters'>): Promise<Phase | undefined> => {
	const { challenge, phase } = parameters.collection('filters');
	const named = asString(challenge, 'Challenge').trim();
	return readPhase(asString(phase, 'Phase'), named === '' ? undefined : await gc.challenges.pk(named));
};
