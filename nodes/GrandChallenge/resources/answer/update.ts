import { updateAnswer } from '../../../../client';
import { memoryOf } from '../../../n8n/memory';
import { answerField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { durationOption, secondsIn, valueField } from './fields';
import { simplify } from './simplify';

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Change answer',
	description: 'Give another answer instead of one that this account has given, where the reader study allows that',
	fields: [answerField, valueField('New Answer')],
	options: [durationOption],
	execute: async ({ context, gc, itemIndex, parameters, options }) => {
		const [answer, value, seconds] = [parameters.text('answer'), parameters.raw('value'), secondsIn(options)];
		// The platform adds up durations, so that a change must not be made again.
		const memory = memoryOf(context, itemIndex, ['update', answer, value, seconds]);
		if (memory.done) return [{ json: simplify(await gc.answers.get(answer)) }];
		const changed = await updateAnswer(gc, { answer, value, seconds });
		memory.done = true;
		return [{ json: simplify(changed) }];
	},
};
