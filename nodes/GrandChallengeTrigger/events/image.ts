import { imageAdded as feed } from '../../../client/changes/feed';
import { archiveField, readerStudyField } from '../../GrandChallenge/fields/locator';
import { simplify } from '../../GrandChallenge/resources/image/simplify';
import { whole, type TriggerEvent } from '../event';

export const imageAdded: TriggerEvent = {
	value: 'imageAdded',
	name: 'Image Added',
	description: 'There is a new image in an archive or a reader study',
	plural: 'images',
	dated: false,
	fields: [
		{
			displayName: 'Images Of',
			name: 'imagesOf',
			type: 'options',
			default: 'archive',
			description: 'Where the images are',
			options: [
				{ name: 'Archive', value: 'archive' },
				{ name: 'Reader Study', value: 'readerStudy' },
			],
		},
		{ ...archiveField, displayOptions: { show: { imagesOf: ['archive'] } } },
		{ ...readerStudyField, displayOptions: { show: { imagesOf: ['readerStudy'] } } },
	],
	simplify,
	watch: async ({ gc, parameters, pk }) => {
		const query: Record<string, string> =
			parameters.text('imagesOf') === 'readerStudy' ? { reader_study: await pk(gc.readerStudies, 'readerStudy') } : { archive: await pk(gc.archives, 'archive') };
		return { feed, source: whole(gc.images, query), of: [query] };
	},
};
