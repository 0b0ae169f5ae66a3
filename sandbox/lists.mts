import { invalid } from './errors.mts';
import type { Json } from './json.mts';
import { asUuid } from './links.mts';
import type { Platform } from './platform.mts';
import { ok, type Answer, type Call } from './view.mts';

const defaultLimit = 100;
const maximumLimit = 1000;

/** One page of a list, in the platform's envelope; limits are clamped, the links echo all parameters. */
export const paginated = <T,>(call: Call, all: readonly T[], show: (item: T) => Json): Answer => {
	const limit = Math.min(positive(call.query.get('limit'), 1) ?? defaultLimit, maximumLimit);
	const offset = positive(call.query.get('offset'), 0) ?? 0;
	const link = (change: Record<string, string | null>): string => {
		const query = new URLSearchParams(call.query);
		for (const [key, value] of Object.entries(change)) {
			if (value === null) query.delete(key);
			else query.set(key, value);
		}
		query.sort();
		return `${call.requestOrigin}${call.url.split('?')[0] ?? ''}?${query.toString()}`;
	};
	const previousOffset = offset - limit > 0 ? String(offset - limit) : null;
	return ok({
		count: all.length,
		next: offset + limit >= all.length ? null : link({ limit: String(limit), offset: String(offset + limit) }),
		previous: offset <= 0 ? null : link({ limit: String(limit), offset: previousOffset }),
		results: all.slice(offset, offset + limit).map(show),
	});
};

const positive = (text: string | null, minimum: number): number | undefined => {
	if (text === null || !/^\s*\+?\d+\s*$/u.test(text)) return undefined;
	const value = Number(text);
	return value >= minimum ? value : undefined;
};

/** The last value of a query parameter; undefined if it is absent or empty, which means no filter. */
export const filterText = (call: Call, name: string): string | undefined => call.query.getAll(name).at(-1) || undefined;

/**
 * A filter by the pk of another object. Undefined: no filter. Throws 400 for a malformed pk and, unlike one would
 * think, for one that does not exist; an object that the user may not see is fine (and gives an empty list).
 */
export const filterPk = (call: Call, name: string, exists: (pk: string) => boolean): string | undefined => {
	const text = filterText(call, name);
	if (text === undefined) return undefined;
	const pk = asUuid(text);
	if (pk === undefined) throw invalid({ [name]: [`“${text}” is not a valid UUID.`] });
	if (!exists(pk))
		throw invalid({ [name]: ['Select a valid choice. That choice is not one of the available choices.'] });
	return pk;
};

/** A filter that may be given several times, with OR between them. Undefined: no filter. */
export const filterPks = (call: Call, name: string, exists: (pk: string) => boolean): string[] | undefined => {
	const texts = call.query.getAll(name).filter((text) => text !== '');
	if (texts.length === 0) return undefined;
	return texts.map((text) => {
		const pk = asUuid(text);
		if (pk === undefined) throw invalid({ [name]: [`“${text}” is not a valid UUID.`] });
		if (!exists(pk)) throw invalid({ [name]: [`Select a valid choice. ${text} is not one of the available choices.`] });
		return pk;
	});
};

/** A list that the platform gives no order. */
export const unordered = <T,>(platform: Platform, list: readonly T[]): T[] =>
	platform.settings.shuffleLists ? platform.shuffler.shuffle(list) : [...list];

/** Sorts by creation, oldest first; equal times keep their order. */
export const byCreation = <T extends { created: number }>(list: readonly T[]): T[] =>
	[...list].sort((a, b) => a.created - b.created);

/** A yes or no filter; undefined: no filter, also for what is neither. */
export const filterBoolean = (call: Call, name: string): boolean | undefined => {
	const text = filterText(call, name);
	if (text === 'true' || text === 'True') return true;
	return text === 'false' || text === 'False' ? false : undefined;
};

/** Sorts by the order that users gave, then by creation. */
export const byOrder = <T extends { order: number; created: number }>(list: readonly T[]): T[] =>
	[...list].sort((a, b) => a.order - b.order || a.created - b.created);
