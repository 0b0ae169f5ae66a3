import type { IDataObject } from 'n8n-workflow';

import { inSeconds } from '../../../../client/api/duration';
import { text, type JsonObject } from '../../../../client/api/json';
import { pkOf } from '../../../../client/api/types';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, answer, creator, modified, is_ground_truth } = asData(entity);
	return {
		pk,
		answer,
		question: pkOf(text(entity, 'question')),
		display_set: pkOf(text(entity, 'display_set')),
		creator,
		modified,
		is_ground_truth,
		answer_image: pkOf(text(entity, 'answer_image')) || null,
		last_edit_seconds: inSeconds(entity.last_edit_duration),
		total_edit_seconds: inSeconds(entity.total_edit_duration),
	};
};
