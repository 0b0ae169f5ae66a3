import { waitForCase, type PendingValue } from '../../../../client';
import { number, parseJson, text } from '../../../../client/api/json';
import { badInput } from '../../../../client/transport/errors';
import type { Parameters } from '../../../n8n/parameters';
import type { Operation } from '../../operation';
import { importMs, longestImport, type WritableCase } from './writable';

/** Waits for what Create and Update have left to the platform. */
export const waitOperation = ({ kind, singular, field, simplify }: WritableCase): Operation => ({
	value: 'wait',
	name: 'Wait',
	action: `Wait for import into ${singular}`,
	description: 'Go on when the images and files of a case have arrived',
	fields: [
		field,
		{
			displayName: 'Wait For',
			name: 'pending',
			type: 'string',
			default: '={{ $json.pending }}',
			placeholder: 'e.g. ct-image, radiology-report',
			description: "What has still to come: the field 'pending' of Create or Update, or slugs of sockets separated by commas",
		},
	],
	options: [longestImport],
	execute: async ({ gc, options, parameters }) => {
		const limitMs = importMs(options);
		const entity = await waitForCase(gc, kind, parameters.text(field.name), pendingIn(parameters), limitMs);
		return [{ json: simplify(entity) }];
	},
});

/** Where nothing was pending, Create gives no such field, and there is nothing to wait for. */
const pendingIn = (parameters: Parameters): PendingValue[] => {
	const given = parameters.raw('pending') ?? [];
	const value = typeof given === 'string' && given.trim().startsWith('[') ? parseJson(given)?.value : given;
	if (Array.isArray(value)) return value.map(readPending);
	const slugs = parameters.text('pending').split(',').map((slug) => slug.trim()).filter(Boolean);
	return slugs.map((socket) => ({ socket }));
};

const readPending = (entry: unknown): PendingValue => {
	const socket = text(entry, 'socket');
	if (socket !== '') return { socket, session: text(entry, 'session') || undefined, before: number(entry, 'before') };
	throw badInput("'Wait For' is not what Create or Update gives in 'pending'", "Use the expression {{ $json.pending }}, or slugs of sockets separated by commas");
};
