import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Asker } from './access.mts';
import { authenticate } from './auth.mts';
import { parseBody } from './body.mts';
import {
	ApiError,
	forbidden,
	htmlPage,
	HtmlError,
	methodNotAllowed,
	notAcceptable,
	notFound,
	unauthenticated,
} from './errors.mts';
import { isObject, pythonType, type Json, type JsonObject } from './json.mts';
import { apiBase, asUuid } from './links.mts';
import { isSince, type Platform } from './platform.mts';
import type { Drift } from './settings.mts';

/** One request to the API, authenticated. */
export interface Call {
	platform: Platform;
	user: Asker;
	params: Record<string, string>;
	query: URLSearchParams;
	/** Scheme and host that the request was sent to: related links are built from it. */
	requestOrigin: string;
	/** Path and query as received. */
	url: string;
	/** The parsed body; throws 400 or 415. */
	body(): Promise<Json>;
}

/** What a handler gives back. */
export interface Answer {
	status: number;
	body: Json;
}

/** A 200 with that body. */
export const ok = (body: Json): Answer => ({ status: 200, body });
/** A 201 with that body. */
export const created = (body: Json): Answer => ({ status: 201, body });

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Handler = (call: Call) => Promise<Answer> | Answer;

/** A URL of the API: who may use it, and what it does per method. */
export interface View {
	/**
	 * `login`: every method, also GET, needs a user and no more. Otherwise the permissions that all registered users
	 * hold on the model: lacking one gives 403 before the platform looks whether the method exists.
	 */
	permission: 'login' | 'open' | ReadonlyArray<'add' | 'change' | 'delete'>;
	/** Whether `text/csv` can be asked for. */
	csv?: boolean;
	/** The first server that has it; earlier ones do not know the URL. */
	since?: Drift;
	methods: Partial<Record<Method, Handler>>;
}

const permissionOf: Record<string, string> = { POST: 'add', PUT: 'change', PATCH: 'change', DELETE: 'delete' };

/** Registers a view under `/api/v1/<path>`, and the redirect of the same path without its slash. */
export const mount = (app: FastifyInstance, platform: Platform, path: string, view: View): void => {
	const url = apiBase + path;
	app.all(url, (request, reply) => answer(platform, view, request, reply));
	if (url.length > 1) app.all(url.slice(0, -1), redirectToSlash);
};

const redirectToSlash = (request: FastifyRequest, reply: FastifyReply) => {
	const [path, ...query] = request.url.split('?');
	const location = `${path ?? ''}/${query.length > 0 ? `?${query.join('?')}` : ''}`;
	return reply
		.code(301)
		.header('location', location)
		.header('content-type', 'text/html; charset=utf-8')
		.send(Buffer.alloc(0));
};

const answer = async (platform: Platform, view: View, request: FastifyRequest, reply: FastifyReply) => {
	try {
		const { answered, format } = await run(platform, view, request);
		if (answered.status === 204) return await reply.code(204).header('vary', 'Accept, Cookie').send();
		const text = format === 'csv' ? toCsv(answered.body) : JSON.stringify(answered.body);
		return await reply
			.code(answered.status)
			.header('content-type', format === 'csv' ? 'text/csv' : 'application/json')
			.header('vary', 'Accept, Cookie')
			.send(Buffer.from(text));
	} catch (error) {
		return sendError(reply, error);
	}
};

/** Answers an error the way the platform does. */
export const sendError = (reply: FastifyReply, error: unknown) => {
	if (error instanceof ApiError) {
		return reply
			.code(error.status)
			.headers(error.headers)
			.header('content-type', 'application/json')
			.send(Buffer.from(JSON.stringify(error.body)));
	}
	const status = error instanceof HtmlError ? error.status : 500;
	if (!(error instanceof HtmlError))
		process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
	return sendHtml(reply, status);
};

/** Answers an HTML page. */
export const sendHtml = (reply: FastifyReply, status: number) =>
	reply
		.code(status)
		.header('content-type', 'text/html; charset=utf-8')
		.send(Buffer.from(htmlPage(status)));

const run = async (
	platform: Platform,
	view: View,
	request: FastifyRequest,
): Promise<{ answered: Answer; format: string }> => {
	if (view.since !== undefined && !isSince(platform, view.since)) throw new HtmlError(404);
	const params = paramsOf(request.params);
	// The router's keys do not take dots.
	if (Object.values(params).some((value) => value.includes('.'))) throw new HtmlError(404);
	const query = new URLSearchParams(request.url.split('?').slice(1).join('?'));
	const format = formatOf(request, query, view.csv === true);
	const user = authenticate(platform, request.headers.authorization);
	const method = request.method === 'HEAD' ? 'GET' : request.method;
	checkPermission(view, method, user);
	const handler = isMethod(method) ? view.methods[method] : undefined;
	if (handler === undefined) throw methodNotAllowed(request.method, [...Object.keys(view.methods), 'HEAD', 'OPTIONS']);
	let parsed: Promise<Json> | undefined;
	const answered = await handler({
		platform,
		user,
		params,
		query,
		requestOrigin: requestOrigin(request),
		url: request.url,
		body: () => (parsed ??= parseBody(request)),
	});
	return { answered, format };
};

const isMethod = (method: string): method is Method => ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method);

/** Scheme and Host header of a request. */
export const requestOrigin = (request: FastifyRequest): string =>
	`${request.protocol}://${request.headers.host ?? request.host}`;

const paramsOf = (params: unknown): Record<string, string> =>
	typeof params === 'object' && params !== null
		? Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]))
		: {};

const checkPermission = (view: View, method: string, user: Asker) => {
	const isSafe = ['GET', 'OPTIONS'].includes(method);
	if (view.permission === 'open') return;
	if (user === null && (view.permission === 'login' || !isSafe)) throw unauthenticated();
	if (isSafe || view.permission === 'login') return;
	if (!view.permission.some((held) => held === permissionOf[method])) throw forbidden();
};

const formatOf = (request: FastifyRequest, query: URLSearchParams, csv: boolean): string => {
	const asked = query.get('format');
	if (asked !== null && asked !== '') {
		if (asked === 'json' || (asked === 'csv' && csv)) return asked;
		throw notFound();
	}
	const accepted = (request.headers.accept ?? '*/*')
		.split(',')
		.map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
	if (accepted.some((type) => ['*/*', 'application/*', 'application/json', ''].includes(type))) return 'json';
	if (csv && accepted.some((type) => ['text/csv', 'text/*'].includes(type))) return 'csv';
	throw notAcceptable();
};

const toCsv = (body: Json): string => {
	const rows =
		isObject(body) && Array.isArray(body['results']) ? body['results'].filter(isObject) : isObject(body) ? [body] : [];
	const columns = Object.keys(rows[0] ?? {});
	const cell = (value: Json | undefined): string => {
		const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
		return /[",\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	};
	return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
		.map((row) => `${row.map(cell).join(',')}\r\n`)
		.join('');
};

/** The pk of the URL: 404 `Not found.` if it is no UUID. */
export const uuidParam = (call: Call, name = 'pk'): string => {
	const pk = asUuid(call.params[name] ?? '');
	if (pk === undefined) throw notFound();
	return pk;
};

/** The body as an object; a serializer refuses anything else. */
export const bodyObject = async (call: Call): Promise<JsonObject> => {
	const body = await call.body();
	if (!isObject(body))
		throw new ApiError(400, {
			non_field_errors: [`Invalid data. Expected a dictionary, but got ${pythonType(body)}.`],
		});
	return body;
};
