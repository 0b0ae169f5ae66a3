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
	const send = async (request: HttpRequest): Promise<HttpAnswer> => {
		const { status, headers, data } = await axios.request({
			url: request.url,
			method: request.method,
			headers: { ...request.headers, ...(request.signed ? { authorization } : {}) },
			data: typeof request.body === 'object' ? Buffer.from(request.body.buffer, request.body.byteOffset, request.body.length) : request.body,
			responseType: 'stream',
			signal: request.signal,
			maxRedirects: 0,
			timeout: 0,
			validateStatus: () => true,
			maxBodyLength: Infinity,
			maxContentLength: -1,
		});
		const names = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), String(value)]);
		if (!isByteStream(data)) throw new TypeError('axios gave no stream');
		return { status, headers: Object.fromEntries(names), body: data };
	};
	return { send };
};

const isByteStream = (body: unknown): body is ByteStream => isObject(body) && Symbol.asyncIterator in body;
