import type { IDataObject } from 'n8n-workflow';

import { asText, list, type JsonObject } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, status, error_message, api_url } = asData(entity);
	return { pk, status, error_message, images: list(entity, 'image_set').map((image) => pkOf(asText(image))), api_url };
};
