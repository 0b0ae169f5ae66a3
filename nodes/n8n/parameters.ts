import type { IBinaryData } from 'n8n-workflow';

import { badInput } from '../../client/transport/errors';
import { isObject, type JsonObject } from '../../client/api/json';

/** As `IExecuteFunctions` gives them. */
export interface ParameterSource {
	getNodeParameter(name: string, itemIndex: number, otherwise?: string): unknown;
}

/** Reads the node's parameters for one item, whatever expressions made of them. */
export class Parameters {
	constructor(
		private readonly context: ParameterSource,
		readonly itemIndex: number,
	) {}

	/** @param otherwise where the node has no such parameter */
	raw(name: string, otherwise?: string): unknown {
		return this.context.getNodeParameter(name, this.itemIndex, otherwise);
	}

	text(name: string, otherwise?: string): string {
		return asString(this.raw(name, otherwise), name);
	}

	/** @param displayName as the person sees it */
	flag(name: string, displayName: string): boolean {
		return asFlag(this.raw(name), displayName);
	}

	/** @param displayName as the person sees it */
	count(name: string, displayName: string): number {
		return asCount(this.raw(name), displayName);
	}

	/** A collection such as Options or Filters; empty where nothing was added. */
	collection(name: string): JsonObject {
		const value = this.raw(name);
		return isObject(value) ? value : {};
	}
}

/**
 * The text in a parameter, also of a resource locator inside a collection.
 * @param field to be named when the expression in it gives something else
 */
export const asString = (value: unknown, field: string): string => {
	if (isObject(value) && '__rl' in value) return asString(value.value, field);
	if (value === null || value === undefined) return '';
	if (typeof value === 'string') return value;
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	throw badInput(`'${field}' needs a text, but its expression gives an object`, 'Check the expression');
};

/**
 * Several texts: a list that an expression gives, or one text with commas between them.
 * @param field to be named when the list holds something else
 */
export const asTexts = (value: unknown, field: string): string[] =>
	(Array.isArray(value) ? value : asString(value, field).split(',')).map((entry) => asString(entry, field).trim()).filter(Boolean);

/** True or false, also as the text that an expression may give. */
export const asFlag = (value: unknown, displayName: string): boolean => {
	const flag = { true: true, false: false }[String(value).trim().toLowerCase()];
	if (flag !== undefined) return flag;
	throw badInput(`'${displayName}' is ${JSON.stringify(value)}`, 'Use true or false');
};

/**
 * One of the choices of a list, also from an expression.
 * @throws GrandChallengeError (badInput) that names them
 */
export const asChoice = <const Choice extends string>(value: unknown, displayName: string, choices: readonly Choice[]): Choice => {
	const given = asString(value, displayName);
	const choice = choices.find((known) => known === given);
	if (choice !== undefined) return choice;
	throw badInput(`'${displayName}' is '${given}'`, `Use ${[choices.slice(0, -1).join(', '), choices.at(-1)].filter(Boolean).join(' or ')}`);
};

/** A number, also as the text that an expression may give; NaN for anything else. */
export const asNumber = (value: unknown): number =>
	typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : NaN;

/** A whole number of at least 1, also as the text that an expression may give. @throws GrandChallengeError (badInput) */
export const asCount = (value: unknown, displayName: string): number => {
	const count = asNumber(value);
	if (Number.isInteger(count) && count >= 1) return count;
	throw badInput(`'${displayName}' is ${JSON.stringify(value)}`, 'Use a whole number of at least 1');
};

/** A field name, or the binary data that an expression such as `{{ $binary.scan }}` gives. */
export const asBinaryField = (value: unknown): string | IBinaryData =>
	isBinaryData(value) ? value : asString(value, 'Input Data Field Name').trim();

const isBinaryData = (value: unknown): value is IBinaryData => isObject(value) && 'mimeType' in value;
