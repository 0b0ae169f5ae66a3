import type { IBinaryData, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { FileSource } from '../../../client';
import { mayNamePatient } from '../../../client/dicom/files';
import type { DicomWish } from '../../../client/sockets/source';
import { badInput } from '../../../client/transport/errors';
import { binarySource } from '../../n8n/binary';
import { asBinaryField, asFlag, asString } from '../../n8n/parameters';
import type { Call } from '../operation';

const ONE_IMAGE = "Several names, separated by commas, make one image of several files. '*' stands for any text, as in 'slice_*'.";

/** @param description what several names and '*' in a name do */
export const filesField = (description = ONE_IMAGE): INodeProperties => ({
	displayName: 'Input Data Field Name',
	name: 'field',
	type: 'string',
	default: 'data',
	hint: 'The name of the input field containing the binary file data to be sent',
	description,
});

/**
 * The files that a field names in one input item; of one that is taken together with others it need not have any.
 * @param purpose for messages, such as " for the socket 'x'"
 * @throws GrandChallengeError (badInput)
 */
export const filesIn = (call: Call, field: unknown, purpose = ''): FileSource[] =>
	binaryFieldsIn(call, field, purpose).map((name) => binarySource(call.context, call.itemIndex, name));

/**
 * What is wished for the files of a DICOM image set: they are cleaned unless that is said not to be needed.
 * @throws GrandChallengeError (badInput)
 */
export const dicomWishIn = (imageName: unknown, alreadyDeidentified: unknown): DicomWish => ({
	imageName: asString(imageName ?? '', 'Image Name').trim(),
	clean: !asFlag(alreadyDeidentified ?? false, 'Files Are Already De-Identified'),
});

const hinted = new WeakMap<IExecuteFunctions, Set<string>>();

/**
 * Says of files that look like DICOM, once for each purpose, that they go as they are.
 * @param purpose in words, such as "the socket 'x'"
 * @param instead what de-identifies them
 */
export const hintAtDicom = ({ context }: Call, files: FileSource[], purpose: string, instead: string): void => {
	const said = hinted.get(context) ?? new Set();
	hinted.set(context, said);
	if (said.has(purpose) || !files.some(mayNamePatient)) return;
	said.add(purpose);
	context.addExecutionHints({
		message: `The DICOM files for ${purpose} are sent as they are, with whatever names the patient in them. ${instead} de-identifies them first`,
		type: 'warning',
		location: 'outputPane',
	});
};

/** As `filesIn`: their fields, or the binary data that an expression gives. */
export const binaryFieldsIn = ({ context, itemIndex, items }: Call, field: unknown, purpose = ''): Array<string | IBinaryData> => {
	const read = asBinaryField(field);
	const there = Object.keys(context.getInputData()[itemIndex]?.binary ?? {});
	const among = items.length > 1;
	const names = typeof read === 'string' ? read.split(',').map((name) => name.trim()).filter(Boolean) : [read];
	if (names.length === 0) throw badInput(`No 'Input Data Field Name' is given${purpose}`, 'Name the field that holds the file');
	return names.flatMap((name): Array<string | IBinaryData> => {
		if (typeof name !== 'string') return [name];
		if (!name.includes('*')) return among && !there.includes(name) ? [] : [name];
		const matching = there.filter((known) => matches(name, known));
		if (matching.length === 0 && !among) throw badInput(`No binary data of the input item has a field name like '${name}'${purpose}`, there.length > 0 ? `It has ${there.map((known) => `'${known}'`).join(', ')}` : 'It has no binary data');
		return matching;
	});
};

/** @param pattern with '*' for any text */
const matches = (pattern: string, name: string): boolean =>
	new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(name);
