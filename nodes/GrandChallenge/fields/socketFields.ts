import type { INodeProperties } from 'n8n-workflow';

import { readInterfaces, type Assignment, type Socket } from '../../../client';
import { isObject, parseJson, text, type JsonObject } from '../../../client/api/json';
import type { AlgorithmInterface } from '../../../client/api/types';
import { isDicomSet, takesJson } from '../../../client/sockets/check';
import { badInput } from '../../../client/transport/errors';
import { asChoice } from '../../n8n/parameters';
import type { Call } from '../operation';
import { dicomWishIn, filesIn, hintAtDicom } from './files';

/** What tells the fields of an algorithm apart from rows. */
const FIELDS = 'fields';

/** Rows came first, so that they are what a workflow means that says nothing. */
export const inputsFromField: INodeProperties = {
	displayName: 'Inputs From',
	name: 'inputsFrom',
	type: 'options',
	default: 'rows',
	description: 'How the inputs are given',
	options: [
		{ name: 'Fields', value: FIELDS, description: 'One field for each socket of the algorithm' },
		{ name: 'Rows', value: 'rows', description: 'Rows of sockets and values; also all that a case or another job holds' },
	],
};

const shown = { show: { inputsFrom: [FIELDS] } };

export const interfaceField: INodeProperties = {
	displayName: 'Interface',
	name: 'interface',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'The combination of inputs, where the algorithm takes several; the first one when empty',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select an interface…',
			typeOptions: { searchListMethod: 'searchInterfaces', searchable: true },
		},
		{ displayName: 'By Slug', name: 'slug', type: 'string', placeholder: 'e.g. ct-image, segmentation-threshold' },
	],
	displayOptions: shown,
};

export const socketFieldsField: INodeProperties = {
	displayName: 'Inputs',
	name: 'inputs',
	type: 'resourceMapper',
	noDataExpression: true,
	default: { mappingMode: 'defineBelow', value: null },
	description: 'An image or a file: the input field with the binary data, an expression for it, or the ID or URL of an image on Grand Challenge. Files of a DICOM image set are de-identified before they are sent, and need an image name.',
	typeOptions: {
		loadOptionsDependsOn: ['algorithm.value', 'interface.value'],
		resourceMapper: {
			resourceMapperMethod: 'algorithmInputs',
			mode: 'add',
			fieldWords: { singular: 'input', plural: 'inputs' },
			addAllFields: true,
			supportAutoMap: false,
			noFieldsError: 'The algorithm takes no inputs, or none is chosen',
		},
	},
	displayOptions: shown,
};

/** What names an interface: the slugs of its inputs. */
export const nameOfInterface = ({ inputs }: AlgorithmInterface): string => inputs.map(({ slug }) => slug).join(', ');

/**
 * The interface that is chosen for an algorithm, the first one when none is.
 * @throws GrandChallengeError (badInput)
 */
export const interfaceOf = (algorithm: JsonObject, chosen: string): AlgorithmInterface => {
	const interfaces = readInterfaces(algorithm);
	const found = chosen === '' ? interfaces[0] : interfaces.find((entry) => nameOfInterface(entry) === chosen);
	if (found) return found;
	const title = text(algorithm, 'title');
	if (interfaces.length === 0) throw badInput(`${title} takes no inputs at the moment`, 'Its editors have to define its interfaces first');
	throw badInput(`${title} has no interface '${chosen}'`, `Choose one in 'Interface': ${interfaces.map((entry) => `'${nameOfInterface(entry)}'`).join('; ')}`);
};

/**
 * The values of the fields; undefined where rows are used.
 * @throws GrandChallengeError (badInput) naming the socket
 */
export const readSocketFields = async (call: Call): Promise<Assignment[] | undefined> => {
	const { gc, parameters } = call;
	if (asChoice(parameters.raw('inputsFrom', 'rows'), 'Inputs From', [FIELDS, 'rows']) === 'rows') return undefined;
	const algorithm = await gc.algorithms.getOnce(parameters.text('algorithm'));
	const { inputs } = interfaceOf(algorithm, parameters.text('interface', '').trim());
	const raw = parameters.raw('inputs.value');
	const given = isObject(raw) ? raw : {};
	const more = inputs.flatMap(moreFieldsOf).map(({ id }) => id);
	return Object.entries(given).flatMap(([slug, value]): Assignment[] => {
		const socket = inputs.find((input) => input.slug === slug);
		if (more.includes(slug) || value === null || value === undefined || (value === '' && socket?.kind !== 'String')) return [];
		return [{ socket: slug, source: sourceOf(call, socket, slug, given) }];
	});
};

const sourceOf = (call: Call, socket: Socket | undefined, slug: string, given: JsonObject): Assignment['source'] => {
	const value = given[slug];
	if (socket === undefined || takesJson(socket)) return { from: 'json', value: jsonOf(socket, slug, value) };
	if (socket.superKind === 'Image' && typeof value === 'string' && isReference(value.trim())) return { from: 'image', image: value.trim() };
	const files = filesIn(call, value, ` for the socket '${slug}'`);
	if (isDicomSet(socket)) {
		const [imageName, alreadyDeidentified] = moreFieldsOf(socket).map(({ id }) => given[id]);
		return { from: 'files', files, dicom: dicomWishIn(imageName, alreadyDeidentified) };
	}
	hintAtDicom(call, files, `the socket '${slug}'`, 'Image: De-Identify DICOM');
	return { from: 'files', files };
};

/** What is asked besides the files of a DICOM image set, as in a row of it. No slug has a colon. */
export const moreFieldsOf = (socket: Socket): Array<{ id: string; name: string; type: 'boolean' | 'string' }> =>
	isDicomSet(socket)
		? [
				{ id: `${socket.slug}:imageName`, name: 'Image Name', type: 'string' },
				{ id: `${socket.slug}:alreadyDeidentified`, name: 'Files Are Already De-Identified', type: 'boolean' },
			]
		: [];

/** A pk, or an address of the API or the site; no field of binary data is named so. */
const isReference = (value: string): boolean => /^(https?:\/\/|\/|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$)/i.test(value);

/** n8n has made of it what the type of the field says; texts stay texts only where the socket takes them. */
const jsonOf = (socket: Socket | undefined, slug: string, value: unknown): unknown => {
	if (typeof value !== 'string' || socket === undefined || fieldTypeOf(socket) !== 'string' || isText(socket)) return value;
	const parsed = parseJson(value);
	if (parsed) return parsed.value;
	throw badInput(`The value for the socket '${slug}' is not JSON`, 'Texts stand in double quotes, as in "left"');
};

const isText = ({ kind }: Socket): boolean => ['string', 'choice'].includes(kind.toLowerCase());

/** The type of the field of a socket, in n8n's words. */
export const fieldTypeOf = (socket: Socket): 'string' | 'number' | 'boolean' | 'array' | 'object' => {
	if (!takesJson(socket)) return 'string';
	switch (socket.kind.toLowerCase()) {
		case 'string':
		case 'choice':
		case 'anything':
			return 'string';
		case 'integer':
		case 'float':
			return 'number';
		case 'bool':
			return 'boolean';
		case 'multiple choice':
			return 'array';
		default:
			return 'object';
	}
};
