import type { IDataObject } from 'n8n-workflow';

import { bySlug, readSocketValues } from '../../../../client';
import { inSeconds } from '../../../../client/api/duration';
import { text, type JsonObject } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => ({
	pk: text(entity, 'pk'),
	status: text(entity, 'status'),
	url: text(entity, 'url'),
	algorithm: pkOf(text(entity, 'algorithm')),
	inputs: asData(bySlug(readSocketValues(entity, 'inputs'))),
	outputs: asData(bySlug(readSocketValues(entity, 'outputs'))),
	exec_seconds: inSeconds(entity.exec_duration),
});
