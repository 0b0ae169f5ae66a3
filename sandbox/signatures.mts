import { createHmac, timingSafeEqual } from 'node:crypto';

/** The signature of the parts, hex. */
export const sign = (secret: string, ...parts: string[]): string =>
	createHmac('sha256', secret).update(parts.join('\n')).digest('hex');

/** Compares a signature without giving away how much of it fits. */
export const isSignedBy = (given: string, secret: string, ...parts: string[]): boolean => {
	const expected = Buffer.from(sign(secret, ...parts));
	const actual = Buffer.from(given);
	return actual.length === expected.length && timingSafeEqual(actual, expected);
};

/** `20251114T224810Z`, the date format of AWS signatures. */
export const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/gu, '');

/** Time (ms) of an AWS date, NaN if it is none. */
export const fromAmzDate = (text: string): number =>
	Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/u, '$1-$2-$3T$4:$5:$6Z'));
