import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

import fastify, { type FastifyInstance } from 'fastify';

import type { FaultAction, Faults } from './faults.mts';
import { createPace, type Pace } from './pace.mts';
import type { OriginName, Platform } from './platform.mts';
import type { RequestLog } from './requestLog.mts';
import { replacementOf, shapeResponse } from './shape.mts';

/** Key and certificate (PEM) of an https origin. */
export interface Tls {
	key: string;
	cert: string;
}

/** What stands in front of an origin's routes. */
export interface Gate {
	origin: OriginName;
	log: RequestLog;
	faults: Faults;
	platform: Platform;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const paces = new WeakMap<IncomingMessage, Pace>();

/** Waits as long as so many more bytes of the body of this request take, where its bandwidth is limited. */
export const paceBody = async (request: IncomingMessage, bytes: number): Promise<void> => paces.get(request)?.(bytes);

/** Creates the server of one origin; with a gate, requests are logged and faults apply. */
export const createApp = (options: { gate?: Gate; tls?: Tls; bodyLimit?: number }): FastifyInstance => {
	const app = fastify({
		bodyLimit: options.bodyLimit ?? Number.MAX_SAFE_INTEGER,
		routerOptions: { maxParamLength: 2000 },
		exposeHeadRoutes: false,
		serverFactory: (handler) => {
			const listener = options.gate === undefined ? handler : gated(options.gate, handler);
			const server: Server =
				options.tls === undefined
					? createHttpServer(timeouts, listener)
					: createHttpsServer({ ...options.tls, ...timeouts }, listener);
			server.on('clientError', (_error, socket) => socket.destroy());
			return server;
		},
	});
	// Bodies are parsed by the views, after authentication, as Django REST Framework does.
	app.removeAllContentTypeParsers();
	return app;
};

const timeouts = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 72_000 };

const gated = (gate: Gate, handler: Handler) => (request: IncomingMessage, response: ServerResponse) => {
	const entry = gate.log.start(gate.origin, request);
	const fault = gate.faults.take(gate.origin, request.method ?? '', request.url ?? '');
	const action = onLine(gate.platform, fault);
	// A connection that breaks is business as usual here.
	request.on('error', () => undefined);
	response.on('error', () => undefined);
	shapeResponse(response, entry, action);
	if (action === undefined) handler(request, response);
	else void act(gate, action, request, response, handler).catch(() => response.destroy());
};

/** What the line does to every request, and the fault besides. */
const onLine = ({ settings: { latencyMs, bytesPerSecond } }: Platform, fault?: FaultAction): FaultAction | undefined =>
	latencyMs === 0 && bytesPerSecond === null
		? fault
		: { delay: latencyMs, ...(bytesPerSecond === null ? {} : { bytesPerSecond }), ...fault };

const act = async (
	gate: Gate,
	action: FaultAction,
	request: IncomingMessage,
	response: ServerResponse,
	handler: Handler,
) => {
	if (action.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, action.delay));
	if (action.reset === true) {
		request.socket.destroy();
		return;
	}
	if (action.bytesPerSecond !== undefined) paces.set(request, createPace(action.bytesPerSecond));
	const isReplaced =
		action.statusAfterApply === undefined &&
		(action.status !== undefined || action.redirect !== undefined || action.body !== undefined);
	if (!isReplaced) {
		handler(request, response);
		return;
	}
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request) {
		size += chunk.length;
		await paceBody(request, chunk.length);
		if (size <= 64 * 1024) chunks.push(chunk);
	}
	gate.log.noteBody(request, Buffer.concat(chunks));
	const entry = gate.log.entry(request);
	if (entry !== undefined) entry.bytesIn = size;
	const answer = replacementOf(action);
	response.writeHead(answer.status, answer.headers);
	response.end(request.method === 'HEAD' ? undefined : answer.body);
};

/** Starts listening on 127.0.0.1; port 0 takes a free one. Returns the port. */
export const listen = async (app: FastifyInstance, port: number): Promise<number> => {
	await app.listen({ host: '127.0.0.1', port });
	const address = app.server.address();
	if (address === null || typeof address === 'string') throw new Error('The server has no port');
	return address.port;
};

/** Stops a server at once, with all its connections. */
export const close = async (app: FastifyInstance): Promise<void> => {
	app.server.closeAllConnections();
	await app.close();
};
