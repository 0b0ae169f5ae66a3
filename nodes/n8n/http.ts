import type { IExecuteFunctions, IHttpRequestOptions, ILoadOptionsFunctions, IPollFunctions } from 'n8n-workflow';

import type { ByteStream, HttpAnswer, HttpPort, HttpRequest } from '../../client';
import { isObject } from '../../client/api/json';
import { asBuffer, streamsOf, type Streams } from './streams';

export type RequestContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

export const CREDENTIAL = 'grandChallengeApi';

/** Bytes of a body that are handed over at a time. */
const CHUNK = 64 * 1024;

/** What is sent in one piece, Node.js holds once more, and encrypted besides, until all of it is gone. */
const chunksOf = function* (bytes: Uint8Array): Generator<Buffer> {
	for (let start = 0; start < bytes.length; start += CHUNK) yield asBuffer(bytes.subarray(start, start + CHUNK));
};

/**
 * n8n's helpers as the client's http port. Redirects are never followed (the client does, by hand), every status is an
 * answer, and the time-out is ours: n8n's own would cut long uploads.
 */
export const httpPort = (context: RequestContext, ignoreSslIssues: boolean): HttpPort => {
	let streams: Streams | undefined;
	const bodyOf = (body: string | Uint8Array): IHttpRequestOptions['body'] => {
		if (typeof body === 'string') return body;
		const stream = body.length > CHUNK ? streams?.from(chunksOf(body), { objectMode: false }) : undefined;
		return isObject(stream) ? stream : asBuffer(body);
	};
	const send = async (request: HttpRequest): Promise<HttpAnswer> => {
		const options: IHttpRequestOptions = {
			url: request.url,
			method: request.method,
			headers: { ...request.headers },
			encoding: 'stream',
			timeout: 0,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			abortSignal: request.signal,
			skipSslCertificateValidation: ignoreSslIssues,
			...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
		};
		const answer: unknown = request.signed
			? await context.helpers.httpRequestWithAuthentication.call(withSignal(context, request.signal), CREDENTIAL, options)
			: await context.helpers.httpRequest(options);
		if (!isObject(answer)) throw new TypeError('The answer has no status');
		streams ??= streamsOf(answer.body);
		return { status: Number(answer.statusCode), headers: plainHeaders(answer.headers), body: isByteStream(answer.body) ? answer.body : nothing() };
	};
	return { send };
};

/**
 * n8n puts the execution's own signal over whatever the caller passes. It would have no deadline, and would keep a
 * clean-up from being sent once the execution is canceled: so the helper is called on a context that names our signal.
 */
const withSignal = <Context extends RequestContext>(context: Context, signal: AbortSignal): Context =>
	new Proxy(context, {
		get: (target, key): unknown => (key === 'getExecutionCancelSignal' && key in target ? () => signal : Reflect.get(target, key)),
	});

const plainHeaders = (headers: unknown): Record<string, string> =>
	isObject(headers) ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])) : {};

const isByteStream = (body: unknown): body is ByteStream => typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

const nothing = async function* (): AsyncGenerator<Uint8Array> {};
