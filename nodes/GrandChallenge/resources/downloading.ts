import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { filesOfValue, type RemoteFile, type SocketValue } from '../../../client';
import { pkOf } from '../../../client/api/types';
import { safePath } from '../../../client/files/names';
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

/**
 * The files of one socket value, an item each; a JSON value is a file too and stands in the item besides.
 * @param casePk folder of the paths
 * @param about goes into every item
 */
export const downloadValue = async (call: Call, casePk: string, value: SocketValue, about: IDataObject): Promise<INodeExecutionData[]> => {
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
	const items: INodeExecutionData[] = [];
	for (const remote of await filesOfValue(call.gc.transport, value)) {
		items.push(await downloadedItem(call, { ...remote, path: safePath(casePk, remote.path) }, described));
	}
	return items;
};

export const downloadValues = async (call: Call, casePk: string, values: SocketValue[], about: IDataObject): Promise<INodeExecutionData[]> => {
	const items: INodeExecutionData[] = [];
	for (const value of values) items.push(...(await downloadValue(call, casePk, value, about)));
	return items;
};
