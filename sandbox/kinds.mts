import type { Json, JsonObject } from './json.mts';

/** How a kind's values are held: as JSON (in the database or as file, per socket), as image, or as file of a type. */
export type Holding = 'json' | 'image' | 'file';

/** One kind of socket: code and name as the platform spells them. */
export interface Kind {
	code: string;
	name: string;
	holds: Holding;
	/** JSON schema of the values, for JSON kinds. */
	schema?: JsonObject;
	/** Extension of `relative_path` for file kinds. */
	extension?: string;
}

const point: JsonObject = { type: 'array', items: { type: 'number' }, minItems: 3, maxItems: 3 };
const points = (count?: number): JsonObject =>
	count === undefined
		? { type: 'array', items: point }
		: { type: 'array', items: point, minItems: count, maxItems: count };
const text: JsonObject = { type: 'string' };
const version: JsonObject = {
	type: 'object',
	properties: { major: { type: 'number' }, minor: { type: 'number' } },
	required: ['major', 'minor'],
};
const optional: JsonObject = { name: text, probability: { type: 'number', minimum: 0, maximum: 1 } };
const shape = (properties: JsonObject): JsonObject => ({
	type: 'object',
	properties: { ...properties, ...optional },
	required: Object.keys(properties),
	additionalProperties: false,
});
const annotation = (type: string, properties: JsonObject): JsonObject =>
	shape({ version, type: { enum: [type] }, ...properties });
/** One of several: it may name its type, and has no version. */
const one = (type: string, properties: JsonObject): JsonObject => ({
	...shape(properties),
	properties: { ...properties, ...optional, type: { enum: [type] } },
});
/** Several of a type; the probability is that of each one. */
const several = (type: string, list: string, item: JsonObject): JsonObject => ({
	type: 'object',
	properties: { version, type: { enum: [type] }, [list]: { type: 'array', items: item }, name: text },
	required: ['version', 'type', list],
	additionalProperties: false,
});

const shapes: Array<{ code: string; manyCode: string; name: string; many: string; list: string; fields: JsonObject }> =
	[
		{
			code: '2DBB',
			manyCode: 'M2DB',
			name: '2D bounding box',
			many: 'Multiple 2D bounding boxes',
			list: 'boxes',
			fields: { corners: points(4) },
		},
		{
			code: 'DIST',
			manyCode: 'MDIS',
			name: 'Distance measurement',
			many: 'Multiple distance measurements',
			list: 'lines',
			fields: { start: point, end: point },
		},
		{ code: 'POIN', manyCode: 'MPOI', name: 'Point', many: 'Multiple points', list: 'points', fields: { point } },
		{
			code: 'POLY',
			manyCode: 'MPOL',
			name: 'Polygon',
			many: 'Multiple polygons',
			list: 'polygons',
			fields: { seed_point: point, path_points: points(), sub_type: text, groups: { type: 'array', items: text } },
		},
		{
			code: 'LINE',
			manyCode: 'MLIN',
			name: 'Line',
			many: 'Multiple lines',
			list: 'lines',
			fields: { seed_points: points(), path_point_lists: { type: 'array', items: points() } },
		},
		{
			code: 'ANGL',
			manyCode: 'MANG',
			name: 'Angle',
			many: 'Multiple angles',
			list: 'angles',
			fields: { lines: { type: 'array', items: points(2), minItems: 2, maxItems: 2 } },
		},
		{
			code: 'ELLI',
			manyCode: 'MELL',
			name: 'Ellipse',
			many: 'Multiple ellipses',
			list: 'ellipses',
			fields: { major_axis: points(2), minor_axis: points(2) },
		},
		{
			code: '3ANG',
			manyCode: 'M3AN',
			name: 'Three-point angle',
			many: 'Multiple three-point angles',
			list: 'angles',
			fields: { angle: points(3) },
		},
	];

const json = (code: string, name: string, schema: JsonObject): Kind => ({ code, name, holds: 'json', schema });
const image = (code: string, name: string): Kind => ({ code, name, holds: 'image' });
const file = (code: string, name: string, extension: string): Kind => ({ code, name, holds: 'file', extension });

/** The kinds that are drawn on images; answers have the same types and shapes. */
export const annotationKinds: Kind[] = shapes.flatMap(({ code, manyCode, name, many, list, fields }) => [
	json(code, name, annotation(name, fields)),
	json(manyCode, many, several(many, list, one(name, fields))),
]);

/** Every kind of socket (section 9.1 of the API sheet). */
export const kinds: Kind[] = [
	json('STR', 'String', text),
	json('INT', 'Integer', { type: 'integer' }),
	json('FLT', 'Float', { type: 'number' }),
	json('BOOL', 'Bool', { type: 'boolean' }),
	json('JSON', 'Anything', {}),
	json('CHART', 'Chart', { type: 'object' }),
	...annotationKinds,
	json(
		'ATRG',
		'Affine transform registration',
		shape({
			'3d_affine_transform': {
				type: 'array',
				minItems: 4,
				maxItems: 4,
				items: { type: 'array', minItems: 4, maxItems: 4, items: { type: 'number' } },
			},
		}),
	),
	json('CHOI', 'Choice', text),
	json('MCHO', 'Multiple choice', { type: 'array', items: text }),
	image('IMG', 'Image'),
	image('SEG', 'Segmentation'),
	image('HMAP', 'Heat Map'),
	image('DSPF', 'Displacement field'),
	image('DCMIS', 'DICOM Image Set'),
	file('PDF', 'PDF file', 'pdf'),
	file('SQREG', 'SQREG file', 'sqreg'),
	file('JPEG', 'Thumbnail jpg', 'jpeg'),
	file('PNG', 'Thumbnail png', 'png'),
	file('OBJ', 'OBJ file', 'obj'),
	file('MP4', 'MP4 file', 'mp4'),
	file('NEWCK', 'Newick tree-format file', 'newick'),
	file('BIOM', 'BIOM format', 'biom'),
	file('CSV', 'CSV file', 'csv'),
	file('ZIP', 'ZIP file', 'zip'),
];

/** The kind of a code; throws on an unknown one (a mistake in the seed). */
export const kindOf = (code: string): Kind => {
	const kind = kinds.find((candidate) => candidate.code === code);
	if (kind === undefined) throw new Error(`No socket kind ${code}`);
	return kind;
};

/**
 * Checks a value against a schema (the subset of JSON Schema that the platform's kinds use).
 * Returns the reason in the words of Python's jsonschema, or undefined if the value is fine.
 */
export const schemaProblem = (value: Json, schema: JsonObject): string | undefined => {
	const { type, enum: choices, required, properties, additionalProperties, items } = schema;
	if (typeof type === 'string' && !hasType(value, type)) return `instance is not of type '${type}'`;
	if (Array.isArray(choices) && !choices.some((choice) => choice === value))
		return `instance is not one of ${pythonList(choices)}`;
	if (typeof value === 'number') {
		if (typeof schema['minimum'] === 'number' && value < schema['minimum'])
			return `instance is less than the minimum of ${schema['minimum']}`;
		if (typeof schema['maximum'] === 'number' && value > schema['maximum'])
			return `instance is greater than the maximum of ${schema['maximum']}`;
	}
	if (Array.isArray(value)) {
		if (typeof schema['minItems'] === 'number' && value.length < schema['minItems']) return 'instance is too short';
		if (typeof schema['maxItems'] === 'number' && value.length > schema['maxItems']) return 'instance is too long';
		if (isSchema(items)) return firstOf(value.map((item) => schemaProblem(item, items)));
	}
	if (isSchema(value)) {
		const known = isSchema(properties) ? properties : {};
		for (const key of Array.isArray(required) ? required : []) {
			if (typeof key === 'string' && !(key in value)) return `'${key}' is a required property`;
		}
		const extra = Object.keys(value).find((key) => !(key in known));
		if (additionalProperties === false && extra !== undefined) {
			return `Additional properties are not allowed ('${extra}' was unexpected)`;
		}
		return firstOf(
			Object.entries(known).map(([key, part]) => {
				const item = value[key];
				return item !== undefined && isSchema(part) ? schemaProblem(item, part) : undefined;
			}),
		);
	}
	return undefined;
};

const isSchema = (value: Json | undefined): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const firstOf = (problems: Array<string | undefined>) => problems.find((problem) => problem !== undefined);

const pythonList = (choices: Json[]) => `[${choices.map((choice) => `'${String(choice)}'`).join(', ')}]`;

const hasType = (value: Json, type: string): boolean => {
	switch (type) {
		case 'integer':
			return typeof value === 'number' && Number.isInteger(value);
		case 'array':
			return Array.isArray(value);
		case 'object':
			return isSchema(value);
		default:
			return typeof value === type;
	}
};
