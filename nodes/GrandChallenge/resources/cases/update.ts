import type { INodeProperties } from 'n8n-workflow';

import { updateCase } from '../../../../client';
import { memoryOf } from '../../../n8n/memory';
import { asString } from '../../../n8n/parameters';
import { readValues, socketValuesField } from '../../fields/socketValues';
import type { Operation } from '../../operation';
import { orderIn } from './order';
import { hintAtManyFiles, waitMs, waitOptions, writeOnce, type WritableCase } from './writable';

const changing = (writable: WritableCase, replace: boolean, about: Pick<Operation, 'value' | 'name' | 'action' | 'description'>, fields: INodeProperties[]): Operation => {
	const { kind, field, place } = writable;
	return {
		...about,
		transfers: true,
		fields: [field, ...fields],
		options: [
			...writable.more,
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				default: '',
				placeholder: 'e.g. Case 42',
				description: `New name of the case, unique in the ${place}; empty to remove it`,
			},
			...waitOptions,
		],
		execute: async (call) => {
			const { context, gc, itemIndex, parameters, options } = call;
			const identifier = parameters.text(field.name);
			const title = options.title === undefined ? undefined : asString(options.title, 'Title');
			const memory = memoryOf(context, itemIndex, [about.value, kind.key, identifier, title ?? null, parameters.raw('values')]);
			return writeOnce(call, writable, memory, () => {
				const content = readValues(call);
				hintAtManyFiles(call, content);
				return updateCase(gc, kind, { identifier, title, ...content, order: orderIn(options), replace, waitMs: waitMs(options) });
			});
		},
	};
};

/** Adds values to a case or replaces those of the same sockets. */
export const updateOperation = (writable: WritableCase): Operation =>
	changing(
		writable,
		false,
		{
			value: 'update',
			name: 'Update',
			action: `Update ${writable.singular}`,
			description: 'Add values to a case or replace those of the same sockets, and change its title',
		},
		[socketValuesField('Values', 'What is added, or replaces the value of its socket')],
	);

/** Gives a case exactly the values that are given. */
export const replaceOperation = (writable: WritableCase): Operation =>
	changing(
		writable,
		true,
		{
			value: 'replace',
			name: 'Replace All Values',
			action: `Replace all values of ${writable.singular}`,
			description: 'Give a case new values, and remove all others that it has',
		},
		[
			{
				displayName: 'This removes every value of the case that is not given here',
				name: 'replaceNotice',
				type: 'notice',
				default: '',
			},
			socketValuesField('Values', 'All that the case is to hold, one value per socket'),
		],
	);
