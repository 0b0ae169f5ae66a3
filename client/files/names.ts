import { decoded } from '../api/json';
import type { FileSource } from '../ports';
import { badInput } from '../transport/errors';

/** Types of the formats that meet here; n8n would call most of them text. */
const MIME_TYPES: Record<string, string> = {
	biom: 'application/octet-stream',
	csv: 'text/csv',
	dcm: 'application/dicom',
	dzi: 'application/xml',
	gz: 'application/gzip',
	jpeg: 'image/jpeg',
	jpg: 'image/jpeg',
	json: 'application/json',
	mp4: 'video/mp4',
	newick: 'text/plain',
	obj: 'model/obj',
	pdf: 'application/pdf',
	png: 'image/png',
	tif: 'image/tiff',
	tiff: 'image/tiff',
	zip: 'application/zip',
};

/** Explicit type for a file name; `application/octet-stream` for MHA, ZRAW and whatever is not known. */
export const mimeTypeOf = (name: string): string => MIME_TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';

const LONGEST_NAME = 200;

/** One step of a path that no file system stumbles over; never empty, never a way up. */
const safeStep = (step: string): string => {
	// What Windows does not allow is left out too: the path may be written there.
	const plain = step.replace(/[\p{Cc}<>:"|?*\\]/gu, '_').replace(/[. ]+$/, '').trim();
	return plain.length > LONGEST_NAME ? plain.slice(-LONGEST_NAME) : plain;
};

/**
 * A relative path with forward slashes, from parts that came over the network. Empty steps, `.` and `..` are dropped,
 * so the result always stays below the folder it is put in.
 */
export const safePath = (...parts: string[]): string =>
	parts
		.flatMap((part) => part.split(/[/\\]/))
		.map(safeStep)
		.filter((step) => step !== '' && step !== '.' && step !== '..')
		.join('/');

/** The name behind the last slash. */
export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? '';

/** The file name in a media URL. */
export const nameInUrl = (url: string): string => {
	const name = baseName(URL.canParse(url) ? new URL(url).pathname : url.replace(/[?#].*$/, ''));
	return decoded(name);
};

const LONGEST_UPLOAD_NAME = 128;

/**
 * A file name as the platform takes it for an upload: no folder, at most 128 characters. The end is kept, since the
 * ending decides how a file is imported.
 * @see the API sheet, section 11
 */
export const uploadName = (name: string): string => {
	const plain = baseName(name).replace(/\p{Cc}/gu, '').trim().replace(/^\.+$/, '');
	return plain.slice(-LONGEST_UPLOAD_NAME) || 'file';
};

/**
 * One of several files in words, for messages: by its place, since its name may be that of a patient.
 * @param what it is, in words
 */
export const inPlace = (what: string, files: ReadonlyArray<Pick<FileSource, 'place'>>, i: number): string => {
	const place = files[i]?.place;
	return `${what}${files.length > 1 ? ` ${i + 1} of ${files.length}` : ''}${place === undefined ? '' : ` (${place})`}`;
};

/**
 * @param named what the files are for, in words
 * @throws GrandChallengeError (badInput) for two files of one name, which the platform could not tell apart
 */
export const checkNames = (named: string, files: FileSource[]): void => {
	const names = files.map(({ name }) => uploadName(name));
	const second = names.findIndex((name, i) => names.indexOf(name) !== i);
	if (second < 0) return;
	const [one, other] = [names.indexOf(names[second] ?? ''), second].map((i) => inPlace('file', files, i));
	throw badInput(`${named} was given two files of the same name: ${one} and ${other}`, 'Files that are imported together need different names');
};
