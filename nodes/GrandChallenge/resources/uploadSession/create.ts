import type { INodeProperties } from 'n8n-workflow';

import { text } from '../../../../client/api/json';
import { uploadSession } from '../../../../client/files/sessions';
import { targetBody, type ImageTarget } from '../../../../client/files/targets';
import { badInput } from '../../../../client/transport/errors';
import { memoryOf, remembering } from '../../../n8n/memory';
import { asChoice, type Parameters } from '../../../n8n/parameters';
import { filesField, filesIn, hintAtDicom } from '../../fields/files';
import { archiveField, archiveItemField, asFilter, displaySetField, socketField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { simplify } from './simplify';

/** Not required: n8n would ask for all of them where an expression decides which one is shown. */
const shownFor = (to: string[], field: INodeProperties, description?: string): INodeProperties => ({
	...asFilter(field, field.name, field.displayName, description),
	displayOptions: { show: { target: to } },
});

const fields: INodeProperties[] = [
	filesField("Several names, separated by commas, put several files into the session, 100 at the most. '*' stands for any text, as in 'slice_*'."),
	{
		displayName: 'Images Go To',
		name: 'target',
		type: 'options',
		default: 'none',
		description: 'What happens to the images of the files',
		options: [
			{ name: 'Archive', value: 'archive', description: 'Each image becomes an archive item' },
			{ name: 'Archive Item', value: 'archiveItem', description: 'The files make up one image, the value of a socket' },
			{ name: 'Display Set', value: 'displaySet', description: 'The files make up one image, the value of a socket' },
			{ name: 'Nothing Yet', value: 'none', description: 'The session waits to be used as the value of a socket' },
		],
	},
	shownFor(['archive'], archiveField),
	shownFor(['archiveItem'], archiveItemField),
	shownFor(['displaySet'], displaySetField),
	shownFor(['archive', 'archiveItem', 'displaySet'], socketField, "The socket that the image becomes a value of; archives use 'generic-medical-image' where none is chosen"),
];

const targetIn = (parameters: Parameters): ImageTarget | undefined => {
	const to = asChoice(parameters.text('target'), 'Images Go To', ['archive', 'archiveItem', 'displaySet', 'none']);
	if (to === 'none') return undefined;
	const socket = parameters.text('socket', '').trim() || undefined;
	if (socket === undefined && to !== 'archive') throw badInput('No socket is chosen for the image', "Choose a 'Socket'");
	return { to, identifier: parameters.text(to, ''), socket };
};

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create upload session',
	description: 'Send files that are to be imported as images, and register them or say where their images go to',
	fields,
	makes: 'upload sessions',
	transfers: true,
	execute: async (call) => {
		const { context, gc, itemIndex, parameters } = call;
		const target = targetIn(parameters);
		const memory = memoryOf(context, itemIndex, ['uploadSession', parameters.raw('field'), target]);
		if (memory.pk !== undefined) return [{ json: simplify(await gc.uploadSessions.get(memory.pk)) }];
		const files = filesIn(call, parameters.raw('field'));
		hintAtDicom(call, files, 'the upload session', 'Image: De-Identify DICOM');
		const session = await remembering(memory, 'uploadSession', async () =>
			uploadSession(gc, files, 'the upload session', target && (await targetBody(gc, target, files))),
		);
		memory.pk = text(session, 'pk');
		return [{ json: simplify(session) }];
	},
};
