import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { s3Error } from './errors.mts';
import { writeBytes } from './files.mts';
import { paceBody } from './listen.mts';
import type { Platform } from './platform.mts';
import { partSignature, uploadBucket, uploadKey } from './presign.mts';
import type { RequestLog } from './requestLog.mts';
import { fromAmzDate } from './signatures.mts';
import { filterMap, type Upload } from './store.mts';

/** The S3 origin: takes parts by presigned PUT, streamed to disk. */
export const uploadOrigin = (app: FastifyInstance, platform: Platform, log: RequestLog): void => {
	// The body stays a stream.
	app.addContentTypeParser('*', (_request, _payload, done) => done(null));
	app.all('/*', async (request, reply) => {
		const refused = refusal(platform, request);
		if (refused !== undefined) {
			// S3 answers at once; the rest of the body is read and thrown away, so that the answer arrives.
			request.raw.resume();
			return sendXml(reply, refused.status, s3Error(refused.code, refused.message));
		}
		return storePart(platform, log, request, reply);
	});
};

interface Refusal {
	status: number;
	code: string;
	message: string;
}

const sendXml = (reply: FastifyReply, status: number, body: string) =>
	reply.code(status).header('content-type', 'application/xml').send(Buffer.from(body));

const queryOf = (request: FastifyRequest) => new URLSearchParams(request.url.split('?').slice(1).join('?'));

const refusal = (platform: Platform, request: FastifyRequest): Refusal | undefined => {
	const query = queryOf(request);
	const path = request.url.split('?')[0] ?? '';
	const signature = query.get('X-Amz-Signature');
	if (request.headers.authorization !== undefined && signature !== null) {
		return {
			status: 400,
			code: 'InvalidArgument',
			message:
				'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
		};
	}
	if (signature === null) return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
	const expected = partSignature(platform.secret, path, query);
	if (request.method !== 'PUT' || signature !== expected) {
		return {
			status: 403,
			code: 'SignatureDoesNotMatch',
			message:
				'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
		};
	}
	const until = fromAmzDate(query.get('X-Amz-Date') ?? '') + Number(query.get('X-Amz-Expires')) * 1000;
	if (!(platform.clock.wall() < until)) return { status: 403, code: 'AccessDenied', message: 'Request has expired' };
	if (request.headers['content-length'] === undefined) {
		return { status: 411, code: 'MissingContentLength', message: 'You must provide the Content-Length HTTP header.' };
	}
	if (Number(request.headers['content-length']) > 5 * 1024 ** 3) {
		return { status: 400, code: 'EntityTooLarge', message: 'Your proposed upload exceeds the maximum allowed size' };
	}
	const md5 = request.headers['content-md5'];
	if (md5 !== undefined && Buffer.from(String(md5), 'base64').length !== 16) {
		return { status: 400, code: 'InvalidDigest', message: 'The Content-MD5 you specified was invalid.' };
	}
	return targetOf(platform, request) === undefined
		? {
				status: 404,
				code: 'NoSuchUpload',
				message:
					'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
			}
		: undefined;
};

const targetOf = (platform: Platform, request: FastifyRequest): Upload | undefined => {
	const path = request.url.split('?')[0] ?? '';
	const id = queryOf(request).get('uploadId');
	return filterMap(
		platform.store.uploads,
		(upload) =>
			upload.status === 'Initialized' && upload.s3UploadId === id && path === `/${uploadBucket}/${uploadKey(upload)}`,
	)[0];
};

const storePart = async (platform: Platform, log: RequestLog, request: FastifyRequest, reply: FastifyReply) => {
	const upload = targetOf(platform, request);
	const folder = join(platform.folder, 'parts');
	await mkdir(folder, { recursive: true });
	const path = join(folder, randomUUID());
	const entry = log.entry(request.raw);
	const written = await writeBytes(path, request.raw, async ({ length }) => {
		if (entry !== undefined) entry.bytesIn += length;
		await paceBody(request.raw, length);
	}).catch(() => undefined);
	if (written === undefined) {
		// The client went away in the middle: S3 keeps nothing.
		request.raw.destroy();
		return reply.hijack();
	}
	const given = request.headers['content-md5'];
	if (given !== undefined && given !== written.md5.toString('base64')) {
		await rm(path, { force: true });
		return sendXml(reply, 400, s3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.'));
	}
	const number = Number(queryOf(request).get('partNumber'));
	const etag = `"${written.md5.toString('hex')}"`;
	const old = upload?.parts.get(number);
	upload?.parts.set(number, { number, etag, size: written.size, path, modified: platform.clock.wall() });
	if (old !== undefined) await rm(old.path, { force: true });
	return reply.code(200).header('etag', etag).header('content-length', '0').send();
};
