import type { IDataObject } from 'n8n-workflow';

import { text, type JsonObject } from '../../../../client/api/json';
import { uploadSession, waitForImages } from '../../../../client/files/sessions';
import { targetBody } from '../../../../client/files/targets';
import { asIs, withLeft } from '../../../../client/transport/errors';
import { memoryOf, remembering } from '../../../n8n/memory';
import { asChoice, asString, Parameters } from '../../../n8n/parameters';
import { filesField, filesIn, hintAtDicom } from '../../fields/files';
import { archiveField, asFilter, socketField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { longestImport, waitForImport, waitMs } from '../cases/writable';

/** The session of some input items, or the one that an earlier try of the node has made. */
const sessionOnce = async (call: Call, archive: string, socket: string | undefined): Promise<string> => {
	const { context, gc, itemIndex } = call;
	const fields = call.items.map((item) => new Parameters(context, item).raw('field'));
	const memory = memoryOf(context, itemIndex, ['importImages', archive, socket, fields]);
	if (memory.pk !== undefined) return memory.pk;
	const files = call.items.flatMap((item, i) => filesIn({ ...call, itemIndex: item }, fields[i]));
	hintAtDicom(call, files, 'the archive', 'Image: De-Identify DICOM');
	const session = await remembering(memory, 'uploadSession', async () =>
		uploadSession(gc, files, 'the images for the archive', await targetBody(gc, { to: 'archive', identifier: archive, socket }, files)),
	);
	return (memory.pk = text(session, 'pk'));
};

/** @throws GrandChallengeError (badInput) */
const isTogether = (parameters: Parameters): boolean => asChoice(parameters.text('inputItems'), 'Input Items', ['together', 'separate']) === 'together';

const shown = (archive: string, session: JsonObject, images: JsonObject[]): IDataObject => ({
	pk: text(session, 'pk'),
	status: text(session, 'status'),
	archive,
	images: images.map((image) => ({ pk: text(image, 'pk'), name: text(image, 'name'), api_url: text(image, 'api_url') })),
});

export const importImages: Operation = {
	value: 'importImages',
	name: 'Import Images',
	action: 'Import images into archive',
	description: 'Add every image that is found in some files to an archive, as an item of its own',
	makes: 'upload sessions',
	transfers: true,
	groupOf: (parameters) => (isTogether(parameters) ? `archive ${parameters.text('archive')}` : ''),
	fields: [
		archiveField,
		filesField("Several names are separated by commas, and '*' stands for any text, as in 'slice_*'. At most 100 files are imported at a time; a zip file counts as one."),
		{
			displayName: 'Input Items',
			name: 'inputItems',
			type: 'options',
			default: 'together',
			description: 'Which files are imported at a time: only those can make up one image',
			options: [
				{ name: 'All Together', value: 'together', description: 'The files of all input items for the same archive' },
				{ name: 'Each by Itself', value: 'separate', description: 'The files of one input item' },
			],
		},
	],
	options: [
		asFilter(socketField, 'socket', 'Socket', "The socket that each image becomes a value of, 'generic-medical-image' where none is chosen"),
		longestImport,
		waitForImport('Without it Upload Session: Wait takes the pk of the result'),
	],
	execute: async (call) => {
		const { gc, options, parameters } = call;
		const limitMs = waitMs(options);
		isTogether(parameters);
		const archive = parameters.text('archive');
		const session = await sessionOnce(call, archive, asString(options.socket, 'Socket').trim() || undefined);
		try {
			const pk = await gc.archives.pk(archive);
			if (limitMs === 0) return [{ json: shown(pk, await gc.uploadSessions.get(session), []) }];
			const { session: done, images } = await waitForImages(gc, session, limitMs);
			return [{ json: shown(pk, done, images) }];
		} catch (error) {
			throw asIs(withLeft(error, { uploadSession: session }, `The upload session ${session} was made; Upload Session: Wait shows what becomes of it`));
		}
	},
};
