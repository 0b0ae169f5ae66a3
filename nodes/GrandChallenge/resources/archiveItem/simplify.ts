import type { IDataObject } from 'n8n-workflow';

import { bySlug, readSocketValues } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => ({
	pk: text(entity, 'pk'),
	title: text(entity, 'title'),
	archive: pkOf(text(entity, 'archive')),
	values: asData(bySlug(readSocketValues(entity, 'values'))),
});
