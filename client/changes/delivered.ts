/**
 * What of an archive was delivered already. A value of the platform never changes, a new one gets a new pk: so the pair
 * of item and value identifies a delivery (API sheet, section 8.9).
 */
export type Delivered = Record<string, number[]>;

export interface Delivery {
	archive: string;
	item: string;
	value: number;
}

export const isDelivered = (delivered: Delivered | undefined, item: string, value: number | undefined): boolean =>
	value !== undefined && (delivered?.[item]?.includes(value) ?? false);

/** @returns a new object, since n8n saves only what is assigned anew */
export const withDelivered = (delivered: Delivered | undefined, deliveries: Delivery[]): Delivered => {
	const result: Delivered = { ...delivered };
	for (const { item, value } of deliveries) {
		const known = result[item] ?? [];
		if (!known.includes(value)) result[item] = [...known, value];
	}
	return result;
};
