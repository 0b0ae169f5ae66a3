import type { Collection } from '../api/collection';
import { uploadName } from '../files/names';
import { readSocket, type Socket } from '../api/types';
import { badInput } from '../transport/errors';
import type { Assignment, ValueSource } from './source';

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

const isDicomSet = ({ kind }: Socket): boolean => kind.toLowerCase() === 'dicom image set';

/**
 * Checks completely, before anything is sent, that each socket exists, is named once and takes its source.
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
	const named = `The socket '${socket.slug}' (${socket.kind})`;
	switch (source.from) {
		case 'json':
			if (socket.superKind === 'Image') throw badInput(`${named} takes an image, not a JSON value`, "Use 'File From Binary Data' or 'Existing Image' for it");
			if (!takesJson(socket)) throw badInput(`${named} takes a file, not a JSON value`, "Use 'File From Binary Data' for it");
			if (source.value === null || source.value === undefined) throw badInput(`${named} was given no value`, 'A value may be false, 0 or an empty text, but not null');
			return;
		case 'image':
			if (socket.superKind !== 'Image') throw badInput(`${named} takes ${socket.superKind === 'File' ? 'a file' : 'a JSON value'}, not an image`, `Use ${fieldsFor(socket)} for it`);
			return;
		case 'files':
			if (socket.superKind === 'Value') throw badInput(`${named} takes a JSON value, not a file`, "Read the value with n8n's node 'Extract from File', and use 'JSON Value' for it");
			if (source.files.length === 0) throw badInput(`${named} was given no file`, 'Name the field of the input item that holds the binary data');
			if (socket.superKind === 'File' && source.files.length > 1) throw badInput(`${named} takes one file, not ${source.files.length}`, 'Put the files into one zip file if the socket takes that');
			if (isDicomSet(socket)) throw badInput(`${named} takes files only after they were de-identified, which this version cannot do`, "Upload the series on the site, and use 'Existing Image' for it");
			checkNames(named, source.files.map(({ name }) => uploadName(name)));
	}
};

/** Where a value for a socket that takes no image is put. */
const fieldsFor = (socket: Socket): string =>
	[takesJson(socket) ? "'JSON Value'" : '', socket.superKind === 'File' ? "'File From Binary Data'" : ''].filter(Boolean).join(' or ');

const checkNames = (named: string, names: string[]) => {
	const twice = names.find((name, i) => names.indexOf(name) !== i);
	if (twice !== undefined) throw badInput(`${named} was given two files with the name '${twice}'`, 'The files of one image need different names');
};
