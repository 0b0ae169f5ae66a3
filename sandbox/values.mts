import { canViewImage } from './access.mts';
import { invalid } from './errors.mts';
import { FieldErrors, linkField, linksField, slugField, textField } from './fields.mts';
import { canonicalJson, isObject, pythonType, type Json, type JsonObject } from './json.mts';
import { schemaProblem } from './kinds.mts';
import { related, valueFilePath } from './links.mts';
import { isSince, siteOrigin, type Platform } from './platform.mts';
import type { Image, Socket, SocketValue, StoredFile, Upload, UploadSession, User, ValueSet } from './store.mts';

/** Where the content of a submitted socket value comes from. */
export type ValueSource =
	| { type: 'value'; value: Json }
	| { type: 'image'; image: Image }
	| { type: 'upload'; upload: Upload }
	| { type: 'uploads'; uploads: Upload[] }
	| { type: 'session'; session: UploadSession }
	| { type: 'dicom'; uploads: Upload[]; name: string };

/** A submitted socket value that was found good. */
export interface SubmittedValue {
	socket: Socket;
	source: ValueSource;
}

const sourceKeys = ['image', 'value', 'file', 'user_upload', 'upload_session'] as const;
const sourceList = "['image', 'value', 'file', 'user_upload', 'upload_session', ('image_name', 'user_uploads')]";

/**
 * Checks a submitted list of socket values (section 9.3). Throws the nested 400 under that field, or returns the
 * values; nothing is changed yet, since one request is one transaction.
 *
 * @param missingSocket what the platform says when `interface` is missing: PATCH says it differently.
 */
export const readValues = (
	platform: Platform,
	user: User,
	field: string,
	list: Json,
	missingSocket: 'required' | 'patch',
	errors = new FieldErrors(),
): SubmittedValue[] => {
	if (list === null) {
		errors.add(field, ['This field may not be null.']);
		return [];
	}
	if (!Array.isArray(list)) {
		errors.add(field, { non_field_errors: [`Expected a list of items but got type "${pythonType(list)}".`] });
		return [];
	}
	const results = list.map((element) => readValue(platform, user, element, missingSocket));
	if (results.some((result) => 'errors' in result)) {
		errors.add(
			field,
			results.map((result) => ('errors' in result ? result.errors : {})),
		);
	}
	return results.flatMap((result) => ('errors' in result ? [] : [result]));
};

const readValue = (
	platform: Platform,
	user: User,
	element: Json,
	missingSocket: 'required' | 'patch',
): SubmittedValue | { errors: JsonObject } => {
	if (!isObject(element)) {
		return { errors: { non_field_errors: [`Invalid data. Expected a dictionary, but got ${pythonType(element)}.`] } };
	}
	const { store } = platform;
	const errors = new FieldErrors();
	const ownUpload = (pk: string) => {
		const upload = store.uploads.get(pk);
		return upload?.user === user.id && upload.status === 'Completed' ? upload : undefined;
	};
	const ownSession = (pk: string) => {
		const session = store.sessions.get(pk);
		return session?.creator === user.id && session.status === 'Queued' ? session : undefined;
	};
	const visibleImage = (pk: string) => {
		const image = store.images.get(pk);
		return image !== undefined && canViewImage(platform, user, image) ? image : undefined;
	};
	const socket = slugField(
		element,
		'interface',
		errors,
		(slug) => store.sockets.find((candidate) => candidate.slug === slug),
		{
			required: missingSocket === 'required',
		},
	);
	const optional = { nullable: true };
	const image = linkField(element, 'image', errors, 'cases/images', visibleImage, optional);
	const upload = linkField(element, 'user_upload', errors, 'uploads', ownUpload, optional);
	const uploads = linksField(element, 'user_uploads', errors, 'uploads', ownUpload, optional);
	const session = linkField(element, 'upload_session', errors, 'cases/upload-sessions', ownSession, optional);
	const name = element['image_name'] === null ? undefined : textField(element, 'image_name', errors, { max: 255 });
	if (element['file'] !== undefined && element['file'] !== null) {
		errors.add('file', ['The submitted data was not a file. Check the encoding type on the form.']);
	}
	if (Object.keys(errors.errors).length > 0) return { errors: errors.errors };

	const refuse = (text: string) => ({ errors: { non_field_errors: [text] } });
	if (socket === undefined) return refuse('An interface must be specified');
	const given = sourceKeys.filter((key) => element[key] !== undefined && element[key] !== null).length;
	const groups = given + (uploads !== undefined || name !== undefined ? 1 : 0);
	if (groups === 0) return refuse(`You must provide at least one of ${sourceList}.`);
	if (groups > 1) return refuse(`You can only provide one of ${sourceList} for each socket.`);
	const source = matchSource(socket, { value: element['value'], image, upload, uploads, session, name });
	if (typeof source === 'string') return refuse(source);
	const problem =
		source.type === 'value'
			? jsonProblem(socket, source.value)
			: source.type === 'image'
				? imageProblem(socket, source.image)
				: undefined;
	if (problem !== undefined) return { errors: { __all__: [problem] } };
	if (source.type === 'uploads' && isSince(platform, 'B')) {
		const limit = sessionLimitProblem(platform, user, source.uploads);
		if (limit !== undefined) return refuse(limit);
	}
	return { socket, source };
};

interface Given {
	value: Json | undefined;
	image: Image | undefined;
	upload: Upload | undefined;
	uploads: Upload[] | undefined;
	session: UploadSession | undefined;
	name: string | undefined;
}

const matchSource = (socket: Socket, given: Given): ValueSource | string => {
	const { code } = socket.kind;
	switch (socket.superKind) {
		case 'Value':
			return given.value === undefined || given.value === null
				? `value is required for interface kind ${code}`
				: { type: 'value', value: given.value };
		case 'File':
			return given.upload === undefined
				? `user_upload or file is required for interface kind ${code}`
				: { type: 'upload', upload: given.upload };
		case 'Image':
			if (given.image !== undefined) return { type: 'image', image: given.image };
			if (code === 'DCMIS') {
				return given.uploads !== undefined && given.name !== undefined
					? { type: 'dicom', uploads: given.uploads, name: given.name }
					: 'either user_uploads with image_name, or image are required for interface kind DCMIS';
			}
			if (given.session !== undefined) return { type: 'session', session: given.session };
			return given.uploads !== undefined
				? { type: 'uploads', uploads: given.uploads }
				: `upload_session, user_uploads or image are required for interface kind ${code}`;
	}
};

/** Why a JSON value does not fit a socket, in the platform's words. */
export const jsonProblem = (socket: Socket, value: Json): string | undefined => {
	const problem =
		schemaProblem(value, socket.kind.schema ?? {}) ??
		(socket.schema === undefined ? undefined : schemaProblem(value, socket.schema));
	return problem === undefined ? undefined : `JSON does not fulfill schema: ${problem}`;
};

/** Why an image does not fit a socket, in the platform's words. */
export const imageProblem = (socket: Socket, image: Image): string | undefined => {
	if (socket.kind.code === 'DCMIS' && image.dicom === null) return 'Image must be DICOM';
	if (socket.kind.code !== 'DCMIS' && image.dicom !== null) return 'Image may not be DICOM';
	if (socket.kind.code === 'SEG' && socket.overlaySegments.length > 0) {
		const allowed = new Set([0, ...socket.overlaySegments.map((segment) => segment.voxel_value)]);
		if (image.segments === null)
			return 'Image segments could not be determined, ensure the voxel values are integers and that it contains no more than 64 segments';
		const wrong = image.segments.filter((segment) => !allowed.has(segment));
		if (wrong.length > 0)
			return `The valid voxel values for this segmentation are: {${[...allowed].join(', ')}}. This segmentation is invalid as it contains the voxel values: {${wrong.join(', ')}}.`;
	}
	return undefined;
};

/** Which limit of upload sessions these uploads break, in the platform's words. */
export const sessionLimitProblem = (platform: Platform, user: User, uploads: Upload[]): string | undefined => {
	const { settings, store } = platform;
	if ((store.postProcessing.get(user.id) ?? 0) >= settings.maxPostProcessingTasks) {
		return `You currently have ${settings.maxPostProcessingTasks} active image post processing tasks. Please wait for them to complete before trying again.`;
	}
	if (uploads.length > settings.maxSessionFiles) {
		return 'Too many files uploaded. A maximum of 100 files may be uploaded per session.';
	}
	if (new Set(uploads.map((upload) => upload.filename)).size < uploads.length) return 'Filenames must be unique';
	return undefined;
};

const findOrAdd = (
	platform: Platform,
	socket: Socket,
	isSame: (value: SocketValue) => boolean,
	content: Omit<SocketValue, 'pk' | 'socket'>,
): SocketValue => {
	for (const value of platform.store.values.values()) {
		if (value.socket === socket && isSame(value)) return value;
	}
	return addValue(platform, socket, content);
};

const addValue = (platform: Platform, socket: Socket, content: Omit<SocketValue, 'pk' | 'socket'>): SocketValue => {
	const value: SocketValue = { pk: platform.store.nextValue, socket, ...content };
	platform.store.nextValue += 1 + platform.random.int(3);
	platform.store.values.set(value.pk, value);
	return value;
};

/** The value of a socket for JSON; identical JSON is one shared value. */
export const jsonValue = (platform: Platform, socket: Socket, json: Json): SocketValue => {
	const text = canonicalJson(json);
	return findOrAdd(platform, socket, (value) => value.value !== undefined && canonicalJson(value.value) === text, {
		value: json,
	});
};

/** The value of a socket for an image; the same image is one shared value. */
export const imageValue = (platform: Platform, socket: Socket, image: Image): SocketValue =>
	findOrAdd(platform, socket, (value) => value.image === image.pk, { image: image.pk });

/** A new value that holds a file: files are never shared. */
export const fileValue = (platform: Platform, socket: Socket, file: StoredFile): SocketValue =>
	addValue(platform, socket, { file });

/** The values of a set, in order. */
export const valuesOf = (platform: Platform, set: ValueSet): SocketValue[] =>
	set.values.flatMap((pk) => {
		const value = platform.store.values.get(pk);
		return value === undefined ? [] : [value];
	});

const group = (value: SocketValue): number => {
	if (value.socket.kind.code === 'CHART') return 2;
	if (['JPEG', 'PNG'].includes(value.socket.kind.code)) return 1;
	return { Value: 0, File: 3, Image: 4 }[value.socket.superKind];
};

/** The values of a set as the platform sorts them: JSON, thumbnails, charts, files, images; by slug within each. */
export const sortedValues = (platform: Platform, set: ValueSet): SocketValue[] =>
	valuesOf(platform, set).sort((a, b) => group(a) - group(b) || (a.socket.slug < b.socket.slug ? -1 : 1));

/** Attaches a value; another value of the same socket goes. */
export const attach = (platform: Platform, set: ValueSet, value: SocketValue): void => {
	const others = valuesOf(platform, set).filter((other) => other.socket !== value.socket);
	set.values = [...others.map((other) => other.pk), value.pk];
};

/** A socket as the API shows it. */
export const showSocket = (socket: Socket): JsonObject => ({
	title: socket.title,
	description: socket.description,
	slug: socket.slug,
	kind: socket.kind.name,
	pk: socket.pk,
	default_value: socket.defaultValue,
	super_kind: socket.superKind,
	relative_path: socket.relativePath,
	overlay_segments: socket.overlaySegments,
	look_up_table: socket.lookUpTable,
});

const fileUrl = (platform: Platform, value: SocketValue) =>
	value.file === undefined ? null : siteOrigin(platform) + valueFilePath(value);

/** A socket value in the read shape. */
export const showValue = (platform: Platform, requestOrigin: string, value: SocketValue): JsonObject => ({
	...((platform.settings.socketTwin ?? isSince(platform, 'B')) ? { socket: showSocket(value.socket) } : {}),
	interface: showSocket(value.socket),
	value: value.value ?? null,
	file: fileUrl(platform, value),
	image: value.image === undefined ? null : related(requestOrigin, 'cases/images', value.image),
	pk: value.pk,
});

/** A socket value in the write shape. */
export const showPosted = (platform: Platform, requestOrigin: string, value: SocketValue): JsonObject => ({
	interface: value.socket.slug,
	value: value.value ?? null,
	file: fileUrl(platform, value),
	image: value.image === undefined ? null : related(requestOrigin, 'cases/images', value.image),
	pk: value.pk,
	image_name: null,
});

/** The user behind an unsafe request: the view has refused anonymous ones already. */
export const signedIn = (user: User | null): User => {
	if (user === null) throw invalid({ detail: 'Authentication credentials were not provided.' });
	return user;
};
