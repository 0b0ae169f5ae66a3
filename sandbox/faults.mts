import { isObject, type Json } from './json.mts';
import type { OriginName } from './platform.mts';

/** What happens to a request that a rule takes. The parts can be combined. */
export interface FaultAction {
	/** Answer with this status instead of applying the request. */
	status?: number;
	headers?: Record<string, string>;
	/** A string is sent as it is, anything else as JSON. */
	body?: Json;
	contentType?: string;
	/** Ms to wait before anything happens. */
	delay?: number;
	/** Destroy the connection before the body is read. */
	reset?: boolean;
	/** Apply the request, then destroy the connection instead of answering. */
	resetAfterApply?: boolean;
	/** Apply the request, then answer this status. */
	statusAfterApply?: number;
	/** Destroy the connection after so many bytes of the answer's body. */
	cutAfter?: number;
	/** Send so many bytes of the answer's body, then nothing more; the connection stays open. */
	stallAfter?: number;
	/** Announce this Content-Length. */
	contentLength?: number;
	/** Answer 302 to this URL. */
	redirect?: string;
	/** Bandwidth of the answer and of uploaded bytes. */
	bytesPerSecond?: number;
}

/** "The next `times` requests that match: `action`." */
export interface FaultRule {
	match: {
		origin?: OriginName;
		method?: string;
		/** Regular expression on path and query. */
		path?: string;
	};
	/** Default 1; -1: always. */
	times?: number;
	/** Lets this many matching requests pass first. */
	skip?: number;
	action: FaultAction;
}

interface LiveRule {
	rule: FaultRule;
	path: RegExp | undefined;
	left: number;
	skip: number;
}

/** The script of faults. The first rule that matches and is not used up takes a request. */
export interface Faults {
	add(rules: FaultRule[]): void;
	take(origin: OriginName, method: string, path: string): FaultAction | undefined;
	/** The rules with what is left of them. */
	list(): Array<FaultRule & { left: number }>;
	clear(): void;
}

/** Creates a script with these rules. */
export const createFaults = (initial: FaultRule[] = []): Faults => {
	let live: LiveRule[] = [];
	const add = (rules: FaultRule[]) => {
		live.push(
			...rules.map((rule) => ({
				rule,
				path: rule.match.path === undefined ? undefined : new RegExp(rule.match.path, 'u'),
				left: rule.times ?? 1,
				skip: rule.skip ?? 0,
			})),
		);
	};
	add(initial);
	return {
		add,
		take: (origin, method, path) => {
			for (const candidate of live) {
				const { match } = candidate.rule;
				if (candidate.left === 0) continue;
				if (match.origin !== undefined && match.origin !== origin) continue;
				if (match.method !== undefined && match.method.toUpperCase() !== method) continue;
				if (candidate.path !== undefined && !candidate.path.test(path)) continue;
				if (candidate.skip > 0) {
					candidate.skip -= 1;
					continue;
				}
				if (candidate.left > 0) candidate.left -= 1;
				return candidate.rule.action;
			}
			return undefined;
		},
		list: () => live.map(({ rule, left }) => ({ ...rule, left })),
		clear: () => {
			live = [];
		},
	};
};

const origins: readonly string[] = ['api', 'upload', 'download', 'dicom'];
const numbers = [
	'status',
	'delay',
	'statusAfterApply',
	'cutAfter',
	'stallAfter',
	'contentLength',
	'bytesPerSecond',
] as const;
const flags = ['reset', 'resetAfterApply'] as const;

/** Reads one rule or an array of rules; throws an Error that says what is wrong with it. */
export const parseFaults = (input: Json): FaultRule[] => (Array.isArray(input) ? input : [input]).map(parseRule);

const parseRule = (input: Json): FaultRule => {
	if (!isObject(input)) throw new Error('A fault is an object {match, times, skip, action}');
	const { match = {}, times, skip, action, ...rest } = input;
	refuseUnknown('fault', Object.keys(rest));
	if (!isObject(match)) throw new Error('match is an object {origin, method, path}');
	if (!isObject(action)) throw new Error('action is an object');
	const { origin, method, path, ...more } = match;
	refuseUnknown('match', Object.keys(more));
	if (origin !== undefined && !isOrigin(origin)) throw new Error(`match.origin is one of ${origins.join(', ')}`);
	return {
		match: {
			...(origin === undefined ? {} : { origin }),
			...textPart('method', method),
			...textPart('path', path),
		},
		...numberPart('times', times),
		...numberPart('skip', skip),
		action: parseAction(action),
	};
};

const parseAction = (input: { [key: string]: Json }): FaultAction => {
	const known = new Set<string>([...numbers, ...flags, 'headers', 'body', 'contentType', 'redirect']);
	refuseUnknown(
		'action',
		Object.keys(input).filter((key) => !known.has(key)),
	);
	const action: FaultAction = {
		...textPart('contentType', input['contentType']),
		...textPart('redirect', input['redirect']),
	};
	for (const key of numbers) Object.assign(action, numberPart(key, input[key]));
	for (const key of flags) if (input[key] === true) action[key] = true;
	if (input['body'] !== undefined) action.body = input['body'];
	if (isObject(input['headers'])) {
		action.headers = Object.fromEntries(
			Object.entries(input['headers']).map(([key, value]) => [key.toLowerCase(), String(value)]),
		);
	}
	return action;
};

const isOrigin = (value: Json): value is OriginName => typeof value === 'string' && origins.includes(value);

const refuseUnknown = (where: string, keys: string[]) => {
	// A misspelt key would be a fault that never happens, and a test that cannot fail.
	if (keys.length > 0) throw new Error(`Unknown key in ${where}: ${keys.join(', ')}`);
};

const textPart = <Key extends string>(key: Key, value: Json | undefined): Partial<Record<Key, string>> => {
	if (value === undefined) return {};
	if (typeof value !== 'string') throw new Error(`${key} is a string`);
	return record(key, value);
};

const numberPart = <Key extends string>(key: Key, value: Json | undefined): Partial<Record<Key, number>> => {
	if (value === undefined) return {};
	if (typeof value !== 'number') throw new Error(`${key} is a number`);
	return record(key, value);
};

const record = <Key extends string, Value>(key: Key, value: Value): Partial<Record<Key, Value>> => {
	const result: Partial<Record<Key, Value>> = {};
	result[key] = value;
	return result;
};
