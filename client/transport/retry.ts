import type { Failure } from './failure';

/**
 * Decides whether and when a failed request is tried again. Programs may bring their own.
 * The transport keeps to two rules whatever a strategy says: a `Retry-After` of the server replaces the delay, and a
 * request that may have been carried out is only repeated if a repeat does no harm.
 */
export interface RetryStrategy {
	/** ms to wait before the next try, or undefined to give up. */
	delay(failure: Failure): number | undefined;
}

/** The longest `Retry-After` that is waited for, in ms. */
export const LONGEST_RETRY_AFTER = 5 * 60_000;

const FIRST_DELAY = 100;
const FEW = 3;
const MANY = 8;

/** How many retries the table of `docs/transport.md` gives to a failure. */
const retriesFor = ({ kind, status }: Failure): number => {
	if (kind === 'refused' || kind === 'dns' || kind === 'reset' || kind === 'timeout') return MANY;
	if (kind !== 'status' || status === undefined) return 0;
	if ([429, 502, 503, 504, 507].includes(status)) return MANY;
	if (status === 501 || status === 505 || status < 500) return 0;
	return FEW;
};

/** Jitter of ± 25 %: many executions that failed together do not come back together, and the sum stays the same. */
const jittered = (ms: number, random: () => number): number => ms * (0.75 + random() / 2);

/** gcapi's rhythm, 0.1 s × 2ⁿ up to eight times (25.5 s), for everything that passes by itself. */
export const standardRetries = (random: () => number): RetryStrategy => ({
	delay: (failure) =>
		failure.count > retriesFor(failure) ? undefined : jittered(FIRST_DELAY * 2 ** (failure.count - 1), random),
});

/** ms */
const FIRST_LIMIT_DELAY = 10_000;
const LONGEST_LIMIT_DELAY = 5 * 60_000;
/** A little more than the day that unused uploads live. */
const MOST_LIMIT_RETRIES = 300;

/** As `standardRetries`; besides, limits of the platform are waited out, for a day at the most. */
export const patientRetries = (random: () => number): RetryStrategy => {
	const standard = standardRetries(random);
	return {
		delay: (failure) => {
			if (!failure.limit) return standard.delay(failure);
			if (failure.count > MOST_LIMIT_RETRIES) return undefined;
			return jittered(Math.min(FIRST_LIMIT_DELAY * 2 ** (failure.count - 1), LONGEST_LIMIT_DELAY), random);
		},
	};
};

export const noRetries: RetryStrategy = { delay: () => undefined };

export interface CustomRetries {
	/** Retries per status or kind of connection failure. */
	tries: number;
	/** ms; doubled with each retry. */
	firstDelay: number;
	/** ms */
	longestDelay: number;
	/** Statuses to retry. */
	statuses: number[];
}

/** A person's own numbers. Broken connections are retried as well; what never passes by itself is not. */
export const customRetries = (options: CustomRetries, random: () => number): RetryStrategy => ({
	delay: (failure) => {
		const wanted =
			failure.kind === 'status'
				? failure.status !== undefined && options.statuses.includes(failure.status)
				: retriesFor(failure) > 0;
		if (!wanted || failure.count > options.tries) return undefined;
		return jittered(Math.min(options.firstDelay * 2 ** (failure.count - 1), options.longestDelay), random);
	},
});

/** ms; no date can be told for more than some. */
const YEAR = 365 * 24 * 3_600_000;

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date (a past one means now).
 * @returns ms, at most a year, or undefined where there is none or it cannot be read
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
	const text = header?.trim();
	if (!text) return undefined;
	if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, YEAR);
	// JavaScript reads a date into nearly everything with a word and a number; HTTP's begin with the day of the week.
	const date = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), YEAR);
};
