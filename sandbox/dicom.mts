import { createReadStream } from 'node:fs';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Platform } from './platform.mts';
import { fromAmzDate } from './signatures.mts';
import { dicomSignature, securityToken } from './signedInstance.mts';

/** The DICOM origin (AWS HealthImaging): an instance for exactly the headers that were signed. */
export const dicomOrigin = (app: FastifyInstance, platform: Platform): void => {
	app.addContentTypeParser('*', (_request, payload, done) => {
		payload.resume();
		done(null);
	});
	app.all('/*', (request, reply) => {
		const problem = signatureProblem(platform, request);
		if (problem !== undefined) return sendProblem(reply, 403, problem);
		const uid = /\/instances\/([0-9.]+)\?imageSetId=([0-9a-f]+)$/u.exec(request.url);
		for (const image of platform.store.images.values()) {
			if (image.dicom?.imageSetId !== uid?.[2]) continue;
			const instance = image.dicom?.instances.find((candidate) => candidate.sopInstanceUid === uid?.[1]);
			if (instance === undefined) continue;
			reply.header('content-type', 'application/dicom').header('content-length', String(instance.file.size));
			return reply.send(createReadStream(instance.file.path));
		}
		return sendProblem(reply, 404, 'Instance not found');
	});
};

const sendProblem = (reply: FastifyReply, status: number, message: string) =>
	reply
		.code(status)
		.header('content-type', 'application/json')
		.send(Buffer.from(JSON.stringify({ message })));

const signatureProblem = (platform: Platform, request: FastifyRequest): string | undefined => {
	const { authorization, accept, host } = request.headers;
	const date = String(request.headers['x-amz-date'] ?? '');
	if (authorization === undefined) return 'Missing Authentication Token';
	const signature = /^AWS4-HMAC-SHA256 .*SignedHeaders=accept;host;x-amz-date, Signature=([0-9a-f]+)$/u.exec(
		authorization,
	)?.[1];
	if (signature === undefined)
		return `'${authorization.split(' ')[0] ?? ''}' is not a valid AWS4-HMAC-SHA256 Authorization header.`;
	if (request.headers['x-amz-security-token'] !== securityToken(platform.secret, date))
		return 'The security token included in the request is invalid.';
	const expected = dicomSignature(platform.secret, { path: request.url, host: host ?? '', accept: accept ?? '', date });
	if (request.method !== 'GET' || signature !== expected) {
		return 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
	}
	const age = platform.clock.wall() - fromAmzDate(date);
	return age > platform.settings.dicomLifetimeSeconds * 1000
		? `Signature expired: ${date} is now earlier than the allowed time`
		: undefined;
};
