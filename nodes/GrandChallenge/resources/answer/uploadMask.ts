import { uploadMask as upload } from '../../../../client';
import { text } from '../../../../client/api/json';
import { memoryOf, remembering } from '../../../n8n/memory';
import { asFlag } from '../../../n8n/parameters';
import { filesField, filesIn } from '../../fields/files';
import { displaySetField, questionField } from '../../fields/locator';
import { longestWait, longestWaitMs } from '../../fields/options';
import type { Operation } from '../../operation';
import { durationOption, secondsIn } from './fields';
import { simplify } from './simplify';

/** Minutes. */
const WAIT = 30;

export const uploadMask: Operation = {
	value: 'uploadMask',
	name: 'Upload Mask',
	action: 'Answer question of reader study with mask',
	description: 'Give an image as the answer of this account to a question of the type Mask',
	makes: 'answers',
	fields: [
		questionField,
		displaySetField,
		filesField(),
	],
	options: [
		durationOption,
		longestWait('the image to arrive', WAIT),
		{
			displayName: 'Wait for Import',
			name: 'waitForImport',
			type: 'boolean',
			default: true,
			description: 'Whether to wait until Grand Challenge has imported the image, so that a failed import is told',
		},
	],
	execute: async (call) => {
		const { context, gc, itemIndex, parameters, options } = call;
		const [question, displaySet] = [parameters.text('question'), parameters.text('displaySet')];
		const memory = memoryOf(context, itemIndex, ['mask', question, displaySet, parameters.raw('field')]);
		if (memory.pk !== undefined && memory.done) return [{ json: simplify(await gc.answers.get(memory.pk)) }];
		const seconds = secondsIn(options);
		const waitMs = asFlag(options.waitForImport ?? true, 'Wait for Import') ? longestWaitMs(options, WAIT) : 0;
		const make = () => upload(gc, { question, displaySet, files: filesIn(call, parameters.raw('field')), seconds, waitMs, made: memory.pk });
		const answer = await remembering(memory, 'answer', make);
		Object.assign(memory, { pk: text(answer, 'pk'), done: true });
		return [{ json: simplify(answer) }];
	},
};
