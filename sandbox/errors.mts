import type { Json } from './json.mts';

/** An answer of the platform that is not a success, thrown by handlers and sent as it is. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly body: Json,
		readonly headers: Record<string, string> = {},
	) {
		super(`${status} ${JSON.stringify(body)}`);
	}
}

/** An HTML answer: unknown URLs, media, server errors. */
export class HtmlError extends Error {
	constructor(readonly status: number) {
		super(`${status} (HTML)`);
	}
}

const detail = (status: number, text: string, headers: Record<string, string> = {}) =>
	new ApiError(status, { detail: text }, headers);

/** 404 of a well-formed but unknown or invisible key; `model` is the platform's class name. */
export const noMatch = (model: string) => detail(404, `No ${model} matches the given query.`);
/** 404 of a malformed key. */
export const notFound = () => detail(404, 'Not found.');
/** 403: the user lacks a permission. */
export const forbidden = () => detail(403, 'You do not have permission to perform this action.');
/** 401 with the text of the failed check. */
export const unauthenticated = (text = 'Authentication credentials were not provided.') =>
	detail(401, text, { 'www-authenticate': 'Bearer' });
/** 405 for a method the resource does not have. */
export const methodNotAllowed = (method: string, allowed: string[]) =>
	detail(405, `Method "${method}" not allowed.`, { allow: allowed.join(', ') });
export const notAcceptable = () => detail(406, 'Could not satisfy the request Accept header.');
export const unsupportedMediaType = (type: string) => detail(415, `Unsupported media type "${type}" in request.`);
export const parseError = (text: string) => detail(400, `JSON parse error - ${text}`);
export const uploadLimit = () => detail(403, 'Upload limit reached');

/** 400 with one entry per wrong field. */
export const invalid = (fields: Record<string, Json>) => new ApiError(400, fields);
/** 400 about the object as a whole. */
export const nonField = (text: string) => invalid({ non_field_errors: [text] });
/** 400 raised while saving: a bare array. */
export const bareError = (text: string) => new ApiError(400, [text]);

const titles: Record<number, string> = {
	400: 'Bad Request',
	403: '403 Forbidden',
	404: 'Not Found',
	413: '413 Request Entity Too Large',
	500: 'Server Error (500)',
	502: '502 Bad Gateway',
	503: '503 Service Temporarily Unavailable',
	504: '504 Gateway Time-out',
};

/** A page as Django or the proxy in front of it would show. */
export const htmlPage = (status: number): string => {
	const title = titles[status] ?? String(status);
	return `<!doctype html>\n<html lang="en">\n<head>\n  <title>${title}</title>\n</head>\n<body>\n  <h1>${title}</h1><p></p>\n</body>\n</html>\n`;
};

/** An S3 error document. */
export const s3Error = (code: string, message: string, extra = ''): string =>
	`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${extra}<RequestId>SANDBOX</RequestId><HostId>sandbox</HostId></Error>`;
