import type { IDataObject } from 'n8n-workflow';

import { text, type JsonObject } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, url, api_url, created, import_status } = asData(entity);
	return { pk, algorithm: pkOf(text(entity, 'algorithm')), import_status, created, url, api_url };
};
