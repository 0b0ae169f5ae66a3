import type { Method } from '../ports';

/** Why there is no answer, or which status the answer had. */
export type FailureKind = 'status' | 'refused' | 'dns' | 'reset' | 'timeout' | 'tls' | 'blocked' | 'unknown';

/** One failed try of a request, as a retry strategy sees it. */
export interface Failure {
	method: Method;
	kind: FailureKind;
	/** Only with kind `status`. */
	status?: number;
	/** How often this request has met this same status or kind, this time included: 1, 2, … */
	count: number;
	/** ms, from the `Retry-After` header. */
	retryAfterMs?: number;
	/** Whether a limit of the platform turned it away, such as too many uploads: those pass when work there is done. */
	limit?: boolean;
}

const CODES: Record<string, FailureKind> = {
	ECONNREFUSED: 'refused',
	EHOSTUNREACH: 'refused',
	ENETUNREACH: 'refused',
	ENOTFOUND: 'dns',
	EAI_AGAIN: 'dns',
	ECONNRESET: 'reset',
	EPIPE: 'reset',
	ECONNABORTED: 'timeout',
	ETIMEDOUT: 'timeout',
	ERR_STREAM_PREMATURE_CLOSE: 'reset',
	ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
	CERT_HAS_EXPIRED: 'tls',
	CERT_NOT_YET_VALID: 'tls',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
	SELF_SIGNED_CERT_IN_CHAIN: 'tls',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
	UNABLE_TO_GET_ISSUER_CERT: 'tls',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
	EPROTO: 'tls',
};

/** Thrown by our own watchdog, so that a stalled connection can be told from a canceled execution. */
export class Stalled extends Error {
	override readonly name = 'Stalled';
	readonly code = 'ETIMEDOUT';
}

/** Thrown when a body ended before or after its announced length; treated as a broken connection. */
export class WrongLength extends Error {
	override readonly name = 'WrongLength';
	readonly code = 'ECONNRESET';
}

/**
 * What kind of failure an HTTP library's exception stands for. Looks at codes and names through the chain of causes,
 * since n8n wraps the exceptions of axios. Anything not known to be the network's is `unknown` and never retried.
 */
export const failureKind = (error: unknown): FailureKind => {
	for (let e = error, depth = 0; typeof e === 'object' && e !== null && depth < 6; depth++) {
		const name = 'name' in e ? String(e.name) : '';
		if (name.startsWith('SsrfBlocked')) return 'blocked';
		const code = 'code' in e ? String(e.code) : 'httpCode' in e ? String(e.httpCode) : '';
		if (code.startsWith('HPE_')) return 'reset';
		if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return 'tls';
		const kind = CODES[code];
		if (kind) return kind;
		e = 'cause' in e ? e.cause : undefined;
	}
	return 'unknown';
};

/**
 * Whether the platform may have carried out a request that failed so. 429, 503 and 507 turn a request away, a 500 is
 * rolled back; refused connections and unknown hosts were never reached.
 */
export const mayHaveBeenApplied = ({ kind, status }: Pick<Failure, 'kind' | 'status'>): boolean =>
	kind === 'reset' || kind === 'timeout' || status === 502 || status === 504;
