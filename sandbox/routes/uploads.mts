import type { FastifyInstance } from 'fastify';

import { HtmlError, invalid, noMatch, nonField, notFound, uploadLimit } from '../errors.mts';
import { FieldErrors, textField } from '../fields.mts';
import { orderedParts, removeUpload, uploadSize } from '../files.mts';
import { isObject, pythonType, type Json, type JsonObject } from '../json.mts';
import { apiUrl } from '../links.mts';
import { paginated, unordered } from '../lists.mts';
import { apiDate, isSince, type Platform } from '../platform.mts';
import { presignPart, uploadKey } from '../presign.mts';
import { filterMap, type Upload, type UploadPart, type User } from '../store.mts';
import { signedIn } from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';

/** `uploads/` and its actions. */
export const uploadRoutes = (app: FastifyInstance, platform: Platform): void => {
	const own = async (call: Call): Promise<Upload[]> => {
		await purge(platform);
		return filterMap(platform.store.uploads, (upload) => upload.user === call.user?.id);
	};
	const find = async (call: Call): Promise<Upload> => {
		const pk = uuidParam(call);
		const upload = (await own(call)).find((candidate) => candidate.pk === pk);
		if (upload === undefined) throw noMatch('UserUpload');
		return upload;
	};
	const findByS3Id = async (call: Call): Promise<Upload> => {
		const upload = await find(call);
		if (upload.s3UploadId !== call.params['s3']) throw notFound();
		return upload;
	};
	mount(app, platform, 'uploads/', {
		permission: ['add', 'change'],
		methods: {
			// The platform gives them no order.
			GET: async (call) =>
				paginated(call, unordered(platform, await own(call)), (upload) => showUpload(platform, upload)),
			POST: async (call) => createUpload(call, (await own(call)).length),
		},
	});
	mount(app, platform, 'uploads/:pk/', {
		permission: ['add', 'change'],
		methods: { GET: async (call) => ok(showUpload(platform, await find(call))) },
	});
	const action = (name: string, method: 'GET' | 'PATCH', run: (call: Call, upload: Upload) => Promise<Answer>) =>
		mount(app, platform, `uploads/:pk/:s3/${name}/`, {
			permission: ['add', 'change'],
			methods: { [method]: async (call: Call) => run(call, await findByS3Id(call)) },
		});
	action('generate-presigned-urls', 'PATCH', presign);
	action('list-parts', 'GET', listParts);
	action('complete-multipart-upload', 'PATCH', complete);
	action('abort-multipart-upload', 'PATCH', abort);
};

// Uploads live for a day.
const purge = async (platform: Platform): Promise<void> => {
	const oldest = platform.clock.wall() - platform.settings.uploadLifetimeSeconds * 1000;
	for (const upload of filterMap(platform.store.uploads, (candidate) => candidate.created < oldest))
		await removeUpload(platform, upload);
};

const createUpload = async (call: Call, count: number): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const errors = new FieldErrors();
	const filename = textField(await bodyObject(call), 'filename', errors, { required: true, max: 128 });
	if (filename !== undefined && /[/\\]|^\.{1,2}$/u.test(filename))
		errors.add('filename', [`${filename} is not a valid filename`]);
	errors.throwIfAny();
	if (count > platform.settings.maxUploads)
		throw nonField('You have created too many uploads. Please try again later.');
	const upload: Upload = {
		pk: platform.random.uuid(),
		user: user.id,
		created: platform.clock.wall(),
		filename: filename ?? '',
		s3UploadId: platform.random.hex(96),
		status: 'Initialized',
		parts: new Map(),
	};
	platform.store.uploads.set(upload.pk, upload);
	return created(showUpload(platform, upload));
};

const presign = async (call: Call, upload: Upload): Promise<Answer> => {
	const { platform } = call;
	const body = await bodyObject(call);
	const numbers = body['part_numbers'];
	if (numbers === undefined) throw nonField('The `part_numbers` field is required');
	if (!Array.isArray(numbers))
		throw invalid({ part_numbers: [`Expected a list of items but got type "${pythonType(numbers)}".`] });
	const wrong = numbers.flatMap((number, i): Array<[string, Json]> => {
		const problem = partNumberProblem(number);
		return problem === undefined ? [] : [[String(i), [problem]]];
	});
	if (wrong.length > 0) throw invalid({ part_numbers: Object.fromEntries(wrong) });
	if (
		upload.status !== 'Initialized' ||
		usedBytes(platform, signedIn(call.user), upload) > quota(platform, signedIn(call.user))
	)
		throw uploadLimit();
	const urls = Object.fromEntries(
		numbers.map((number) => [String(number), presignPart(platform, upload, Number(number))]),
	);
	return ok({ ...showUpload(platform, upload), presigned_urls: urls });
};

const partNumberProblem = (number: Json): string | undefined => {
	if ((typeof number !== 'number' && typeof number !== 'string') || !Number.isInteger(Number(number)))
		return 'A valid integer is required.';
	if (Number(number) < 1) return 'Ensure this value is greater than or equal to 1.';
	return Number(number) > 10_000 ? 'Ensure this value is less than or equal to 10000.' : undefined;
};

const quota = (platform: Platform, user: User): number =>
	platform.settings.temporaryBytes ?? (user.verified ? 128 : 2) * 1024 ** 3;

// The bytes of this upload, and of all completed ones that are not used yet.
const usedBytes = (platform: Platform, user: User, upload: Upload): number =>
	filterMap(
		platform.store.uploads,
		(other) => other.user === user.id && (other === upload || other.status === 'Completed'),
	).reduce((sum, other) => sum + uploadSize(other), 0);

const listParts = (call: Call, upload: Upload): Promise<Answer> => {
	if (upload.status !== 'Initialized') throw new HtmlError(500);
	const parts = orderedParts(upload).map((part) => ({
		ETag: part.etag,
		PartNumber: part.number,
		LastModified: apiDate(part.modified),
		Size: part.size,
	}));
	return Promise.resolve(ok({ ...showUpload(call.platform, upload), parts }));
};

const complete = async (call: Call, upload: Upload): Promise<Answer> => {
	const { platform } = call;
	const given = (await bodyObject(call))['parts'];
	if (given === undefined) throw nonField('The `parts` field is required');
	if (!Array.isArray(given))
		throw invalid({ parts: { non_field_errors: [`Expected a list of items but got type "${pythonType(given)}".`] } });
	const problems = given.map((part): JsonObject => {
		if (!isObject(part))
			return { non_field_errors: [`Invalid data. Expected a dictionary, but got ${pythonType(part)}.`] };
		const problem = part['PartNumber'] === undefined ? undefined : partNumberProblem(part['PartNumber']);
		return problem === undefined ? {} : { PartNumber: [problem] };
	});
	if (problems.some((problem) => Object.keys(problem).length > 0)) throw invalid({ parts: problems });
	if (upload.status !== 'Initialized') throw new HtmlError(500);
	const parts = matchParts(platform, upload, given.filter(isObject));
	// From here on S3 would say no, and the platform does not catch it.
	if (parts === undefined) throw new HtmlError(500);
	upload.parts = new Map(parts.map((part) => [part.number, part]));
	upload.status = 'Completed';
	return ok(showUpload(platform, upload));
};

const matchParts = (platform: Platform, upload: Upload, given: JsonObject[]): UploadPart[] | undefined => {
	if (given.some((part) => Object.keys(part).some((key) => !['ETag', 'PartNumber'].includes(key)))) return undefined;
	const ordered = isSince(platform, 'B')
		? [...given].sort((a, b) => Number(a['PartNumber']) - Number(b['PartNumber']))
		: given;
	const parts = ordered.map((part) => {
		const uploaded = upload.parts.get(Number(part['PartNumber']));
		// S3 takes the tag with or without its quotes.
		return typeof part['ETag'] === 'string' && uploaded?.etag.replaceAll('"', '') === part['ETag'].replaceAll('"', '')
			? uploaded
			: undefined;
	});
	const found = parts.filter((part) => part !== undefined);
	const isAscending = found.every((part, i) => i === 0 || part.number > (found[i - 1]?.number ?? 0));
	const isBigEnough = found.slice(0, -1).every((part) => part.size >= platform.settings.minimumPartBytes);
	return found.length === given.length && found.length > 0 && isAscending && isBigEnough ? found : undefined;
};

const abort = async (call: Call, upload: Upload): Promise<Answer> => {
	const { platform } = call;
	if (upload.status !== 'Initialized') throw new HtmlError(500);
	await removeUpload(platform, upload);
	upload.parts = new Map();
	upload.status = 'Aborted';
	upload.s3UploadId = '';
	platform.store.uploads.set(upload.pk, upload);
	return ok(showUpload(platform, upload));
};

const showUpload = (platform: Platform, upload: Upload): JsonObject => ({
	pk: upload.pk,
	created: apiDate(upload.created),
	filename: upload.filename,
	key: uploadKey(upload),
	s3_upload_id: upload.s3UploadId,
	status: upload.status,
	api_url: apiUrl(platform, 'uploads', upload.pk),
});
