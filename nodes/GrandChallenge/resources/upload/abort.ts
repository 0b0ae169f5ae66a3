import { abortUpload } from '../../../../client/files/upload';
import { uploadField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { simplify } from './simplify';

export const abort: Operation = {
	value: 'abort',
	name: 'Abort',
	action: 'Abort upload',
	description: 'Give up an upload that is not complete, so that it does not count against the limits of this account',
	fields: [uploadField],
	execute: async ({ gc, parameters }) => [{ json: simplify(await abortUpload(gc, parameters.text('upload'))) }],
};
