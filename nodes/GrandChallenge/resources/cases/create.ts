import { createCase } from '../../../../client';
import { badInput } from '../../../../client/transport/errors';
import { memoryOf } from '../../../n8n/memory';
import { asChoice, asString, Parameters } from '../../../n8n/parameters';
import { readValues, socketValuesField } from '../../fields/socketValues';
import type { Call, Operation } from '../../operation';
import { orderIn } from './order';
import { hintAtManyFiles, waitMs, waitOptions, writeOnce, type WritableCase } from './writable';

/** Makes a case of one input item, or of some that belong together. */
export const createOperation = (writable: WritableCase): Operation => {
	const { kind, singular, place, placeField } = writable;
	return {
		value: 'create',
		name: 'Create',
		action: `Add case to ${place} as ${singular}`,
		description: `Make ${/^[aeiou]/.test(singular) ? 'an' : 'a'} ${singular} and fill it with images, files and values`,
		makes: `${singular}s`,
		transfers: true,
		inOrder: writable.ordered,
		groupOf: (parameters) => asString(parameters.collection('options').groupBy, 'Group Files Into One Case By'),
		fields: [
			placeField,
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				default: '',
				placeholder: 'e.g. Case 42',
				description: `Name of the case, unique in the ${place}; may be empty`,
			},
			socketValuesField('Values', 'What the case holds, one value per socket'),
		],
		options: [
			...writable.more,
			{
				displayName: 'Group Files Into One Case By',
				name: 'groupBy',
				type: 'string',
				default: '',
				placeholder: 'e.g. {{ $json.directory }}',
				description: 'Input items for which this gives the same text become one case, with the files of all of them. Without it each input item becomes a case of its own.',
			},
			{
				displayName: 'If Title Exists',
				name: 'ifTitleExists',
				type: 'options',
				default: 'fail',
				description: `What happens when the ${place} has a case of this title already`,
				options: [
					{ name: 'Fail', value: 'fail', description: 'Refuse it, before any file is sent' },
					{ name: 'Skip', value: 'skip', description: 'Return that case as it is' },
					{ name: 'Update', value: 'update', description: 'Add the values to that case, or replace those of the same sockets' },
				],
			},
			...waitOptions,
		],
		execute: async (call) => {
			const { context, gc, itemIndex, options } = call;
			const [parent, title] = [sameText(call, placeField.name, placeField.displayName), sameText(call, 'title', 'Title')];
			const given = call.items.map((item) => new Parameters(context, item).raw('values'));
			const memory = memoryOf(context, itemIndex, [kind.key, parent, title, given]);
			return writeOnce(call, writable, memory, () => {
				const content = readValues(call);
				hintAtManyFiles(call, content);
				const ifTitleExists = asChoice(options.ifTitleExists ?? 'fail', 'If Title Exists', ['fail', 'skip', 'update']);
				return createCase(gc, kind, { parent, title, ...content, order: orderIn(options), ifTitleExists, waitMs: waitMs(options), made: memory.pk });
			});
		},
	};
};

/** Items that make up one case have to agree on what names it. */
const sameText = ({ context, items, parameters }: Call, name: string, displayName: string): string => {
	const value = parameters.text(name);
	if (items.every((item) => new Parameters(context, item).text(name) === value)) return value;
	throw badInput(`The items of one case differ in '${displayName}'`, "Give them the same, for example the expression that is used in 'Group Files Into One Case By'");
};


