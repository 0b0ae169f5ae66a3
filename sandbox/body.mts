import type { FastifyInstance, FastifyRequest } from 'fastify';

import { parseError, unsupportedMediaType } from './errors.mts';
import type { Json, JsonObject } from './json.mts';
import type { RequestLog } from './requestLog.mts';

/** Makes the server keep every body as bytes, and note it in the log. */
export const keepRawBodies = (app: FastifyInstance, log: RequestLog): void => {
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
		const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
		log.noteBody(request.raw, bytes);
		done(null, bytes);
	});
};

/** Parses a body by its content type: JSON, form, multipart (files as `{filename}`). An empty body is `{}`. Throws 400 and 415. */
export const parseBody = async (request: FastifyRequest): Promise<Json> => {
	const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
	const type = request.headers['content-type'] ?? '';
	const media = type.split(';')[0]?.trim().toLowerCase() ?? '';
	if (bytes.length === 0) return {};
	switch (media) {
		case 'application/json':
			return parseJson(bytes.toString('utf8'));
		case 'application/x-www-form-urlencoded':
			return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
		case 'multipart/form-data':
			return parseMultipart(bytes, type);
		default:
			throw unsupportedMediaType(type);
	}
};

const parseMultipart = async (bytes: Buffer, type: string): Promise<JsonObject> => {
	const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
	const fields: JsonObject = {};
	form.forEach((value, key) => {
		fields[key] = typeof value === 'string' ? value : { filename: value.name };
	});
	return fields;
};

const parseJson = (text: string): Json => {
	try {
		const value: Json = JSON.parse(text);
		return value;
	} catch (error) {
		throw parseError(pythonJsonError(text, String(error)));
	}
};

// Python's wording, as near as V8 tells where the error is.
const pythonJsonError = (text: string, message: string): string => {
	const found = /position (\d+)/u.exec(message)?.[1];
	const position = found === undefined ? (/end of JSON/u.test(message) ? text.length : 0) : Number(found);
	const before = text.slice(0, position);
	const line = before.split('\n').length;
	const column = position - before.lastIndexOf('\n');
	const reason =
		/[{,]\s*$/u.test(before) && !/[[:]/u.test(before.trim().slice(-1))
			? 'Expecting property name enclosed in double quotes'
			: 'Expecting value';
	return `${reason}: line ${line} column ${column} (char ${position})`;
};
