import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { filesOfValue, type RemoteFile, type SocketValue } from '../../../client';
import { pkOf } from '../../../client/api/types';
import { safePath } from '../../../client/files/names';
import { severalAtOnce } from '../../../client/slots';
import { asData } from '../../n8n/data';
import { binarySink } from '../../n8n/binary';
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

/** A file to be fetched, and what its item tells besides. */
interface Wanted {
	file: RemoteFile;
	about: IDataObject;
}

/** Brings files into n8n's binary storage, several at once; an item each, in their order. */
export const downloadFiles = (call: Call, files: Wanted[]): Promise<INodeExecutionData[]> =>
	severalAtOnce(files, call.gc.transport.limits.downloads.room, ({ file, about }) => downloadedItem(call, file, about));

/** The files of one socket value; a JSON value is a file too and stands in the item besides. */
const filesOf = async (call: Call, casePk: string, value: SocketValue, about: IDataObject): Promise<Wanted[]> => {
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
	const files = await filesOfValue(call.gc.transport, value);
	return files.map((remote) => ({ file: { ...remote, path: safePath(casePk, remote.path) }, about: described }));
};

/**
 * Fetches all that socket values consist of.
 * @param casePk folder of the paths
 * @param about goes into every item
 */
export const downloadValues = async (call: Call, casePk: string, values: SocketValue[], about: IDataObject): Promise<INodeExecutionData[]> => {
	const files: Wanted[] = [];
	for (const value of values) files.push(...(await filesOf(call, casePk, value, about)));
	return downloadFiles(call, files);
};
