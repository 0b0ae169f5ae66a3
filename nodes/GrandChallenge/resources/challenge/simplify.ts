import type { IDataObject } from 'n8n-workflow';

import type { JsonObject } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { slug, title, description, url, api_url, status, start_date, end_date, modified } = asData(entity);
	return { slug, title, description, url, api_url, status, public: entity.public === true, start_date, end_date, modified };
};
