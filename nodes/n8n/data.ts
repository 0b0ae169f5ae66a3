import type { IDataObject } from 'n8n-workflow';

/** What came as JSON is what n8n calls a data object; both only name the same thing differently. */
const isData = (value: object): value is IDataObject => !Array.isArray(value);

export const asData = (value: unknown): IDataObject => (typeof value === 'object' && value !== null && isData(value) ? value : {});
