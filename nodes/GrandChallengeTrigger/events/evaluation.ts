import { evaluationAdded as added, evaluationFinished as finished, rankChanged as ranked, claimableEvaluation as claimable } from '../../../client/changes/feed';
import { text } from '../../../client/api/json';
import { claimableEvaluations } from '../../../client/evaluations/external';
import type { Phase, Place } from '../../../client/evaluations/phase';
import { badInput } from '../../../client/transport/errors';
import { filtersField } from '../../GrandChallenge/fields/lists';
import { chosenPhase, phaseFilters } from '../../GrandChallenge/resources/evaluation/phaseFilters';
import { simplify, simplifyExternal } from '../../GrandChallenge/resources/evaluation/simplify';
import type { Source } from '../../../client/changes/source';
import { statusesIn, statusesOption, whole, type Asked, type TriggerEvent } from '../event';

const shared = { fields: [filtersField(phaseFilters)], simplify };

/** @throws GrandChallengeError (badInput) where none is given: nobody wants those of the whole platform */
const phaseOf = async (asked: Asked): Promise<Phase> => {
	const phase = await chosenPhase(asked);
	if (phase) return phase;
	throw badInput("Neither 'Challenge' nor 'Phase' is given", "Add one of them to 'Filters': which evaluations are meant");
};

/** The platform filters by the pk of a phase only; everything else is looked for among the newest of the whole platform. */
const evaluations = async (asked: Asked): Promise<{ source: Source; place?: Place; of: Phase }> => {
	const { gc } = asked;
	const phase = await phaseOf(asked);
	if ('pk' in phase) return { source: whole(gc.evaluations, { submission__phase: phase.pk }), of: phase };
	const oldest = text(await gc.challenges.getOnce(phase.challenge), 'created');
	return { source: { order: 'newestFirst', oldest, page: (offset, limit) => gc.evaluations.page({}, offset, limit) }, place: phase, of: phase };
};

export const evaluationAdded: TriggerEvent = {
	...shared,
	value: 'evaluationAdded',
	name: 'Evaluation Added',
	description: 'There is a new evaluation of a submission to a challenge or a phase',
	plural: 'evaluations',
	dated: true,
	watch: async (asked) => {
		const { source, place, of } = await evaluations(asked);
		return { feed: added(place), source, of: [of] };
	},
};

export const evaluationFinished: TriggerEvent = {
	...shared,
	value: 'evaluationFinished',
	name: 'Evaluation Finished',
	description: 'An evaluation of a challenge or a phase has succeeded, failed or was cancelled',
	plural: 'finished evaluations',
	dated: true,
	options: [statusesOption(['Cancelled', 'Failed', 'Succeeded'])],
	watch: async (asked) => {
		const { source, place, of } = await evaluations(asked);
		const statuses = statusesIn(asked.options);
		return { feed: finished(statuses, place), source, of: [of, statuses] };
	},
};

export const rankChanged: TriggerEvent = {
	...shared,
	value: 'rankChanged',
	name: 'Rank Changed',
	description: 'An evaluation has got another rank on the leaderboard of a phase, and has kept it from one poll to the next',
	plural: 'ranked evaluations',
	dated: false,
	watch: async (asked) => {
		const phase = await phaseOf(asked);
		if ('pk' in phase) return { feed: ranked, source: whole(asked.gc.evaluations, { submission__phase: phase.pk }), of: [phase] };
		throw badInput("'Phase' needs the ID of the phase for this event", "Grand Challenge filters by nothing else. Organizers find it in the address behind 'Export' on the leaderboard; that whole address can be pasted");
	},
};

export const claimableEvaluation: TriggerEvent = {
	...shared,
	value: 'claimableEvaluation',
	name: 'Claimable Evaluation',
	description: 'There is an evaluation that this account may claim as an external evaluator',
	plural: 'claimable evaluations',
	dated: true,
	simplify: simplifyExternal,
	watch: async (asked) => {
		const phase = await chosenPhase(asked);
		return { feed: claimable, source: { order: 'none', all: () => claimableEvaluations(asked.gc, phase) }, of: [phase] };
	},
};
