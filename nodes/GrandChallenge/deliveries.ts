import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isObject, number, text } from '../../client/api/json';
import { withDelivered, type Delivered, type DeliveredFile } from '../../client/changes/delivered';

export type { DeliveredFile };

/** Static data of the workflow, shared by the node that downloads and the one that marks. */
const keyOf = (archive: string) => `grandChallenge.delivered.${archive}`;

export const deliveredFrom = (context: IExecuteFunctions, archive: string): Delivered => read(context.getWorkflowStaticData('global'), archive);

const read = (data: IDataObject, archive: string): Delivered => {
	const known = data[keyOf(archive)];
	if (!isObject(known)) return {};
	return Object.fromEntries(
		Object.entries(known).map(([item, values]) => [
			item,
			Array.isArray(values) ? values.filter((value): value is number => typeof value === 'number') : [],
		]),
	);
};

/** n8n saves the static data with the execution, but only of executions that were not started by hand in the editor. */
export const markDelivered = (context: IExecuteFunctions, files: DeliveredFile[]): void => {
	const data = context.getWorkflowStaticData('global');
	for (const archive of new Set(files.map((file) => file.archive))) {
		const ofArchive = files.filter((file) => file.archive === archive);
		data[keyOf(archive)] = withDelivered(read(data, archive), ofArchive);
	}
};

/** What Archive: Download put into an item: of one file, or of all files of a case. Empty for other items. */
export const deliveriesOf = ({ delivery }: IDataObject): DeliveredFile[] => (Array.isArray(delivery) ? delivery : [delivery]).flatMap((entry) => deliveryIn(entry) ?? []);

const deliveryIn = (delivery: unknown): DeliveredFile | undefined => {
	const [archive, item] = [text(delivery, 'archive'), text(delivery, 'item')];
	const [value, file, files] = [number(delivery, 'value'), number(delivery, 'file'), number(delivery, 'files')];
	if (!archive || !item || value === undefined || file === undefined || files === undefined) return undefined;
	return { archive, item, value, file, files };
};
