/**
 * What of an archive was delivered already. A value of the platform never changes, a new one gets a new pk: so the pair
 * of item and value identifies a delivery (API sheet, section 8.9).
 */
export type Delivered = Record<string, number[]>;

/** One file that has arrived. A value may consist of several, such as the header and the voxels of an image. */
export interface DeliveredFile {
	archive: string;
	item: string;
	value: number;
	/** Number of the file within its value, from 0. */
	file: number;
	/** How many files the value has. */
	files: number;
}

export const isDelivered = (delivered: Delivered | undefined, item: string, value: number | undefined): boolean =>
	value !== undefined && (delivered?.[item]?.includes(value) ?? false);

/**
 * Adds the values of which all files are there; the others come again.
 * @param files of one archive
 * @returns a new object, since n8n saves only what is assigned anew
 */
export const withDelivered = (delivered: Delivered | undefined, files: DeliveredFile[]): Delivered => {
	const result: Delivered = { ...delivered };
	const arrived = new Map<string, Set<number>>();
	for (const { item, value, file, files: all } of files) {
		const key = `${item} ${value}`;
		const parts = arrived.get(key) ?? new Set<number>();
		arrived.set(key, parts.add(file));
		if (parts.size >= all && !isDelivered(result, item, value)) result[item] = [...(result[item] ?? []), value];
	}
	return result;
};
