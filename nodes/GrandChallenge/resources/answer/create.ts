import { createAnswer } from '../../../../client';
import { text } from '../../../../client/api/json';
import { memoryOf, remembering } from '../../../n8n/memory';
import { displaySetField, questionField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { durationOption, secondsIn, valueField } from './fields';
import { simplify } from './simplify';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Answer question of reader study',
	description: 'Give the answer of this account to a question for one display set',
	makes: 'answers',
	fields: [questionField, displaySetField, valueField('Answer')],
	options: [durationOption],
	execute: async ({ context, gc, itemIndex, parameters, options }) => {
		const [question, displaySet, answer] = [parameters.text('question'), parameters.text('displaySet'), parameters.raw('value')];
		const memory = memoryOf(context, itemIndex, ['answer', question, displaySet, answer]);
		if (memory.pk !== undefined) return [{ json: simplify(await gc.answers.get(memory.pk)) }];
		const seconds = secondsIn(options);
		const made = await remembering(memory, 'answer', () => createAnswer(gc, { question, displaySet, answer, seconds }));
		memory.pk = text(made, 'pk');
		return [{ json: simplify(made) }];
	},
};
