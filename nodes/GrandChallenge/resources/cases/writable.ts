import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { CaseKind, PendingValue, WrittenCase } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { MOST_SESSION_FILES } from '../../../../client/files/sessions';
import { remembering, type Memory } from '../../../n8n/memory';
import { asFlag } from '../../../n8n/parameters';
import { longestWait, longestWaitMs } from '../../fields/options';
import type { GivenValues } from '../../fields/socketValues';
import type { Call } from '../../operation';

/** A sort of case as the node shows it: its operations are made from this. */
export interface WritableCase {
	kind: CaseKind;
	/** e.g. "archive item" */
	singular: string;
	/** e.g. "archive" */
	place: string;
	field: INodeProperties;
	/** Where cases are in. */
	placeField: INodeProperties;
	simplify: (entity: JsonObject) => IDataObject;
	/** Options besides, e.g. the order of display sets. */
	more: INodeProperties[];
	/** Whether a new one comes behind those that are there. */
	ordered: boolean;
}

/** Minutes. Imports take seconds to minutes; the platform gives up after two hours. */
const WAIT = 30;

export const longestImport = longestWait('the images and files to arrive', WAIT);

/** @param otherwise what to do about it later, where it is not waited for */
export const waitForImport = (otherwise: string): INodeProperties => ({
	displayName: 'Wait for Import',
	name: 'waitForImport',
	type: 'boolean',
	default: true,
	description: `Whether to wait until Grand Challenge has imported images and files, so that the next steps find them. ${otherwise}.`,
});

export const waitOptions: INodeProperties[] = [
	longestImport,
	waitForImport("Without it the field 'pending' of the result tells the operation Wait what to wait for"),
];

/** ms, also for the operation Wait. */
export const importMs = (options: JsonObject): number => longestWaitMs(options, WAIT);

/** ms; 0 where nothing is to be waited for. */
export const waitMs = (options: JsonObject): number => (asFlag(options.waitForImport ?? true, 'Wait for Import') ? importMs(options) : 0);

const shownPending = ({ socket, session, before }: PendingValue): IDataObject => ({ socket, session: session ?? null, before: before ?? null });

/** What was done, where files went, and what has still to come. */
const told = ({ outcome, written, pending }: WrittenCase): IDataObject => ({
	outcome,
	...(written.length > 0 ? { files: written.map(({ socket, files, image }) => ({ socket, files, image: image?.pk ?? null, name: image?.name ?? null })) } : {}),
	...(pending.length > 0 ? { pending: pending.map(shownPending) } : {}),
});

/**
 * Writes a case, unless an earlier try of the node has done so; then it is only read again.
 * @returns the item for it
 */
export const writeOnce = async (call: Call, { kind, simplify }: WritableCase, memory: Memory, write: () => Promise<WrittenCase>): Promise<INodeExecutionData[]> => {
	if (memory.pk !== undefined && memory.done) return [{ json: { ...simplify(await kind.cases(call.gc).get(memory.pk)), ...memory.told } }];
	const result = await remembering(memory, kind.key, write);
	Object.assign(memory, { pk: text(result.entity, 'pk'), done: true, told: told(result) });
	return [{ json: { ...simplify(result.entity), ...memory.told } }];
};

/** Says what is lost with images of many files. */
export const hintAtManyFiles = ({ context }: Call, { values }: GivenValues): void => {
	const many = values.find(({ source }) => source.from === 'files' && source.files.length > MOST_SESSION_FILES);
	if (!many) return;
	context.addExecutionHints({
		message: `Grand Challenge does not say why an image of more than ${MOST_SESSION_FILES} files fails, such as the one for the socket '${many.socket}'. A zip file of them has no such limit`,
		type: 'info',
		location: 'outputPane',
	});
};
