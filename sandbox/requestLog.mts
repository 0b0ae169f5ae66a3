import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { Json } from './json.mts';
import type { OriginName } from './platform.mts';

/** One request that a platform origin saw. */
export interface LoggedRequest {
	origin: OriginName;
	method: string;
	/** With query, as received. */
	path: string;
	headers: IncomingHttpHeaders;
	/** 0 until answered, and for good if the connection was dropped before an answer. */
	status: number;
	/** Bytes of the body that arrived. */
	bytesIn: number;
	/** Bytes of the body that were sent. */
	bytesOut: number;
	/** Parsed JSON body up to 64 KiB. */
	body?: Json;
	/** Real time, ISO. */
	at: string;
}

const bodyLimit = 64 * 1024;

/** Keeps every request on the four platform origins, in order of arrival. */
export interface RequestLog {
	start(origin: OriginName, request: IncomingMessage): LoggedRequest;
	/** The entry of a request that is on its way. */
	entry(request: IncomingMessage): LoggedRequest | undefined;
	/** Notes the body of a request. */
	noteBody(request: IncomingMessage, body: Buffer): void;
	list(): LoggedRequest[];
	clear(): void;
}

/** Creates an empty log. */
export const createRequestLog = (): RequestLog => {
	let entries: LoggedRequest[] = [];
	const byRequest = new WeakMap<IncomingMessage, LoggedRequest>();
	return {
		start: (origin, request) => {
			const entry: LoggedRequest = {
				origin,
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				status: 0,
				bytesIn: 0,
				bytesOut: 0,
				at: new Date().toISOString(),
			};
			entries.push(entry);
			byRequest.set(request, entry);
			return entry;
		},
		entry: (request) => byRequest.get(request),
		noteBody: (request, body) => {
			const entry = byRequest.get(request);
			if (entry === undefined) return;
			entry.bytesIn = body.length;
			if (body.length === 0 || body.length > bodyLimit) return;
			try {
				const parsed: Json = JSON.parse(body.toString('utf8'));
				entry.body = parsed;
			} catch {
				// Not JSON: only its size is kept.
			}
		},
		list: () => entries,
		clear: () => {
			entries = [];
		},
	};
};
