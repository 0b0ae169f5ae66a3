import type { ServerResponse } from 'node:http';

import { htmlPage } from './errors.mts';
import type { FaultAction } from './faults.mts';
import { createPace } from './pace.mts';
import type { LoggedRequest } from './requestLog.mts';

/** Status, headers and body of an answer that replaces the one of the platform. */
export interface Replacement {
	status: number;
	headers: Record<string, string>;
	body: Buffer;
}

/** The answer that an action puts in place of the platform's; `status` wins over the action's own. */
export const replacementOf = (
	action: FaultAction,
	status = action.status ?? (action.redirect === undefined ? 200 : 302),
): Replacement => {
	const isText = action.body === undefined || typeof action.body === 'string';
	const body = Buffer.from(
		typeof action.body === 'string'
			? action.body
			: action.body === undefined
				? htmlPage(status)
				: JSON.stringify(action.body),
	);
	return {
		status,
		headers: {
			'content-type': action.contentType ?? (isText ? 'text/html; charset=utf-8' : 'application/json'),
			...(action.redirect === undefined ? {} : { location: action.redirect }),
			...action.headers,
			'content-length': String(action.contentLength ?? body.length),
		},
		body,
	};
};

type Done = (error?: Error | null) => void;

/**
 * Puts itself between the handler and the connection: notes status and bytes, and bends the answer as the fault says
 * (cut, stall, bandwidth, false length, another status, no answer at all).
 */
export const shapeResponse = (response: ServerResponse, entry: LoggedRequest, action: FaultAction = {}): void => {
	const socket = response.socket;
	const writeHead = response.writeHead.bind(response);
	const write = response.write.bind(response);
	const end = response.end.bind(response);
	const { cutAfter, stallAfter, contentLength, bytesPerSecond, statusAfterApply, resetAfterApply } = action;
	const isBent = [cutAfter, stallAfter, contentLength, bytesPerSecond].some((part) => part !== undefined);
	const pace = bytesPerSecond === undefined ? undefined : createPace(bytesPerSecond);
	const swallows = resetAfterApply === true || statusAfterApply !== undefined;

	const drop = () => {
		socket?.destroy();
	};
	const finishSwallowed = () => {
		if (resetAfterApply === true || statusAfterApply === undefined) {
			drop();
			return;
		}
		const answer = replacementOf(action, statusAfterApply);
		entry.status = answer.status;
		entry.bytesOut = answer.body.length;
		writeHead(answer.status, answer.headers);
		end(answer.body);
	};

	const queue: Array<{ data: Buffer; done: Done }> = [];
	let queued = 0;
	let pumping = false;
	let ending: (() => void) | undefined;
	let stopped = false;

	const send = async (data: Buffer): Promise<void> => {
		await new Promise<void>((resolve) => {
			write(data, () => resolve());
		});
		entry.bytesOut += data.length;
	};
	const pump = async () => {
		if (pumping) return;
		pumping = true;
		for (let item = queue.shift(); item !== undefined && !stopped; item = queue.shift()) {
			const limit = Math.min(cutAfter ?? Infinity, stallAfter ?? Infinity);
			let rest = item.data.subarray(0, Math.max(0, limit - entry.bytesOut));
			while (rest.length > 0 && !response.destroyed) {
				const slice = bytesPerSecond === undefined ? rest.length : Math.max(1, Math.floor(bytesPerSecond / 20));
				await pace?.(Math.min(slice, rest.length));
				await send(rest.subarray(0, slice));
				rest = rest.subarray(slice);
			}
			queued -= item.data.length;
			if (entry.bytesOut >= limit) {
				stopped = true;
				response.flushHeaders();
				if (cutAfter !== undefined && entry.bytesOut >= cutAfter) setImmediate(drop);
				// Stalled: nothing is confirmed any more, so the source waits as it would on a dead line.
				break;
			}
			item.done();
		}
		pumping = false;
		if (stopped) return;
		if (queue.length > 0) {
			void pump();
		} else if (ending !== undefined) {
			ending();
		} else {
			response.emit('drain');
		}
	};
	const enqueue = (data: Buffer, done: Done): boolean => {
		queue.push({ data, done });
		queued += data.length;
		void pump();
		return queued < 64 * 1024;
	};

	const bytesOf = (chunk: unknown, encoding: unknown): Buffer | undefined => {
		if (typeof chunk === 'string') return Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8');
		return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined;
	};
	const callbackOf = (...candidates: unknown[]): Done => {
		const found = candidates.find((candidate) => typeof candidate === 'function');
		return () => {
			if (typeof found === 'function') Reflect.apply(found, undefined, []);
		};
	};

	Object.assign(response, {
		writeHead: (status: number, ...more: unknown[]) => {
			entry.status = status;
			if (swallows) {
				entry.status = 0;
				return response;
			}
			const headers = more.find((part) => typeof part === 'object' && part !== null) ?? {};
			const changed = contentLength === undefined ? headers : { ...headers, 'content-length': String(contentLength) };
			writeHead(status, Object.fromEntries(Object.entries(changed)));
			if (isBent) response.flushHeaders();
			return response;
		},
		write: (chunk: unknown, encoding?: unknown, done?: unknown) => {
			const data = bytesOf(chunk, encoding);
			const callback = callbackOf(encoding, done);
			if (data === undefined || swallows) {
				callback();
				return true;
			}
			if (isBent) return enqueue(data, callback);
			entry.bytesOut += data.length;
			return write(data, callback);
		},
		end: (chunk?: unknown, encoding?: unknown, done?: unknown) => {
			const data = bytesOf(chunk, encoding);
			const callback = callbackOf(chunk, encoding, done);
			if (swallows) {
				finishSwallowed();
				callback();
				return response;
			}
			if (!isBent) {
				entry.bytesOut += data?.length ?? 0;
				if (data === undefined) end(callback);
				else end(data, callback);
				return response;
			}
			ending = () => {
				end(() => {
					callback();
					// A false length would leave the client waiting on a healthy connection.
					if (contentLength !== undefined && contentLength !== entry.bytesOut) drop();
				});
			};
			if (data !== undefined && data.length > 0) enqueue(data, () => undefined);
			else void pump();
			return response;
		},
	});
};

const isEncoding = (value: unknown): value is BufferEncoding => typeof value === 'string' && Buffer.isEncoding(value);
