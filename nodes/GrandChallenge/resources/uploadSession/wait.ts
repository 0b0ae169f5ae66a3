import { waitForSession } from '../../../../client/files/sessions';
import { uploadSessionField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { importMs, longestImport } from '../cases/writable';
import { simplify } from './simplify';

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for upload session',
	description: 'Go on when the files of an upload session have been imported; one that only waits to be used is not imported',
	fields: [uploadSessionField],
	options: [longestImport],
	execute: async ({ gc, options, parameters }) => {
		const limitMs = importMs(options);
		const pk = await gc.uploadSessions.pk(parameters.text('uploadSession'));
		return [{ json: simplify(await waitForSession(gc, pk, limitMs)) }];
	},
};
