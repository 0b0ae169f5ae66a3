import { parseDuration } from './durations.mts';
import { invalid } from './errors.mts';
import { pythonType, type Json, type JsonObject } from './json.mts';
import { resolveLink } from './links.mts';

/** Collects the field errors of one request body, as a serializer does, and throws them together. */
export class FieldErrors {
	readonly errors: Record<string, Json> = {};

	/** Notes the messages of a field. */
	add(field: string, messages: Json): undefined {
		this.errors[field] = messages;
		return undefined;
	}

	/** Throws the 400 if anything was noted. */
	throwIfAny(): void {
		if (Object.keys(this.errors).length > 0) throw invalid(this.errors);
	}
}

const required = 'This field is required.';
const notNull = 'This field may not be null.';

/** Reads a text field. Undefined if it is absent (and not required) or wrong (and noted). */
export const textField = (
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	options: { required?: boolean; blank?: boolean; max?: number } = {},
): string | undefined => {
	const value = body[field];
	if (value === undefined) return options.required === true ? errors.add(field, [required]) : undefined;
	if (value === null) return errors.add(field, [notNull]);
	if (typeof value !== 'string' && typeof value !== 'number') return errors.add(field, ['Not a valid string.']);
	const text = String(value).trim();
	if (text === '' && options.blank !== true) return errors.add(field, ['This field may not be blank.']);
	if (options.max !== undefined && text.length > options.max) {
		return errors.add(field, [`Ensure this field has no more than ${options.max} characters.`]);
	}
	return text;
};

const doesNotExist = 'Invalid hyperlink - Object does not exist.';

/** Looks up a submitted hyperlink; `find` gives only what the user may use. Returns the object or the error text. */
export const linked = <T,>(
	link: Json,
	resource: string,
	find: (pk: string) => T | undefined,
): { found: T } | { error: string } => {
	const resolved = resolveLink(link, resource);
	if ('error' in resolved) return resolved;
	const found = find(resolved.pk);
	return found === undefined ? { error: doesNotExist } : { found };
};

/** Reads a hyperlink field. Undefined if it is absent (and not required), null (and allowed), or wrong (and noted). */
export const linkField = <T,>(
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	resource: string,
	find: (pk: string) => T | undefined,
	options: { required?: boolean; nullable?: boolean } = {},
): T | undefined => {
	const value = body[field];
	if (value === undefined) return options.required === true ? errors.add(field, [required]) : undefined;
	if (value === null) return options.nullable === true ? undefined : errors.add(field, [notNull]);
	const result = linked(value, resource, find);
	return 'error' in result ? errors.add(field, [result.error]) : result.found;
};

/** Reads a list of hyperlinks; the first wrong one is what the platform reports. */
export const linksField = <T,>(
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	resource: string,
	find: (pk: string) => T | undefined,
	options: { required?: boolean; nullable?: boolean } = {},
): T[] | undefined => {
	const value = body[field];
	if (value === undefined) return options.required === true ? errors.add(field, [required]) : undefined;
	if (value === null) return options.nullable === true ? undefined : errors.add(field, [notNull]);
	if (!Array.isArray(value))
		return errors.add(field, [`Expected a list of items but got type "${pythonType(value)}".`]);
	if (value.length === 0) return errors.add(field, ['This list may not be empty.']);
	const found: T[] = [];
	for (const link of value) {
		const result = linked(link, resource, find);
		if ('error' in result) return errors.add(field, [result.error]);
		found.push(result.found);
	}
	return found;
};

/** Reads a field that names an object by its slug. */
export const slugField = <T,>(
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	find: (slug: string) => T | undefined,
	options: { required?: boolean; nullable?: boolean } = {},
): T | undefined => {
	const value = body[field];
	if (value === undefined) return options.required === true ? errors.add(field, [required]) : undefined;
	if (value === null) return options.nullable === true ? undefined : errors.add(field, [notNull]);
	if (typeof value === 'object') return errors.add(field, ['Invalid value.']);
	const found = find(String(value));
	return found === undefined ? errors.add(field, [`Object with slug=${String(value)} does not exist.`]) : found;
};

/** Reads a field that names an object by its pk. */
export const pkField = <T,>(
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	find: (pk: string) => T | undefined,
): T | undefined => {
	const value = body[field];
	if (value === undefined || value === null) return undefined;
	const found = typeof value === 'string' ? find(value) : undefined;
	return found === undefined ? errors.add(field, [`Invalid pk "${String(value)}" - object does not exist.`]) : found;
};

/** Reads a whole number of that range. */
export const integerField = (
	body: JsonObject,
	field: string,
	errors: FieldErrors,
	{ min, max }: { min: number; max: number },
): number | undefined => {
	const value = body[field];
	if (value === undefined) return undefined;
	if (value === null) return errors.add(field, [notNull]);
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isInteger(number))
		return errors.add(field, ['A valid integer is required.']);
	if (number < min) return errors.add(field, [`Ensure this value is greater than or equal to ${min}.`]);
	return number > max ? errors.add(field, [`Ensure this value is less than or equal to ${max}.`]) : number;
};

const booleans: Array<[boolean, Json[]]> = [
	[true, ['t', 'y', 'yes', 'true', 'on', '1', 1, true]],
	[false, ['f', 'n', 'no', 'false', 'off', '0', 0, false]],
];

/** Reads a yes or no. */
export const booleanField = (body: JsonObject, field: string, errors: FieldErrors): boolean | undefined => {
	const given = body[field];
	if (given === undefined) return undefined;
	if (given === null) return errors.add(field, [notNull]);
	const value = typeof given === 'string' ? given.toLowerCase() : given;
	const found = booleans.find(([, words]) => words.includes(value));
	return found === undefined ? errors.add(field, ['Must be a valid boolean.']) : found[0];
};

/** Reads a duration as ms; null is fine. */
export const durationField = (body: JsonObject, field: string, errors: FieldErrors): number | null | undefined => {
	const value = body[field];
	if (value === undefined || value === null) return value;
	return (
		parseDuration(value) ??
		errors.add(field, ['Duration has wrong format. Use one of these formats instead: [DD] [HH:[MM:]]ss[.uuuuuu].'])
	);
};
