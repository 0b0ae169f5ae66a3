import { isObject, type JsonObject } from '../api/json';
import { readSocketValues } from '../api/types';

/** The socket that holds the metrics of an evaluation. */
const METRICS = 'metrics-json-file';

/** The metrics of an evaluation, as far as this account may see them; null where there are none (yet). */
export const metricsOf = (evaluation: JsonObject): unknown =>
	readSocketValues(evaluation, 'outputs').find(({ socket }) => socket.slug === METRICS)?.value ?? null;

/**
 * Nested values side by side, under their paths: `{ a: { b: 1 } }` with the name `metrics` becomes `{ "metrics.a.b": 1 }`.
 * Lists stay together, as JSON text, since tables have no place for them.
 */
export const flat = (name: string, value: unknown): JsonObject => {
	if (isObject(value)) return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => Object.entries(flat(`${name}.${key}`, inner))));
	return { [name]: Array.isArray(value) ? JSON.stringify(value) : value };
};
