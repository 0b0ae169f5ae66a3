import type { IDataObject } from 'n8n-workflow';

import { text, type JsonObject } from '../../../../client/api/json';
import { bySlug, pkOf, readSocketValues } from '../../../../client/api/types';
import { titleOf } from '../../../../client/cases/kinds';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, api_url, order } = asData(entity);
	return {
		pk,
		api_url,
		title: titleOf(entity),
		order,
		reader_study: pkOf(text(entity, 'reader_study')),
		values: asData(bySlug(readSocketValues(entity, 'values'))),
	};
};
