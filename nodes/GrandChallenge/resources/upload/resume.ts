import { resumeUpload } from '../../../../client/files/upload';
import { uploadField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { fileField, fileIn } from './file';
import { simplify } from './simplify';

export const resume: Operation = {
	value: 'resume',
	name: 'Resume',
	action: 'Resume upload',
	description: 'Send what is missing of an upload that was broken off, and complete it',
	transfers: true,
	fields: [uploadField, fileField],
	execute: async (call) => [{ json: simplify(await resumeUpload(call.gc, call.parameters.text('upload'), fileIn(call))) }],
};
