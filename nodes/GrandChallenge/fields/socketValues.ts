import type { INodeProperties } from 'n8n-workflow';

import type { Assignment, Taken } from '../../../client';
import { isObject, list, parseJson, type JsonObject } from '../../../client/api/json';
import { badInput } from '../../../client/transport/errors';
import { asChoice, asString, Parameters } from '../../n8n/parameters';
import type { Call } from '../operation';
import { dicomWishIn, filesField, filesIn, hintAtDicom } from './files';
import { archiveItemField, displaySetField, imageField, jobField, socketField, uploadField, uploadSessionField } from './locator';

const takenSockets: INodeProperties = {
	displayName: 'Sockets',
	name: 'sockets',
	type: 'string',
	default: '',
	placeholder: 'e.g. ct-image, lung-mask > segmentation',
	description: "Slugs of the sockets to take, separated by commas. With '>' behind it comes the socket that a value is for, where that is another one. All values when empty. Sockets that are given a value of their own are left out.",
};

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
			displayName: 'DICOM Files From Binary Data',
			name: 'dicom',
			values: [
				socketField,
				filesField("CT, MR or whole-slide files of one series, which are de-identified before they are sent. Several names are separated by commas; '*' stands for any text, as in 'slice_*'."),
				{
					displayName: 'Image Name',
					name: 'imageName',
					type: 'string',
					default: '',
					placeholder: 'e.g. CT series',
					description: 'What the image is called on Grand Challenge. Needed for a socket of the kind DICOM Image Set, and for no other.',
				},
				{
					displayName: 'Files Are Already De-Identified',
					name: 'alreadyDeidentified',
					type: 'boolean',
					default: false,
					description: 'Whether the files are sent as they are, since they identify no patient any more',
				},
			],
		},
		{ displayName: 'Existing Image', name: 'image', values: [socketField, imageField] },
		{ displayName: 'Existing Upload (Advanced)', name: 'upload', values: [socketField, uploadField] },
		{ displayName: 'Existing Upload Session (Advanced)', name: 'session', values: [socketField, uploadSessionField] },
		{
			displayName: 'File From Binary Data',
			name: 'binary',
			values: [socketField, filesField()],
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
		{ displayName: 'Values of Archive Item', name: 'archiveItem', values: [archiveItemField, takenSockets] },
		{ displayName: 'Values of Display Set', name: 'displaySet', values: [displaySetField, takenSockets] },
		{
			displayName: 'Values of Job',
			name: 'job',
			values: [
				jobField,
				takenSockets,
				{
					displayName: 'Take',
					name: 'side',
					type: 'options',
					default: 'outputs',
					description: 'Which values of the job to take',
					options: [
						{ name: 'Inputs', value: 'inputs' },
						{ name: 'Inputs and Outputs', value: 'both' },
						{ name: 'Outputs', value: 'outputs' },
					],
				},
			],
		},
	],
});

export interface GivenValues {
	values: Assignment[];
	taken: Taken[];
}

/**
 * The values that were given. Where several input items are taken together, each adds its own: files for the same socket
 * become one image, and anything else has to be the same in all of them.
 * @throws GrandChallengeError (badInput) naming the row
 */
export const readValues = (call: Call): GivenValues => {
	const given = readAll(call);
	for (const { socket, source } of given.values) {
		if (source.from === 'files' && !source.dicom) hintAtDicom(call, source.files, `the socket '${socket}'`, "'DICOM Files From Binary Data'");
	}
	return given;
};

const readAll = (call: Call): GivenValues => {
	const given = call.items.map((itemIndex) => valuesOf({ ...call, itemIndex, parameters: new Parameters(call.context, itemIndex) }));
	const [first] = given;
	if (first === undefined || given.length === 1) return first ?? { values: [], taken: [] };
	const merged = new Map<string, Assignment>();
	for (const assignment of given.flatMap(({ values }) => values)) {
		const { socket, source } = assignment;
		const known = merged.get(socket);
		const isSameWish = known?.source.from === 'files' && source.from === 'files' && JSON.stringify(known.source.dicom) === JSON.stringify(source.dicom);
		if (source.from === 'files' && known?.source.from === 'files' && isSameWish) known.source.files.push(...source.files);
		else if (known && JSON.stringify(known) !== JSON.stringify(assignment)) {
			throw badInput(`The items of one case give different values for the socket '${socket}'`, "Only files may differ. Check 'Group Files Into One Case By'");
		} else merged.set(socket, assignment);
	}
	const values = [...merged.values()];
	for (const { socket, source } of values) {
		if (source.from === 'files' && source.files.length === 0) throw badInput(`None of the items of this case has a file for the socket '${socket}'`, "Check 'Input Data Field Name' in its row");
	}
	return { values, taken: unique(given.flatMap(({ taken }) => taken)) };
};

const unique = <T>(entries: T[]): T[] => [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];

const valuesOf = (call: Call): GivenValues => {
	const { parameters } = call;
	const rows = parameters.raw('values');
	const row = (name: string, title: string) =>
		list(rows, name).map((entry, i) => {
			const fields = isObject(entry) ? entry : {};
			const socket = asString(fields.socket, 'Socket').trim();
			if (socket === '') throw badInput(`${title} ${i + 1} names no socket`, "Choose a 'Socket' for it");
			return { socket, fields };
		});
	const chosen = (fields: JsonObject, name: string, what: string, socket: string) => {
		const value = asString(fields[name], what).trim();
		if (value === '') throw badInput(`No ${what.toLowerCase()} is given for the socket '${socket}'`, `Choose ${/^[aeiou]/i.test(what) ? 'an' : 'a'} '${what}' for it`);
		return value;
	};
	const values = [
		...row('json', 'JSON Value').map(({ socket, fields }): Assignment => ({ socket, source: { from: 'json', value: jsonValue(fields.value, socket) } })),
		...row('binary', 'File From Binary Data').map(({ socket, fields }): Assignment => ({ socket, source: { from: 'files', files: filesIn(call, fields.field, ` for the socket '${socket}'`) } })),
		...row('dicom', 'DICOM Files From Binary Data').map(({ socket, fields }): Assignment => {
			return { socket, source: { from: 'files', files: filesIn(call, fields.field, ` for the socket '${socket}'`), dicom: dicomWishIn(fields.imageName, fields.alreadyDeidentified) } };
		}),
		...row('image', 'Existing Image').map(({ socket, fields }): Assignment => ({ socket, source: { from: 'image', image: chosen(fields, 'image', 'Image', socket) } })),
		...row('upload', 'Existing Upload').map(({ socket, fields }): Assignment => ({ socket, source: { from: 'upload', upload: chosen(fields, 'upload', 'Upload', socket) } })),
		...row('session', 'Existing Upload Session').map(({ socket, fields }): Assignment => ({ socket, source: { from: 'session', session: chosen(fields, 'uploadSession', 'Upload Session', socket) } })),
	];
	return { values, taken: takenIn(rows) };
};

const takenIn = (rows: unknown): Taken[] =>
	([['archiveItem', 'Archive Item'], ['displaySet', 'Display Set'], ['job', 'Job']] as const).flatMap(([from, title]) =>
		list(rows, from).map((entry, i): Taken => {
			const fields = isObject(entry) ? entry : {};
			const identifier = asString(fields[from], title).trim();
			if (identifier === '') throw badInput(`'Values of ${title}' ${i + 1} names none`, `Choose one in '${title}'`);
			return { from, identifier, ...(from === 'job' ? { sides: sidesIn(fields.side) } : {}), sockets: socketsIn(fields.sockets) };
		}),
	);

const sidesIn = (given: unknown): Taken['sides'] => {
	const side = asChoice(given ?? 'outputs', 'Take', ['inputs', 'outputs', 'both']);
	return side === 'both' ? ['inputs', 'outputs'] : [side];
};

const socketsIn = (given: unknown): Taken['sockets'] =>
	asString(given, 'Sockets')
		.split(',')
		.map((entry) => entry.trim())
		.filter(Boolean)
		.map((entry) => {
			const [slug = '', to = slug, ...more] = entry.split('>').map((part) => part.trim());
			if (slug && to && more.length === 0) return { slug, to };
			throw badInput(`'Sockets' has '${entry}'`, "Give slugs separated by commas, and with '>' the socket that a value is for, as in ct-image, lung-mask > segmentation");
		});

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
