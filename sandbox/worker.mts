import { readFile } from 'node:fs/promises';

import { saveAnswer } from './answers.mts';
import { contentTypeOf, fileHead, headOf, readUpload, removeUpload, storeFile, uploadSize } from './files.mts';
import { blankImage, imageFile, importUploads } from './importer.mts';
import type { Json } from './json.mts';
import { isDicom, readDicomElements, readDicomTags } from './media/dicom.mts';
import type { Platform } from './platform.mts';
import {
	filterMap,
	type ArchiveItem,
	type DicomInstance,
	type DisplaySet,
	type Image,
	type ReaderAnswer,
	type Socket,
	type SocketValue,
	type StoredFile,
	type Upload,
	type UploadSession,
	type User,
	type ValueSet,
} from './store.mts';
import {
	attach,
	fileValue,
	imageProblem,
	imageValue,
	jsonProblem,
	jsonValue,
	valuesOf,
	type SubmittedValue,
} from './values.mts';

/** What a value is prepared for: it takes the value when it is there, or learns why it never will be. */
export interface Receiver {
	take(value: SocketValue): void;
	fail(reason: string): void;
}

/** A set of values (an archive item, a display set) as receiver: failures of files and DICOM leave no trace in the API. */
export const itemReceiver = (platform: Platform, item: ValueSet): Receiver => ({
	take: (value) => attach(platform, item, value),
	fail: () => undefined,
});

/** Tells a user something on the site: the API only shows that there is something to read. */
export const notify = (platform: Platform, user: number): void => {
	const pk = platform.random.uuid();
	platform.store.notifications.set(pk, { pk, user, read: false });
};

/** Applies a submitted value: JSON and existing images at once, everything else in the background. */
export const submit = (
	platform: Platform,
	user: User,
	{ socket, source }: SubmittedValue,
	receiver: Receiver,
): void => {
	// Nothing but a notification tells of files and DICOM that fail.
	const told: Receiver = {
		...receiver,
		fail: (reason) => {
			notify(platform, user.id);
			receiver.fail(reason);
		},
	};
	switch (source.type) {
		case 'value':
			receiver.take(jsonValue(platform, socket, source.value));
			break;
		case 'image':
			receiver.take(imageValue(platform, socket, source.image));
			break;
		case 'upload':
			copyFile(platform, socket, source.upload, told);
			break;
		case 'uploads':
			runSession(
				platform,
				createSession(platform, user, source.uploads, 'Re-Queued'),
				toSocket(platform, socket, receiver),
				receiver,
			);
			break;
		case 'session':
			// Moved on within the request: the same session cannot be given twice.
			source.session.status = 'Re-Queued';
			runSession(platform, source.session, toSocket(platform, socket, receiver), receiver);
			break;
		case 'dicom':
			importDicom(platform, socket, source.uploads, source.name, told);
			break;
	}
};

/** Adds or replaces values of a case; with `replace` the values of sockets that are not named go. */
export const changeValues = (
	platform: Platform,
	user: User,
	set: ValueSet,
	values: SubmittedValue[],
	how: 'patch' | 'replace',
): void => {
	if (how === 'replace') {
		const named = new Set(values.map(({ socket }) => socket));
		set.values = valuesOf(platform, set)
			.filter((value) => named.has(value.socket))
			.map((value) => value.pk);
	}
	const receiver = itemReceiver(platform, set);
	for (const value of values) submit(platform, user, value, receiver);
};

const copyFile = (platform: Platform, socket: Socket, upload: Upload, receiver: Receiver) => {
	platform.clock.schedule(platform.settings.fileCopyMs, async () => {
		if (!platform.store.uploads.has(upload.pk)) {
			receiver.fail('The upload is gone');
			return;
		}
		const file = await storeFile(platform, upload.filename, readUpload(upload), contentTypeOf(upload.filename));
		const problem = await fileProblem(socket, file);
		if (problem !== undefined) {
			receiver.fail(problem);
			return;
		}
		await removeUpload(platform, upload);
		receiver.take(fileValue(platform, socket, file));
	});
};

const magics: Record<string, string[]> = {
	PDF: ['%PDF-'],
	JPEG: ['\xff\xd8\xff'],
	PNG: ['\x89PNG\r\n\x1a\n'],
	ZIP: ['PK\x03\x04', 'PK\x05\x06'],
};

/** Why a file does not fit its socket: by its first bytes, or by its schema if it is JSON. */
const fileProblem = async (socket: Socket, file: StoredFile): Promise<string | undefined> => {
	if (socket.kind.holds === 'json') {
		try {
			const value: Json = JSON.parse(await readFile(file.path, 'utf8'));
			return jsonProblem(socket, value);
		} catch {
			return 'The file is not valid JSON';
		}
	}
	const start = (await fileHead(file.path, 1024)).toString('latin1');
	const magic = magics[socket.kind.code];
	const isBinary = start.includes('\0');
	if (magic !== undefined && !magic.some((word) => start.startsWith(word))) return 'The file has the wrong type';
	if (['CSV', 'OBJ', 'NEWCK'].includes(socket.kind.code) && isBinary) return 'The file has the wrong type';
	return undefined;
};

/** Registers an upload session; nothing is imported until `runSession`. */
export const createSession = (
	platform: Platform,
	user: User,
	uploads: Upload[],
	status: UploadSession['status'],
): UploadSession => {
	const session: UploadSession = {
		pk: platform.random.uuid(),
		creator: user.id,
		created: platform.clock.wall(),
		status,
		errorMessage: '',
		images: [],
		uploads: uploads.map((upload) => upload.pk),
	};
	platform.store.sessions.set(session.pk, session);
	return session;
};

/** What is done with the images of a session; returns why it cannot be, in the platform's words. */
type Finish = (images: Image[]) => string | undefined;

const notSingle = 'Image imports should result in a single image';

const toSocket =
	(platform: Platform, socket: Socket, receiver: Receiver): Finish =>
	([image, ...more]) => {
		if (image === undefined || more.length > 0) return notSingle;
		const problem = imageProblem(socket, image);
		if (problem !== undefined) return `Image validation for socket ${socket.title} failed with error: ${problem}`;
		receiver.take(imageValue(platform, socket, image));
		return undefined;
	};

/**
 * Imports the files of a session. The session says `Succeeded` before its images are attached, and goes on to
 * `Failed` if they cannot be.
 */
export const runSession = (platform: Platform, session: UploadSession, finish: Finish, receiver?: Receiver): void => {
	const { clock, settings, store } = platform;
	const fail = (reason: string) => {
		session.status = 'Failed';
		session.errorMessage = reason;
		notify(platform, session.creator);
		receiver?.fail(reason);
	};
	clock.schedule(settings.importMs * 0.3, () => {
		session.status = 'Re-Queued';
	});
	clock.schedule(settings.importMs * 0.8, async () => {
		const uploads = session.uploads.flatMap((pk) => {
			const upload = store.uploads.get(pk);
			return upload === undefined ? [] : [upload];
		});
		if (uploads.length < session.uploads.length) {
			fail('An unexpected error occurred');
			return;
		}
		const { images, failures } = await importUploads(platform, uploads, session.pk);
		// One image is enough: files that could not be read are forgotten then.
		if (images.length === 0) {
			fail(`${failures} file${failures === 1 ? '' : 's'} could not be imported`);
			return;
		}
		for (const image of images) store.images.set(image.pk, image);
		session.images = images.map((image) => image.pk);
		session.uploads = [];
		session.status = 'Succeeded';
		await Promise.all(uploads.map((upload) => removeUpload(platform, upload)));
		for (const image of images) postProcess(platform, session.creator, image);
		clock.schedule(settings.importMs * 0.2, () => {
			const problem = finish(images);
			if (problem !== undefined) fail(problem);
		});
	});
};

/** Every image of a session becomes an item of the archive. */
export const toArchive =
	(platform: Platform, archive: string, socket: Socket): Finish =>
	(images) => {
		for (const image of images) {
			const problem = imageProblem(socket, image);
			if (problem !== undefined) return `Image validation for socket ${socket.title} failed with error: ${problem}`;
			const item = addItem(platform, archive, '');
			attach(platform, item, imageValue(platform, socket, image));
		}
		return undefined;
	};

/** The one image of a session goes into a socket of a case. */
export const toCase = (platform: Platform, set: ValueSet, socket: Socket): Finish =>
	toSocket(platform, socket, itemReceiver(platform, set));

/** The one image of a session becomes the answer to a question that wants a mask. */
export const toAnswer =
	(platform: Platform, answer: ReaderAnswer): Finish =>
	([image, ...more]) => {
		if (image === undefined || more.length > 0) return notSingle;
		answer.image = image.pk;
		saveAnswer(platform, answer);
		return undefined;
	};

/** Adds an empty item to an archive. */
export const addItem = (platform: Platform, archive: string, title: string): ArchiveItem => {
	const item: ArchiveItem = { pk: platform.random.uuid(), archive, title, created: platform.clock.wall(), values: [] };
	platform.store.items.set(item.pk, item);
	return item;
};

/** Adds an empty display set to a study; order 0: after the last one, at the next multiple of ten. */
export const addDisplaySet = (platform: Platform, study: string, title: string, order: number): DisplaySet => {
	const displaySet: DisplaySet = {
		pk: platform.random.uuid(),
		readerStudy: study,
		title,
		order: order === 0 ? nextOrder(platform, study) : order,
		created: platform.clock.wall(),
		values: [],
	};
	platform.store.displaySets.set(displaySet.pk, displaySet);
	return displaySet;
};

/** The order of a display set that comes last in its study. */
export const nextOrder = (platform: Platform, study: string): number => {
	const orders = filterMap(platform.store.displaySets, (other) => other.readerStudy === study).map(
		({ order }) => order,
	);
	return Math.floor((Math.max(0, ...orders) + 10) / 10) * 10;
};

// The pyramid of a TIFF is made later, and appears as one more file.
const postProcess = (platform: Platform, user: number, image: Image) => {
	const { store, clock, settings } = platform;
	if (!image.files.some((file) => file.type === 'TIFF')) return;
	store.postProcessing.set(user, (store.postProcessing.get(user) ?? 0) + 1);
	clock.schedule(settings.importMs * 4, async () => {
		store.postProcessing.set(user, (store.postProcessing.get(user) ?? 1) - 1);
		const index = `<?xml version="1.0" encoding="UTF-8"?>\n<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" Overlap="1" TileSize="254">\n  <Size Height="${image.height ?? 0}" Width="${image.width ?? 0}"/>\n</Image>\n`;
		image.files.push(imageFile(platform, 'DZI', await storeFile(platform, `${image.pk}.dzi`, index)));
	});
};

const dicomClasses = ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.4', '1.2.840.10008.5.1.4.1.1.77.1.6'];
/** Study and series UID, patient, study and accession number, study date, series number. */
const sameInSet = [0x0020000d, 0x0020000e, 0x00100020, 0x00200010, 0x00080050, 0x00080020, 0x00200011];

/** What the platform's own de-identification refuses: other kinds of files, and those that differ from the first of their set. */
const procedureTakes = (start: Buffer, first = start): boolean => {
	const [own, others] = [readDicomElements(start), readDicomElements(first)];
	return dicomClasses.includes(own.text(0x00080016) ?? '') && sameInSet.every((tag) => own.text(tag) === others.text(tag));
};

const importDicom = (platform: Platform, socket: Socket, uploads: Upload[], name: string, receiver: Receiver) => {
	platform.clock.schedule(platform.settings.importMs, async () => {
		const instances: DicomInstance[] = [];
		let first: Buffer | undefined;
		for (const upload of uploads) {
			const start = await headOf(readUpload(upload), Math.min(uploadSize(upload), 1024 ** 2));
			const tags = isDicom(start) ? readDicomTags(start) : undefined;
			if (tags?.sopInstanceUid === undefined || !procedureTakes(start, first) || !platform.store.uploads.has(upload.pk)) {
				receiver.fail('The DICOM files could not be imported');
				return;
			}
			first ??= start;
			instances.push({
				sopInstanceUid: tags.sopInstanceUid,
				studyUid: tags.studyUid ?? '0',
				seriesUid: tags.seriesUid ?? '0',
				frames: tags.frames,
				file: await storeFile(platform, `${tags.sopInstanceUid}.dcm`, readUpload(upload), 'application/dicom'),
			});
		}
		await Promise.all(uploads.map((upload) => removeUpload(platform, upload)));
		receiver.take(imageValue(platform, socket, addDicomImage(platform, name, instances)));
	});
};

/** Puts a DICOM image set on record. */
export const addDicomImage = (platform: Platform, name: string, instances: DicomInstance[]): Image => {
	const image: Image = {
		...blankImage(platform, name, null),
		colorSpace: '',
		dicom: { imageSetId: platform.random.hex(32), instances },
	};
	platform.store.images.set(image.pk, image);
	return image;
};
