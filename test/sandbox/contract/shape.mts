// What a JSON value should look like: which keys, and of which types.
import { isObject, type Json } from '../../../sandbox/json.mts';

/** Says in words what is wrong with a value that stands at that place; nothing where it is right. */
export type Shape = (value: Json, at: string) => string[];

const of =
	(what: string, test: (value: Json) => boolean): Shape =>
	(value, at) =>
		test(value) ? [] : [`${at} is ${JSON.stringify(value)}, not ${what}`];

export const matching = (what: string, pattern: RegExp): Shape => of(what, (value) => typeof value === 'string' && pattern.test(value));

export const any: Shape = () => [];
export const text = of('a text', (value) => typeof value === 'string');
export const bool = of('a boolean', (value) => typeof value === 'boolean');
export const number = of('a number', (value) => typeof value === 'number');
export const int = of('a whole number', (value) => Number.isInteger(value));
export const uuid = matching('a UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
export const url = matching('an address', /^https?:\/\/[^/]+\//);
export const dateTime = matching('a time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
export const isoDuration = matching('an ISO duration', /^P\d+DT\d\dH\d\dM\d\d(\.\d{6})?S$/);
export const clockDuration = matching('a duration', /^(\d+ )?\d\d:\d\d:\d\d(\.\d{6})?$/);
export const decimal = matching('a decimal', /^-?\d+\.\d+$/);
export const nothing = of('null', (value) => value === null);

/** An API address of that resource. */
export const link = (resource: string): Shape => matching(`a link to ${resource}`, new RegExp(`^https?://[^/]+/api/v1/${resource}/[^/]+/$`));

/** A protected file below that folder. */
export const media = (folder: string): Shape => matching(`a file of ${folder}`, new RegExp(`^https?://[^/]+/media/${folder}/.+`));

export const oneOf = (...values: Json[]): Shape => of(`one of ${JSON.stringify(values)}`, (value) => values.includes(value));

export const nullable =
	(shape: Shape): Shape =>
	(value, at) =>
		value === null ? [] : shape(value, at);

export const listOf =
	(shape: Shape): Shape =>
	(value, at) =>
		Array.isArray(value) ? value.flatMap((entry, i) => shape(entry, `${at}[${i}]`)) : [`${at} is no list`];

/** An object whose keys are pks, slugs or the like. */
export const mapOf =
	(shape: Shape): Shape =>
	(value, at) =>
		isObject(value) ? Object.entries(value).flatMap(([key, entry]) => shape(entry, `${at}.${key}`)) : [`${at} is no object`];

/** An object with just these keys; those with a `?` behind may be absent. */
export const object =
	(fields: Record<string, Shape>): Shape =>
	(value, at) => {
		if (!isObject(value)) return [`${at} is no object`];
		const known = new Map(Object.entries(fields).map(([key, shape]) => [key.replace(/\?$/, ''), { shape, required: !key.endsWith('?') }]));
		const extra = Object.keys(value).filter((key) => !known.has(key));
		return [
			...extra.map((key) => `${at} has a key ${key}`),
			...[...known].flatMap(([key, { shape, required }]) => {
				const field = value[key];
				if (field === undefined) return required ? [`${at} has no ${key}`] : [];
				return shape(field, `${at}.${key}`);
			}),
		];
	};

/** As `object`, for what the sheet does not tell all keys of. */
export const objectWith =
	(fields: Record<string, Shape>): Shape =>
	(value, at) =>
		object(fields)(isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => key in fields)) : value, at);

/** Exactly that. */
export const exactly = (wanted: Json): Shape => of(JSON.stringify(wanted), (value) => JSON.stringify(value) === JSON.stringify(wanted));

/** The envelope of a list, with at least one object of that shape in it unless it may be empty. */
export const envelope =
	(shape: Shape): Shape =>
	(value, at) => [
		...object({ count: int, next: nullable(url), previous: nullable(url), results: listOf(shape) })(value, at),
		...(isObject(value) && Array.isArray(value['results']) && value['results'].length === 0 ? [`${at} is empty`] : []),
	];

/** All of that. */
export const both =
	(...shapes: Shape[]): Shape =>
	(value, at) =>
		shapes.flatMap((shape) => shape(value, at));

export const ofLength = (length: number): Shape => of(`a list of ${length}`, (value) => Array.isArray(value) && value.length === length);
