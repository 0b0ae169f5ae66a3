import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { readDicomElements } from './media/dicom.mts';
import type { Platform } from './platform.mts';
import { fromAmzDate } from './signatures.mts';
import { dicomSignature, frameIds, securityToken } from './signedInstance.mts';
import { filterMap, type DicomInstance } from './store.mts';

/** The DICOM origin (AWS HealthImaging): instances and frames, for exactly the headers that were signed. */
export const dicomOrigin = (app: FastifyInstance, platform: Platform): void => {
	app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
	app.all('/*', async (request, reply) => {
		const problem = signatureProblem(platform, request);
		if (problem !== undefined) return sendProblem(reply, 403, problem);
		const [, imageSetId, action] = /\/imageSet\/([0-9a-f]+)\/(\w+)$/u.exec(request.url) ?? [];
		if (action === 'getImageSetMetadata') return sendMetadata(platform, reply, imageSetId);
		if (action === 'getImageFrame') return sendFrame(platform, reply, imageSetId, String(request.body));
		const [, uid, inSet] = /\/instances\/([0-9.]+)\?imageSetId=([0-9a-f]+)$/u.exec(request.url) ?? [];
		const instance = instancesOf(platform, inSet)?.find((candidate) => candidate.sopInstanceUid === uid);
		if (instance === undefined) return sendProblem(reply, 404, 'Instance not found');
		reply.header('content-type', 'application/dicom').header('content-length', String(instance.file.size));
		return reply.send(createReadStream(instance.file.path));
	});
};

const instancesOf = (platform: Platform, imageSetId: string | undefined): DicomInstance[] | undefined =>
	filterMap(platform.store.images, ({ dicom }) => dicom !== null && dicom.imageSetId === imageSetId)[0]?.dicom
		?.instances;

/** What an image set holds, as packed JSON. */
const sendMetadata = (platform: Platform, reply: FastifyReply, imageSetId: string | undefined) => {
	const instances = instancesOf(platform, imageSetId);
	if (imageSetId === undefined || instances === undefined) return sendProblem(reply, 404, 'Image set not found');
	const described = instances.map((instance) => [
		instance.sopInstanceUid,
		{ ImageFrames: frameIds(platform, instance).map((ID) => ({ ID })) },
	]);
	const series = { [instances[0]?.seriesUid ?? '']: { Instances: Object.fromEntries(described) } };
	const metadata = { SchemaVersion: '1.1', ImageSetID: imageSetId, Study: { Series: series } };
	return reply.header('content-type', 'application/json').send(gzipSync(JSON.stringify(metadata)));
};

/** The pixels of a frame, as they are in the instance. */
const sendFrame = async (platform: Platform, reply: FastifyReply, imageSetId: string | undefined, body: string) => {
	const wanted = /"imageFrameId"\s*:\s*"([0-9a-f]+)"/u.exec(body)?.[1] ?? '';
	for (const instance of instancesOf(platform, imageSetId) ?? []) {
		const index = frameIds(platform, instance).indexOf(wanted);
		if (index < 0) continue;
		const bytes = await readFile(instance.file.path);
		const { offset, length } = readDicomElements(bytes).pixels ?? { offset: 0, length: 0 };
		const size = length / instance.frames;
		const start = offset + index * size;
		return reply.header('content-type', 'application/octet-stream').send(bytes.subarray(start, start + size));
	}
	return sendProblem(reply, 404, 'Image frame not found');
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
	const expected = dicomSignature(platform.secret, {
		method: request.method,
		path: request.url,
		host: host ?? '',
		accept: accept ?? '',
		date,
	});
	if (signature !== expected) {
		return 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
	}
	const age = platform.clock.wall() - fromAmzDate(date);
	return age > platform.settings.dicomLifetimeSeconds * 1000
		? `Signature expired: ${date} is now earlier than the allowed time`
		: undefined;
};
