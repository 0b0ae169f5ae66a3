import { createHash } from 'node:crypto';

import { isObject, list, member, number, text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { severalAtOnce } from '../slots';
import { asIs, badInput, GrandChallengeError, hasReason, somethingElse, withLeft } from '../transport/errors';
import { noRetries } from '../transport/retry';
import { readShort, settle, Transport, type Settled } from '../transport/transport';
import { chunksOf } from './chunks';
import { uploadName } from './names';
import { parts } from './parts';

/** Bytes. 10 000 parts of this size hold more than the 128 GiB that the platform lets an account store. */
export const PART_SIZE = 16 * 1024 * 1024;
/** Signed addresses that are asked for with one request. */
const ADDRESSES_AT_ONCE = 8;
/** ms that cleaning up after a failure may take. */
const CLEAN_UP_MS = 10_000;

/** A multipart upload that is under way. */
interface Upload {
	pk: string;
	apiUrl: string;
	/** Path of the upload's actions. */
	actions: string;
	/** In words, for messages. */
	subject: string;
}

/** A part that the storage has. */
interface StoredPart {
	ETag: string;
	size: number | undefined;
}

/**
 * Uploads one file in parts, each with its checksum. What fails or is canceled is aborted, so that it does not count
 * against the account's limits.
 * @returns the API URL of the completed upload, which can be used once
 * @throws GrandChallengeError
 * @see the API sheet, section 11
 */
export const uploadFile = async (transport: Transport, source: FileSource): Promise<string> => {
	const upload = await begin(transport, source);
	try {
		await send(transport, upload, source);
		return upload.apiUrl;
	} catch (error) {
		await abort(transport, upload);
		throw asIs(error);
	}
};

/**
 * As `uploadFile`, several at once; the addresses are in the order of the files. More than there is room for on the line: around
 * each file there are three short requests.
 */
export const uploadFiles = (transport: Transport, sources: FileSource[]): Promise<string[]> =>
	severalAtOnce(sources, 2 * transport.limits.uploads.room, (source) => uploadFile(transport, source));

/**
 * As `uploadFile`, but keeps what failed, to be resumed; what is canceled is aborted.
 * @returns the completed upload as the platform shows it
 * @throws GrandChallengeError that names the upload it leaves behind
 */
export const createUpload = async ({ transport }: GrandChallenge, source: FileSource): Promise<JsonObject> => {
	const upload = await begin(transport, source);
	try {
		return await send(transport, upload, source);
	} catch (error) {
		if (transport.connection.signal.aborted) await abort(transport, upload);
		throw withLeft(error, { upload: upload.pk }, `The upload ${upload.pk} is kept for a day; Upload: Resume sends what is missing`);
	}
};

/**
 * Completes an upload that was begun before: sends the parts that the storage does not have as the file has them.
 * @param identifier pk or URL
 * @param source the same file
 * @returns the completed upload as the platform shows it
 * @throws GrandChallengeError
 */
export const resumeUpload = async (gc: GrandChallenge, identifier: string, source: FileSource): Promise<JsonObject> => {
	const entity = await gc.uploads.get(identifier);
	const upload = uploadOf(entity);
	const [begun, given] = [text(entity, 'filename'), uploadName(source.name)];
	if (begun !== given) throw badInput(`The upload ${upload.pk} was begun for the file '${begun}', not for '${given}'`, 'Give the same file again');
	if (isCompleted(entity)) return entity;
	if (text(entity, 'status') === 'Aborted') throw badInput(`The upload ${upload.pk} was aborted`, 'Use Upload: Create for a new one');
	return send(gc.transport, upload, source, await storedParts(gc.transport, upload));
};

/**
 * Ends an upload that is not completed, so that it does not count against the account's limits any more.
 * @param identifier pk or URL
 * @returns the upload as the platform shows it then
 * @throws GrandChallengeError
 */
export const abortUpload = async (gc: GrandChallenge, identifier: string): Promise<JsonObject> => {
	const entity = await gc.uploads.get(identifier);
	const isAborted = (upload: unknown) => text(upload, 'status') === 'Aborted';
	if (isAborted(entity)) return entity;
	const upload = uploadOf(entity);
	if (isCompleted(entity)) throw badInput(`The upload ${upload.pk} is complete`, 'Grand Challenge removes it when it was used, or a day after it was begun');
	try {
		return await gc.transport.entity({ method: 'PATCH', path: `${upload.actions}abort-multipart-upload/`, body: {}, subject: upload.subject });
	} catch (error) {
		// After a lost answer the repeat does not find it any more under its old address.
		const now = hasReason(error, 'notFound') && error.answerLost ? await gc.uploads.get(upload.pk) : undefined;
		if (now === undefined || !isAborted(now)) throw asIs(error);
		return now;
	}
};

const uploadOf = (entity: JsonObject): Upload => {
	const pk = text(entity, 'pk');
	return {
		pk,
		apiUrl: text(entity, 'api_url'),
		actions: `uploads/${pk}/${text(entity, 's3_upload_id')}/`,
		subject: `the upload of '${text(entity, 'filename')}'`,
	};
};

const begin = async (transport: Transport, source: FileSource): Promise<Upload> => {
	const filename = uploadName(source.name);
	const subject = `the upload of '${filename}'`;
	return { ...uploadOf(await transport.entity({ method: 'POST', path: 'uploads/', body: { filename }, subject, repeatable: true })), subject };
};

/** Sends the parts that are not stored yet, several at once, and makes a file of all. */
const send = async (transport: Transport, upload: Upload, source: FileSource, stored = new Map<number, StoredPart>()): Promise<JsonObject> => {
	const { uploads, memory } = transport.limits;
	const { size } = source;
	const addressOf = addresses(transport, upload, size);
	const isOnePart = size !== undefined && size <= PART_SIZE;
	let count = 0;
	let bytes = 0;
	const numbered = async function* () {
		for await (const part of parts(chunksOf(source, transport.connection.signal, isOnePart), PART_SIZE, memory, size)) {
			bytes += part.bytes.length;
			yield { ...part, number: ++count };
		}
	};
	const done = await severalAtOnce(numbered(), uploads.room, async ({ bytes: part, release, number: PartNumber }) => {
		try {
			const md5 = createHash('md5').update(part).digest();
			const known = stored.get(PartNumber);
			const isStored = known?.size === part.length && known.ETag.replaceAll('"', '') === md5.toString('hex');
			const ETag = isStored ? known.ETag : await sendPart(transport, upload, PartNumber, part, md5, addressOf);
			return { ETag, PartNumber };
		} finally {
			release();
		}
	});
	if (size !== undefined && bytes !== size) throw incomplete(uploadName(source.name), bytes, size);
	const completed = await complete(transport, upload, done);
	transport.tally.done('sent');
	return completed;
};

/** A stream may end early without a word; half an image must not become a case. */
const incomplete = (filename: string, bytes: number, size: number) =>
	badInput(`The file '${filename}' ended after ${bytes} of ${size} bytes`, 'Check the step that this file comes from');

/** @param again whether the address that was given first is of no use any more */
type AddressOf = (partNumber: number, again: boolean) => Promise<string>;

/**
 * Signed addresses for the parts of a file, asked for some at a time; they hold for an hour.
 * @param size bytes of the file, where they are known
 */
const addresses = (transport: Transport, { actions, subject }: Upload, size: number | undefined): AddressOf => {
	const last = size === undefined ? undefined : Math.max(1, Math.ceil(size / PART_SIZE));
	const asked = new Map<number, Promise<unknown>>();
	const ask = async (part_numbers: number[]) =>
		member(await transport.json({ method: 'PATCH', path: `${actions}generate-presigned-urls/`, body: { part_numbers }, subject }), 'presigned_urls');
	return async (partNumber, again) => {
		if (again) return text(await ask([partNumber]), String(partNumber));
		const first = partNumber - ((partNumber - 1) % ADDRESSES_AT_ONCE);
		const most = last === undefined ? ADDRESSES_AT_ONCE : Math.min(ADDRESSES_AT_ONCE, last - first + 1);
		const batch = asked.get(first) ?? ask(Array.from({ length: most }, (_, i) => first + i));
		asked.set(first, batch);
		return text(await batch, String(partNumber));
	};
};

const sendPart = async (transport: Transport, { subject }: Upload, partNumber: number, part: Uint8Array, md5: Buffer, addressOf: AddressOf): Promise<string> => {
	const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(part.length), 'Content-MD5': md5.toString('base64') };
	// Asked for before there is room on the line, which would lie idle meanwhile.
	const first = await addressOf(partNumber, false);
	let again = false;
	const etag = await transport.limits.uploads.with(async () => {
		const answer = await transport.plain({ method: 'PUT', subject }, async () => {
			const url = again ? await addressOf(partNumber, true) : first;
			again = true;
			return { url, headers, body: part };
		});
		await readShort(answer);
		return answer.headers.etag;
	});
	if (!etag) throw new GrandChallengeError('unexpectedAnswer', `Part ${partNumber} of ${subject} was not confirmed`);
	transport.tally.moved('sent', part.length);
	return etag;
};

/** What the storage has of an upload, as far as the platform shows it; the rest is sent again. */
const storedParts = async (transport: Transport, { actions, subject }: Upload): Promise<Map<number, StoredPart>> => {
	const answer = await transport.get(`${actions}list-parts/`, subject);
	if (!Array.isArray(member(answer, 'parts'))) throw somethingElse(subject);
	return new Map(list(answer, 'parts').map((part) => [number(part, 'PartNumber') ?? 0, { ETag: text(part, 'ETag'), size: number(part, 'Size') }]));
};

const isCompleted = (upload: unknown): upload is JsonObject => isObject(upload) && text(upload, 'status') === 'Completed';

const complete = async (transport: Transport, { pk, actions, subject }: Upload, done: unknown[]): Promise<JsonObject> => {
	const completed = (answer: Settled<unknown>) => ('value' in answer && isCompleted(answer.value) ? answer.value : undefined);
	// The platform refuses parts with anything but tag and number.
	const answer = await settle(transport.json({ method: 'PATCH', path: `${actions}complete-multipart-upload/`, body: { parts: done }, subject }));
	// Completing twice answers 500: after a lost answer the upload itself tells whether it was completed.
	const upload = completed(answer) ?? completed(await settle(transport.get(`uploads/${pk}/`, subject)));
	if (upload) return upload;
	throw 'error' in answer ? answer.error : somethingElse(subject);
};

const abort = async (transport: Transport, { actions, subject }: Upload): Promise<void> => {
	// The execution may be canceled, and its signal would keep the clean-up from being sent.
	const last = new Transport({ ...transport.connection, signal: AbortSignal.timeout(CLEAN_UP_MS), retry: noRetries });
	try {
		await last.json({ method: 'PATCH', path: `${actions}abort-multipart-upload/`, body: {}, subject });
	} catch {
		// Not aborted: the platform purges it after a day.
	}
};
