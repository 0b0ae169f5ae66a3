import { isObject } from './api/json';
import type { ByteStream, HttpAnswer, HttpPort, HttpRequest } from './ports';
import { normaliseToken } from './transport/token';

/** What is needed of an axios instance (1.x, in Node); the package itself depends on none. */
export interface AxiosLike {
	request(config: object): Promise<{ status: number; headers: object; data: unknown }>;
}

/**
 * A program's own axios instance as the client's http port. Agents, proxies and certificates are set on the instance.
 * @throws GrandChallengeError (badInput) for an empty token or one of more than two words
 */
export const axiosPort = (axios: AxiosLike, token: string): HttpPort => {
	const authorization = `Bearer ${normaliseToken(token)}`;
	const send = async (request: HttpRequest, responseType: 'text' | 'stream'): Promise<HttpAnswer<unknown>> => {
		const { status, headers, data } = await axios.request({
			url: request.url,
			method: request.method,
			headers: { ...request.headers, ...(request.signed ? { authorization } : {}) },
			data: typeof request.body === 'object' ? Buffer.from(request.body.buffer, request.body.byteOffset, request.body.length) : request.body,
			responseType,
			signal: request.signal,
			maxRedirects: 0,
			timeout: 0,
			validateStatus: () => true,
			// axios would parse JSON whatever was asked for.
			transformResponse: (body: unknown) => body,
			maxBodyLength: Infinity,
			maxContentLength: Infinity,
		});
		const names = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), String(value)]);
		return { status, headers: Object.fromEntries(names), body: data };
	};
	return {
		text: async (request) => {
			const answer = await send(request, 'text');
			return { ...answer, body: typeof answer.body === 'string' ? answer.body : '' };
		},
		stream: async (request) => {
			const answer = await send(request, 'stream');
			if (!isByteStream(answer.body)) throw new TypeError('axios gave no stream');
			return { ...answer, body: answer.body };
		},
	};
};

const isByteStream = (body: unknown): body is ByteStream => isObject(body) && Symbol.asyncIterator in body;
