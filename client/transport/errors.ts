export type Reason =
	| 'badInput'
	| 'tokenRefused'
	| 'noPermission'
	| 'notFound'
	| 'notAccepted'
	| 'limit'
	| 'outOfCredits'
	| 'resultExists'
	| 'unavailable'
	| 'notReachable'
	| 'notSecure'
	| 'outcomeUnknown'
	| 'foreignAddress'
	| 'unexpectedAnswer'
	| 'timeLimit'
	| 'failedThere'
	| 'cancelled';

export interface ErrorDetails {
	/** What the person can do about it. */
	advice?: string;
	/** HTTP status, where there was an answer. */
	status?: number;
	/** ms to wait before it makes sense to try again, where the server said so. */
	retryAfterMs?: number;
	/** What was already made or started and can be taken up, e.g. `{ job: "<pk>" }`. */
	left?: Record<string, string>;
	/** Whether an earlier try of the same request may have been carried out, its answer lost. */
	answerLost?: boolean;
	/** Whether it passes with time: a limit of the platform. */
	passes?: boolean;
	cause?: unknown;
}

/**
 * Everything the client throws on purpose. The message says what happened, `advice` what to do, `reason` is for programs.
 * None of them holds a token, a presigned URL or a body as the server sent it.
 */
export class GrandChallengeError extends Error {
	override readonly name = 'GrandChallengeError';
	readonly reason: Reason;
	readonly advice?: string;
	readonly status?: number;
	readonly retryAfterMs?: number;
	readonly left?: Record<string, string>;
	readonly answerLost: boolean;
	readonly passes: boolean;

	constructor(reason: Reason, message: string, details: ErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.reason = reason;
		this.advice = details.advice;
		this.status = details.status;
		this.retryAfterMs = details.retryAfterMs;
		this.left = details.left;
		this.answerLost = details.answerLost ?? false;
		this.passes = details.passes ?? false;
	}
}

/** Wrong input, found before anything was sent. */
export const badInput = (message: string, advice?: string): GrandChallengeError =>
	new GrandChallengeError('badInput', message, { advice });

/** An answer that cannot be what was asked for. */
export const somethingElse = (subject: string): GrandChallengeError =>
	new GrandChallengeError('unexpectedAnswer', `Grand Challenge answered with something else than ${subject}`, {
		advice: "Check the 'Base URL' of the credential; it may not be a Grand Challenge site",
	});

/** For the end of a `catch`: n8n's rules want a function's result to be thrown there, and this error is to stay what it is. */
export const asIs = (error: unknown): unknown => error;

export const cancelled = (): GrandChallengeError =>
	new GrandChallengeError('cancelled', 'The execution was canceled');

/**
 * The same error, with what was already made or started named in it, so that it is not lost.
 * @param sentence for the advice, e.g. "The job … was started"
 */
export const withLeft = (error: unknown, left: Record<string, string>, sentence: string): unknown =>
	error instanceof GrandChallengeError
		? new GrandChallengeError(error.reason, error.message, {
				status: error.status,
				retryAfterMs: error.retryAfterMs,
				cause: error,
				left: { ...left, ...error.left },
				answerLost: error.answerLost,
				passes: error.passes,
				advice: [error.advice, sentence].filter(Boolean).join('. '),
			})
		: error;

export const hasReason = (error: unknown, ...reasons: Reason[]): error is GrandChallengeError =>
	error instanceof GrandChallengeError && reasons.includes(error.reason);
