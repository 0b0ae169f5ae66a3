import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { filesOfValue, type RemoteFile, type SocketValue } from '../../../client';
import { safePath } from '../../../client/files/names';
import { pkOf } from '../../../client/api/types';
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
 * All files of some socket values, an item each; JSON values are files too and stand in the item besides.
 * @param casePk folder of the paths
 * @param about goes into every item
 * @param ofValue what else goes into the items of a value
 */
export const downloadValues = async (
	call: Call,
	casePk: string,
	values: SocketValue[],
	about: IDataObject,
	ofValue: (value: SocketValue) => IDataObject = () => ({}),
): Promise<INodeExecutionData[]> => {
	const items: INodeExecutionData[] = [];
	for (const value of values) {
		const { socket, pk, image, file } = value;
		if (value.value === null && image === undefined && file === undefined) continue;
		const described: IDataObject = {
			...about,
			socket: socket.slug,
			valuePk: pk,
			...(image === undefined ? {} : { image: pkOf(image) }),
			...(image === undefined && file === undefined ? { value: asData({ value: value.value }).value } : {}),
			...ofValue(value),
		};
		for (const remote of await filesOfValue(call.gc.transport, value)) {
			items.push(await downloadedItem(call, { ...remote, path: safePath(casePk, remote.path) }, described));
		}
	}
	return items;
};
