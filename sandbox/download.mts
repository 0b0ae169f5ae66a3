import { createReadStream } from 'node:fs';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { s3Error } from './errors.mts';
import { block } from './files.mts';
import type { Platform } from './platform.mts';
import { isSignedBy } from './signatures.mts';
import type { StoredFile } from './store.mts';
import { sendHtml } from './view.mts';

/** The CDN origin: serves files to signed, unexpired URLs, whole or by range. */
export const downloadOrigin = (app: FastifyInstance, platform: Platform): void => {
	app.addContentTypeParser('*', (_request, payload, done) => {
		payload.resume();
		done(null);
	});
	app.all('/*', (request, reply) => {
		if (request.headers.authorization !== undefined) {
			return reply
				.code(400)
				.header('content-type', 'application/xml')
				.send(
					Buffer.from(
						s3Error(
							'InvalidArgument',
							'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
						),
					),
				);
		}
		const path = request.url.split('?')[0] ?? '';
		const query = new URLSearchParams(request.url.split('?')[1] ?? '');
		const expires = query.get('Expires') ?? '';
		const isSigned = isSignedBy(query.get('Signature') ?? '', platform.secret, path, expires);
		if (!['GET', 'HEAD'].includes(request.method) || !isSigned || platform.clock.wall() / 1000 >= Number(expires))
			return sendHtml(reply, 403);
		const file = platform.downloads.get(path);
		return file === undefined ? sendHtml(reply, 404) : sendFile(request, reply, file);
	});
};

interface Range {
	start: number;
	end: number;
}

/** Sends a stored file, or the range that was asked for. */
const sendFile = (request: FastifyRequest, reply: FastifyReply, file: StoredFile) => {
	const etag = `"${file.md5}"`;
	const modified = new Date(file.modified).toUTCString();
	reply
		.header('etag', etag)
		.header('last-modified', modified)
		.header('accept-ranges', 'bytes')
		.header('content-type', file.contentType);
	const condition = request.headers['if-range'];
	const isSame = condition === undefined || condition === etag || condition === modified;
	const range = isSame ? rangeOf(request.headers.range, file.size) : undefined;
	if (range === 'unsatisfiable') {
		return reply
			.code(416)
			.header('content-range', `bytes */${file.size}`)
			.header('content-type', 'application/xml')
			.send(Buffer.from(s3Error('InvalidRange', 'The requested range is not satisfiable')));
	}
	const { start, end } = range ?? { start: 0, end: file.size - 1 };
	if (range !== undefined) reply.code(206).header('content-range', `bytes ${start}-${end}/${file.size}`);
	reply.header('content-length', String(end - start + 1));
	if (request.method === 'HEAD' || file.size === 0) return reply.send();
	return reply.send(createReadStream(file.path, { start, end, highWaterMark: block }));
};

const rangeOf = (header: string | undefined, size: number): Range | 'unsatisfiable' | undefined => {
	const found = /^bytes=(\d*)-(\d*)$/u.exec(header ?? '');
	const [, from, to] = found ?? [];
	if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
	const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
	const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
	return start > end || start >= size ? 'unsatisfiable' : { start, end };
};
