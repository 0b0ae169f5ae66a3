import type { Collection } from '../api/collection';
import { readSocket, type Socket } from '../api/types';
import { checkNames } from '../files/names';
import { badInput } from '../transport/errors';
import type { Assignment, DicomWish, ValueSource } from './source';

/** An assignment whose socket is known and takes its source. */
export interface CheckedAssignment {
	socket: Socket;
	source: ValueSource;
}

/** Kinds whose File is not JSON (API sheet, section 9.1); all other File sockets hold JSON. */
const FILE_KINDS = [
	'pdf file',
	'sqreg file',
	'thumbnail jpg',
	'thumbnail png',
	'obj file',
	'mp4 file',
	'newick tree-format file',
	'biom format',
	'csv file',
	'zip file',
];

export const takesJson = ({ superKind, kind }: Socket): boolean =>
	superKind === 'Value' || (superKind === 'File' && !FILE_KINDS.includes(kind.toLowerCase()));

export const isDicomSet = ({ kind }: Socket): boolean => kind.toLowerCase() === 'dicom image set';

/**
 * Checks before anything is sent that each socket exists, is named once and takes its source.
 * @param socketOf finds a socket; lets jobs use the sockets of their algorithm
 * @throws GrandChallengeError (badInput, notFound)
 */
export const checkAssignments = async (
	assignments: Assignment[],
	socketOf: (identifier: string) => Promise<Socket>,
): Promise<CheckedAssignment[]> => {
	const checked: CheckedAssignment[] = [];
	for (const { socket: identifier, source } of assignments) {
		const socket = await socketOf(identifier);
		if (checked.some((other) => other.socket.slug === socket.slug)) {
			throw badInput(`The socket '${socket.slug}' is given twice`, 'Each socket of a case holds one value');
		}
		checkSource(socket, source);
		checked.push({ socket, source });
	}
	return checked;
};

export const socketFrom =
	(sockets: Collection) =>
	async (identifier: string): Promise<Socket> =>
		readSocket(await sockets.getOnce(identifier));

const checkSource = (socket: Socket, source: ValueSource): void => {
	const named = nameOf(socket);
	const isImage = socket.superKind === 'Image';
	switch (source.from) {
		case 'json':
			if (isImage) throw badInput(`${named} takes an image, not a JSON value`, `Use ${fieldsFor(socket)} for it`);
			if (!takesJson(socket)) throw badInput(`${named} takes a file, not a JSON value`, `Use ${fieldsFor(socket)} for it`);
			if (source.value === null || source.value === undefined) throw badInput(`${named} was given no value`, 'A value may be false, 0 or an empty text, but not null');
			return;
		case 'image':
			if (!isImage) throw badInput(`${named} takes ${kindOf(socket)}, not an image`, `Use ${fieldsFor(socket)} for it`);
			return;
		case 'files':
			if (source.files.length === 0) throw badInput(`${named} was given no file`, 'Name the field of the input item that holds the binary data');
			if (!isImage && source.files.length > 1) throw badInput(`${named} takes one file, not ${source.files.length}`, socket.superKind === 'File' ? 'Put the files into one zip file if the socket takes that' : 'Give one JSON file');
			if (isDicomSet(socket) || source.dicom) return checkDicomSource(socket, source.dicom);
			checkNames(named, source.files);
			return;
		case 'upload':
			if (socket.superKind !== 'File') throw badInput(`${named} takes ${kindOf(socket)}, not one upload`, `Use ${fieldsFor(socket)} for it`);
			return;
		case 'session':
			if (!isImage) throw badInput(`${named} takes ${kindOf(socket)}, not an image of an upload session`, `Use ${fieldsFor(socket)} for it`);
			return;
		case 'value':
			checkValue(socket, source.value.socket, source.value);
	}
};

const checkDicomSource = (socket: Socket, dicom: DicomWish | undefined): void => {
	const named = nameOf(socket);
	const isSet = isDicomSet(socket);
	if (!dicom) throw badInput(`${named} takes DICOM files, which are de-identified before they are sent`, "Use 'DICOM Files From Binary Data' for it");
	if (socket.superKind !== 'Image') throw badInput(`${named} takes ${kindOf(socket)}, not DICOM files`, `Use ${fieldsFor(socket)} for it`);
	if (isSet && dicom.imageName === '') throw badInput(`${named} was given no name for its image`, "Fill in 'Image Name'");
	if (!isSet && dicom.imageName !== '') throw badInput(`${named} names its image by itself`, "Leave 'Image Name' empty. Only sockets of the kind DICOM Image Set take a name");
};

/** Between sockets of one kind everything fits; else a value has to be of the sort that the socket takes. */
const checkValue = (socket: Socket, origin: Socket, { image, file }: { image?: string; file?: string }): void => {
	const fits = image !== undefined ? socket.superKind === 'Image' : file === undefined ? takesJson(socket) : socket.superKind === 'File' || (takesJson(socket) && takesJson(origin));
	if (!fits) throw badInput(`${nameOf(socket)} takes ${kindOf(socket)}, and the value of '${origin.slug}' is ${image !== undefined ? 'an image' : file !== undefined ? 'a file' : 'a JSON value'}`, 'Choose the sockets to be copied, or map them to others');
};

/** A socket in words, for messages. */
export const nameOf = ({ slug, kind }: Socket) => `The socket '${slug}' (${kind})`;

const kindOf = ({ superKind }: Socket) => ({ Image: 'an image', File: 'a file', Value: 'a JSON value' })[superKind];

/** Fields of the node in which a value for the socket is put. */
const fieldsFor = (socket: Socket): string => {
	if (socket.superKind === 'Image') return "'File From Binary Data' or 'Existing Image'";
	return [takesJson(socket) ? "'JSON Value'" : '', socket.superKind === 'File' ? "'File From Binary Data'" : ''].filter(Boolean).join(' or ');
};
