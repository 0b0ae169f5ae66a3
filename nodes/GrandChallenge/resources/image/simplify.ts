import type { IDataObject } from 'n8n-workflow';

import { list, type JsonObject } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';

export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, name, api_url, width, height, depth, color_space, voxel_width_mm, voxel_height_mm, voxel_depth_mm } = asData(entity);
	const files = list(entity, 'files').length;
	return { pk, name, api_url, width, height, depth, color_space, voxel_size_mm: [voxel_width_mm, voxel_height_mm, voxel_depth_mm], files };
};
