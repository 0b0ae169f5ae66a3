import { claimEvaluation } from '../../../../client/evaluations/external';
import { memoryOf } from '../../../n8n/memory';
import { claimableField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { simplifyExternal } from './simplify';

export const claim: Operation = {
	value: 'claim',
	name: 'Claim',
	action: 'Claim evaluation',
	description: 'Take over an evaluation to do it outside of Grand Challenge within 24 hours; an account can do that once only',
	fields: [claimableField],
	makes: 'claims',
	execute: async ({ context, gc, itemIndex, parameters }) => {
		const evaluation = parameters.text('evaluation');
		const memory = memoryOf(context, itemIndex, ['claim', evaluation]);
		memory.answer ??= await claimEvaluation(gc, evaluation);
		return [{ json: simplifyExternal(memory.answer) }];
	},
};
