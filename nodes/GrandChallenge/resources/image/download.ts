import { imageFiles } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { readImageFiles } from '../../../../client/api/types';
import { GrandChallengeError } from '../../../../client/transport/errors';
import { imageField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { downloadFiles, imageTypesIn, imageTypesOption } from '../downloading';

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download image',
	description: 'Get all files of an image as binary data, one item per file',
	transfers: true,
	options: [imageTypesOption],
	fields: [imageField],
	execute: async (call) => {
		const types = imageTypesIn(call.options);
		const entity = await call.gc.images.get(call.parameters.text('image'));
		const pk = text(entity, 'pk');
		const about = { image: pk, name: text(entity, 'name') };
		const files = await imageFiles(call.gc.transport, entity, pk, types);
		if (files.length === 0 && types.length > 0) throw noneOf(types, entity);
		return downloadFiles(call, files, about);
	},
};

const noneOf = (types: string[], image: JsonObject) => {
	const there = [...new Set(readImageFiles(image).map(({ imageType }) => imageType))].join(', ') || 'none of these';
	return new GrandChallengeError('notFound', `The image '${text(image, 'pk')}' has no ${types.join(' or ')} file`, {
		advice: `It has ${there}. A whole-slide image gets its DZI some time after the import`,
	});
};
