import { text } from '../../../../client/api/json';
import { createUpload, resumeUpload } from '../../../../client/files/upload';
import { memoryOf, remembering } from '../../../n8n/memory';
import type { Operation } from '../../operation';
import { fileField, fileIn } from './file';
import { simplify } from './simplify';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Upload file',
	description: 'Send a file to Grand Challenge, to be used once in an upload session or as the value of a socket within a day',
	fields: [fileField],
	makes: 'uploads',
	transfers: true,
	execute: async (call) => {
		const { context, gc, itemIndex, parameters } = call;
		const file = fileIn(call);
		const memory = memoryOf(context, itemIndex, ['upload', parameters.raw('field')]);
		const { pk } = memory;
		const upload = await remembering(memory, 'upload', () => (pk === undefined ? createUpload(gc, file) : resumeUpload(gc, pk, file)));
		memory.pk = text(upload, 'pk');
		return [{ json: simplify(upload) }];
	},
};
