import { createHash } from 'node:crypto';

import { member, text } from '../api/json';
import type { FileSource } from '../ports';
import { badInput, GrandChallengeError, somethingElse } from '../transport/errors';
import { noRetries } from '../transport/retry';
import { readShort, settle, Transport, type Settled } from '../transport/transport';
import { chunksOf } from './chunks';
import { uploadName } from './names';
import { parts } from './parts';

/** Bytes. 10 000 parts of this size hold more than the 128 GiB that the platform lets an account store. */
export const PART_SIZE = 16 * 1024 * 1024;
/** ms that cleaning up after a failure may take. */
const CLEAN_UP_MS = 10_000;

interface Upload {
	pk: string;
	apiUrl: string;
	/** Path of the upload's actions. */
	actions: string;
}

/**
 * Uploads one file in parts, each with its checksum. What fails or is canceled is aborted, so that it does not count
 * against the account's limits.
 * @returns the API URL of the completed upload, which can be used once
 * @throws GrandChallengeError
 * @see the API sheet, section 11
 */
export const uploadFile = async (transport: Transport, source: FileSource): Promise<string> => {
	const filename = uploadName(source.name);
	const subject = `the upload of '${filename}'`;
	const created = await transport.entity({ method: 'POST', path: 'uploads/', body: { filename }, subject, repeatable: true });
	const pk = text(created, 'pk');
	const upload: Upload = { pk, apiUrl: text(created, 'api_url'), actions: `uploads/${pk}/${text(created, 's3_upload_id')}/` };
	let completed = false;
	try {
		const done: Array<{ ETag: string; PartNumber: number }> = [];
		let bytes = 0;
		for await (const part of parts(chunksOf(source, transport.connection.signal), PART_SIZE)) {
			const PartNumber = done.length + 1;
			bytes += part.length;
			done.push({ ETag: await sendPart(transport, upload, PartNumber, part, subject), PartNumber });
		}
		if (source.size !== undefined && bytes !== source.size) throw incomplete(filename, bytes, source.size);
		await complete(transport, upload, done, subject);
		completed = true;
		return upload.apiUrl;
	} finally {
		if (!completed) await abort(transport, upload, subject);
	}
};

/** A stream may end early without a word; half an image must not become a case. */
const incomplete = (filename: string, bytes: number, size: number) =>
	badInput(`The file '${filename}' ended after ${bytes} of ${size} bytes`, 'Check the step that this file comes from');

const sendPart = async (transport: Transport, upload: Upload, partNumber: number, part: Uint8Array, subject: string): Promise<string> => {
	const md5 = createHash('md5').update(part).digest('base64');
	const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(part.length), 'Content-MD5': md5 };
	const answer = await transport.plain({ method: 'PUT', subject }, async () => {
		const presigned = await transport.json({
			method: 'PATCH',
			path: `${upload.actions}generate-presigned-urls/`,
			body: { part_numbers: [partNumber] },
			subject,
		});
		return { url: text(member(presigned, 'presigned_urls'), String(partNumber)), headers, body: part };
	});
	await readShort(answer);
	const etag = answer.headers.etag;
	if (!etag) throw new GrandChallengeError('unexpectedAnswer', `Part ${partNumber} of ${subject} was not confirmed`);
	return etag;
};

const complete = async (transport: Transport, upload: Upload, done: unknown[], subject: string) => {
	const isCompleted = (answer: Settled<unknown>) => 'value' in answer && text(answer.value, 'status') === 'Completed';
	const answer = await settle(transport.json({ method: 'PATCH', path: `${upload.actions}complete-multipart-upload/`, body: { parts: done }, subject }));
	// Completing twice answers 500: after a lost answer the upload itself tells whether it was completed.
	if (isCompleted(answer) || isCompleted(await settle(transport.get(`uploads/${upload.pk}/`, subject)))) return;
	throw 'error' in answer ? answer.error : somethingElse(subject);
};

const abort = async (transport: Transport, upload: Upload, subject: string) => {
	// The execution may be canceled, and its signal would keep the clean-up from being sent.
	const last = new Transport({ ...transport.connection, signal: AbortSignal.timeout(CLEAN_UP_MS), retry: noRetries });
	try {
		await last.json({ method: 'PATCH', path: `${upload.actions}abort-multipart-upload/`, body: {}, subject });
	} catch {
		// Not aborted: the platform purges it after a day.
	}
};
