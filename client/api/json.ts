/**
 * Lenient readers for what comes from the network: unknown fields pass through elsewhere, missing or odd ones read as
 * undefined here. The only place that looks into untyped data.
 */

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object's member, undefined for anything that has none. */
export const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const text = (value: unknown, key: string): string => asText(member(value, key)) ?? '';

export const number = (value: unknown, key: string): number | undefined => {
	const found = member(value, key);
	return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
};

export const list = (value: unknown, key: string): unknown[] => {
	const found = member(value, key);
	return Array.isArray(found) ? found : [];
};

/** What tells an object of the platform from others: its pk, or the slug for challenges, which have none. */
export const identity = (entry: JsonObject): string | undefined => {
	const { pk, slug } = entry;
	return typeof pk === 'string' || typeof pk === 'number' ? String(pk) : asText(slug);
};

/** @returns undefined where the text is no JSON */
export const parseJson = (body: string): { value: unknown } | undefined => {
	try {
		const value: unknown = JSON.parse(body);
		return { value };
	} catch {
		return undefined;
	}
};

/** Percent-decoded, or as it is where it was not encoded properly. */
export const decoded = (step: string): string => {
	try {
		return decodeURIComponent(step);
	} catch {
		return step;
	}
};

/** Whether two values say the same as JSON: the order of keys does not matter, and the platform changes it. */
export const sameJson = (a: unknown, b: unknown): boolean => {
	if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, i) => sameJson(entry, b[i]));
	if (!isObject(a) || !isObject(b)) return a === b;
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameJson(a[key], b[key]));
};
