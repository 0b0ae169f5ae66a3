import type { INodeProperties } from 'n8n-workflow';

import type { Assignment } from '../../../client';
import { isObject, list, parseJson } from '../../../client/api/json';
import { badInput } from '../../../client/transport/errors';
import { binarySource } from '../../n8n/binary';
import { asBinaryField, asString } from '../../n8n/parameters';
import type { Call } from '../operation';
import { imageField, socketField } from './locator';

/**
 * One row per socket, in groups by where the value comes from: fields that depend on a sibling inside such a row have
 * made whole workflows unopenable in n8n.
 */
export const socketValuesField = (displayName: string, description: string): INodeProperties => ({
	displayName,
	name: 'values',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add value',
	default: {},
	description,
	options: [
		{
			displayName: 'Existing Image',
			name: 'image',
			values: [
				socketField,
				imageField,
			],
		},
		{
			displayName: 'File From Binary Data',
			name: 'binary',
			values: [
				socketField,
				{
					displayName: 'Input Data Field Name',
					name: 'field',
					type: 'string',
					default: 'data',
					required: true,
					hint: 'The name of the input field containing the binary file data to be sent',
					description: 'Several names, separated by commas, make one image of several files',
				},
			],
		},
		{
			displayName: 'JSON Value',
			name: 'json',
			values: [
				socketField,
				{
					displayName: 'Value',
					name: 'value',
					type: 'json',
					default: '',
					required: true,
					placeholder: 'e.g. 42, "text", [1, 2], {"key": true}',
					description: 'As JSON: texts stand in double quotes',
				},
			],
		},
	],
});

/**
 * The values that were given for one item.
 * @throws GrandChallengeError (badInput) naming the row
 */
export const readAssignments = ({ context, itemIndex, parameters }: Call): Assignment[] => {
	const rows = parameters.raw('values');
	const socketOf = (row: unknown, kind: string, i: number) => {
		const socket = asString(isObject(row) ? row.socket : undefined, 'Socket').trim();
		if (socket === '') throw badInput(`${kind} ${i + 1} names no socket`, "Choose a 'Socket' for it");
		return socket;
	};
	return [
		...list(rows, 'json').map((row, i): Assignment => {
			const socket = socketOf(row, 'JSON Value', i);
			return { socket, source: { from: 'json', value: jsonValue(isObject(row) ? row.value : undefined, socket) } };
		}),
		...list(rows, 'binary').map((row, i): Assignment => {
			const socket = socketOf(row, 'File From Binary Data', i);
			const fields = fieldNames(isObject(row) ? row.field : undefined, socket);
			return { socket, source: { from: 'files', files: fields.map((field) => binarySource(context, itemIndex, field)) } };
		}),
		...list(rows, 'image').map((row, i): Assignment => {
			const socket = socketOf(row, 'Existing Image', i);
			const image = asString(isObject(row) ? row.image : undefined, 'Image').trim();
			if (image === '') throw badInput(`No image is given for the socket '${socket}'`, "Choose an 'Image' for it");
			return { socket, source: { from: 'image', image } };
		}),
	];
};

/** JSON text, or what an expression gives already parsed. */
const jsonValue = (value: unknown, socket: string): unknown => {
	if (typeof value !== 'string') return value;
	const parsed = parseJson(value);
	if (parsed) return parsed.value;
	throw badInput(
		value.trim() === '' ? `The value for the socket '${socket}' is empty` : `The value for the socket '${socket}' is not JSON`,
		'Texts stand in double quotes, as in "left"; numbers, true, false, [lists] and {"objects": 1} do not. In an expression, JSON.stringify(…) makes JSON of anything',
	);
};

const fieldNames = (field: unknown, socket: string) => {
	const read = asBinaryField(field);
	if (typeof read !== 'string') return [read];
	const names = read.split(',').map((name) => name.trim()).filter(Boolean);
	if (names.length === 0) throw badInput(`No 'Input Data Field Name' is given for the socket '${socket}'`, 'Name the field that holds the file');
	return names;
};
