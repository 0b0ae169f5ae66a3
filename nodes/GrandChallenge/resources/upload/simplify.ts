import type { IDataObject } from 'n8n-workflow';

import type { JsonObject } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, filename, status, created, api_url } = asData(entity);
	return { pk, filename, status, created, api_url };
};
