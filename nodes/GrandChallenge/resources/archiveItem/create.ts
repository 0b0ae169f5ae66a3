import { createArchiveItem } from '../../../../client';
import { text } from '../../../../client/api/json';
import { memoryOf, remembering } from '../../../n8n/memory';
import { asFlag } from '../../../n8n/parameters';
import { archiveField } from '../../fields/locator';
import { longestWait, longestWaitMs } from '../../fields/options';
import { readAssignments, socketValuesField } from '../../fields/socketValues';
import type { Operation } from '../../operation';
import { simplify } from './simplify';

/** Minutes. Imports take seconds to minutes; the platform gives up after two hours. */
const WAIT = 30;

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Add case to archive',
	description: 'Make an item in an archive and fill it with images, files and values',
	makes: 'archive items',
	fields: [
		archiveField,
		{
			displayName: 'Title',
			name: 'title',
			type: 'string',
			default: '',
			placeholder: 'e.g. Case 42',
			description: 'Name of the case, unique in the archive; may be empty',
		},
		socketValuesField('Values', 'What the item holds, one value per socket'),
	],
	options: [
		longestWait('the images and files to arrive', WAIT),
		{
			displayName: 'Wait for Import',
			name: 'waitForImport',
			type: 'boolean',
			default: true,
			description: 'Whether to wait until Grand Challenge has imported images and files, so that the next steps find them',
		},
	],
	execute: async (call) => {
		const { context, gc, itemIndex, parameters, options } = call;
		const [archive, title] = [parameters.text('archive'), parameters.text('title')];
		const memory = memoryOf(context, itemIndex, ['archiveItem', archive, title, parameters.raw('values')]);
		if (memory.pk !== undefined && memory.done) return [{ json: simplify(await gc.archiveItems.get(memory.pk)) }];
		const wait = asFlag(options.waitForImport ?? true, 'Wait for Import');
		const waitMs = wait ? longestWaitMs(options, WAIT) : 0;
		const make = () => createArchiveItem(gc, { archive, title, values: readAssignments(call), waitMs, made: memory.pk });
		const item = await remembering(memory, 'archiveItem', make);
		Object.assign(memory, { pk: text(item, 'pk'), done: true });
		return [{ json: simplify(item) }];
	},
};
