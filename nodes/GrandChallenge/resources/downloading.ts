import type { IBinaryKeyData, IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { filesOfValue, imageTypes, type RemoteFile, type SocketValue } from '../../../client';
import { text, type JsonObject } from '../../../client/api/json';
import { pkOf, summarise } from '../../../client/api/types';
import { safePath } from '../../../client/files/names';
import { severalAtOnce } from '../../../client/slots';
import { asData } from '../../n8n/data';
import { binarySink } from '../../n8n/binary';
import { asChoice, asString, asTexts } from '../../n8n/parameters';
import type { Call } from '../operation';

/** Brings one file into n8n's binary storage. */
export const downloadedItem = async (call: Call, file: RemoteFile, about: IDataObject): Promise<INodeExecutionData> => {
	const { stored, bytes } = await file.fetch(binarySink(call.context));
	return {
		json: { ...about, fileName: file.name, path: file.path, mimeType: file.mimeType, bytes },
		binary: { data: stored },
		pairedItem: { item: call.itemIndex },
	};
};

/** Brings files into n8n's binary storage, several at once; an item each, in their order. */
export const downloadFiles = (call: Call, files: RemoteFile[], about: IDataObject): Promise<INodeExecutionData[]> =>
	severalAtOnce(files, call.gc.transport.limits.downloads.room, (file) => downloadedItem(call, file, about));

export const imageTypesOption: INodeProperties = {
	displayName: 'Image Types',
	name: 'imageTypes',
	type: 'multiOptions',
	default: [],
	description: 'Which files of images to download: a whole-slide image, for one, has a TIFF and an index for viewers. All of them if none is chosen.',
	options: [
		{ name: 'DICOM', value: 'DICOM', description: 'The instances of DICOM image sets' },
		{ name: 'DZI', value: 'DZI', description: 'The index of the tiles that viewers show, without the tiles' },
		{ name: 'MetaImage', value: 'MHD', description: 'MHA files, or the pairs of older images' },
		{ name: 'TIFF', value: 'TIFF' },
	],
};

/** @throws GrandChallengeError (badInput) */
export const imageTypesIn = ({ imageTypes: given }: JsonObject): string[] =>
	asTexts(given ?? [], 'Image Types').map((type) => asChoice(type, 'Image Types', imageTypes));

/** Options of all operations that fetch the values of a case or a job. */
export const downloadOptions: INodeProperties[] = [
	{
		displayName: 'Folder Name',
		name: 'folder',
		type: 'options',
		default: 'pk',
		description: "What 'path' begins with. Where a title or an image has no name, the ID is used.",
		options: [
			{ name: 'ID', value: 'pk' },
			{ name: 'Image Name', value: 'image', description: 'The name of the first image, with the beginning of the ID, since names repeat' },
			{ name: 'Title', value: 'title' },
		],
	},
	imageTypesOption,
	{
		displayName: 'JSON Values',
		name: 'jsonValues',
		type: 'options',
		default: 'files',
		description: 'How values that are no files come',
		options: [
			{ name: 'As Files', value: 'files', description: "JSON files, with the value in the field 'value' besides" },
			{ name: 'In the Item', value: 'inline', description: "Only in the field 'value' of the item" },
		],
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'file',
		description: 'What an output item holds',
		options: [
			{ name: 'One Item per Case', value: 'case', description: 'All files of a case, in binary fields named by their sockets' },
			{ name: 'One Item per File', value: 'file', description: "One file, in the binary field 'data'" },
		],
	},
	{
		displayName: 'Sockets',
		name: 'sockets',
		type: 'string',
		default: '',
		placeholder: 'e.g. ct-image, radiology-report',
		description: 'Slugs of the sockets to download, separated by commas. All when empty.',
	},
];

/** What a person wants to have of a case. */
export interface Wish {
	folder: 'pk' | 'title' | 'image';
	/** Of the files of images; all where there is none. */
	imageTypes: string[];
	inline: boolean;
	perCase: boolean;
	takes: (value: SocketValue) => boolean;
}

/** @throws GrandChallengeError (badInput) */
export const wishOf = (options: JsonObject): Wish => {
	const folder = asChoice(options.folder ?? 'pk', 'Folder Name', ['pk', 'title', 'image']);
	const inline = asChoice(options.jsonValues ?? 'files', 'JSON Values', ['files', 'inline']) === 'inline';
	const perCase = asChoice(options.output ?? 'file', 'Output', ['file', 'case']) === 'case';
	const sockets = asString(options.sockets, 'Sockets').split(',').map((slug) => slug.trim()).filter(Boolean);
	return { folder, imageTypes: imageTypesIn(options), inline, perCase, takes: ({ socket }) => sockets.length === 0 || sockets.includes(socket.slug) };
};

/** A case or job whose values are fetched. */
export interface DownloadedCase {
	pk: string;
	title: string;
	values: SocketValue[];
	/** What every item tells of it. */
	about: IDataObject;
}

/** The folder that the paths of a case begin with. */
export const folderOf = async ({ gc }: Call, { folder }: Wish, { pk, title, values }: DownloadedCase): Promise<string> => {
	const image = folder === 'image' ? values.find((value) => value.image !== undefined)?.image : undefined;
	if (image !== undefined) {
		const name = safePath(text(await gc.images.getOnce(image), 'name').replaceAll('/', '_').replace(/\.[^.]+$/, ''));
		if (name !== '') return `${name}-${pk.slice(0, 8)}`;
	}
	return (folder === 'title' && safePath(title.replaceAll('/', '_'))) || pk;
};

/** The files of one socket value, an item each; a JSON value is a file too and stands in the item besides. */
export const downloadValue = async (call: Call, wish: Wish, folder: string, value: SocketValue, about: IDataObject): Promise<INodeExecutionData[]> => {
	const { socket, pk, image, file } = value;
	const isJson = image === undefined && file === undefined;
	if (isJson && value.value === null) return [];
	const described: IDataObject = {
		...about,
		socket: socket.slug,
		valuePk: pk,
		...(image === undefined ? {} : { image: pkOf(image) }),
		...(isJson ? asData({ value: value.value }) : {}),
	};
	if (isJson && wish.inline) return [{ json: described }];
	const files = await filesOfValue(call.gc.transport, value, wish.imageTypes);
	return downloadFiles(call, files.map((remote) => ({ ...remote, path: safePath(folder, remote.path) })), described);
};

/** Fetches what is wanted of a case. */
export const downloadCase = async (call: Call, wish: Wish, of: DownloadedCase): Promise<INodeExecutionData[]> => {
	const values = of.values.filter(wish.takes);
	const folder = await folderOf(call, wish, of);
	const items = await severalAtOnce(values, call.gc.transport.limits.downloads.room, (value) => downloadValue(call, wish, folder, value, of.about));
	return wish.perCase ? [asOneItem(folder, of, items.flat())] : items.flat();
};

/** What an item tells of a case, and not of one of its files. */
export const asOneItem = (folder: string, { about, values }: DownloadedCase, items: INodeExecutionData[]): INodeExecutionData => {
	const fetched = new Set(items.map(({ json }) => text(json, 'socket')));
	const bySocket = values.filter(({ socket }) => fetched.has(socket.slug)).map((value) => [value.socket.slug, summarise(value)]);
	const { names, binary } = bySlug(items);
	const files = items.flatMap(({ json: { socket, fileName, path, mimeType, bytes, image } }, i) =>
		fileName === undefined ? [] : [{ field: names[i], socket, fileName, path, mimeType, bytes, image }],
	);
	return { json: { ...about, folder, values: asData(Object.fromEntries(bySocket)), files }, binary };
};

/** The files of items under the slugs of their sockets; further files of an image get a number behind it. */
const bySlug = (items: INodeExecutionData[]): { names: string[]; binary: IBinaryKeyData } => {
	const binary: IBinaryKeyData = {};
	const names = items.map((item) => {
		const slug = text(item.json, 'socket');
		let name = slug;
		for (let n = 2; name in binary; n++) name = `${slug}_${n}`;
		if (item.binary?.data) binary[name] = item.binary.data;
		return name;
	});
	return { names, binary };
};

export const binaryBySlug = (items: INodeExecutionData[]): IBinaryKeyData => bySlug(items).binary;
