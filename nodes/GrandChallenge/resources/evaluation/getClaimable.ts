import { claimableEvaluations } from '../../../../client/evaluations/external';
import { asData } from '../../../n8n/data';
import { filtersField, limitField, returnAllField, simplifyField } from '../../fields/lists';
import type { Operation } from '../../operation';
import { limitOf } from '../reading';
import { chosenPhase, phaseFilters } from './phaseFilters';
import { simplifyExternal } from './simplify';

export const getClaimable: Operation = {
	value: 'getClaimable',
	name: 'Get Claimable',
	action: 'Get claimable evaluations',
	description: 'List the evaluations that wait to be done outside of Grand Challenge, for external evaluators',
	fields: [returnAllField, limitField, filtersField(phaseFilters), simplifyField],
	execute: async (call) => {
		const limit = limitOf(call.parameters);
		const simple = call.parameters.flag('simplify', 'Simplify');
		const found = await claimableEvaluations(call.gc, await chosenPhase(call));
		return found.slice(0, limit).map((entity) => ({ json: simple ? simplifyExternal(entity) : asData(entity) }));
	},
};
