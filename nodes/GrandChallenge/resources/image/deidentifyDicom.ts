import type { IBinaryKeyData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { deidentify, ImageSet, procedureVersion, type ByteStream, type DicomCounts, type FileSource } from '../../../../client';
import { asDicom, checkDicomFiles, cleanName, dicomInput, type DicomSource } from '../../../../client/dicom/files';
import { severalAtOnce } from '../../../../client/slots';
import { badInput } from '../../../../client/transport/errors';
import { binarySource, storeBinary } from '../../../n8n/binary';
import { asString, Parameters } from '../../../n8n/parameters';
import { binaryFieldsIn, filesField } from '../../fields/files';
import type { Call, Operation } from '../../operation';

export const deidentifyDicom: Operation = {
	value: 'deidentifyDicom',
	name: 'De-Identify DICOM',
	action: 'De-identify DICOM image',
	description: "Remove or replace what identifies a patient in the headers of DICOM files, by the procedure of Grand Challenge, without sending them",
	transfers: true,
	groupOf: (parameters) => asString(parameters.collection('options').groupBy, 'Group Files Into One Image Set By'),
	fields: [filesField("DICOM files of CT, MR or whole-slide images. Several names are separated by commas; '*' stands for any text, as in 'slice_*'. Files of one input item must be of one series.")],
	options: [
		{
			displayName: 'Group Files Into One Image Set By',
			name: 'groupBy',
			type: 'string',
			default: '',
			placeholder: 'e.g. {{ $json.directory }}',
			description: 'Input items for which this gives the same text must hold files of one series of one patient, else the node says so. UIDs are replaced alike in all input items, with or without it.',
		},
	],
	execute: async (call) => {
		const files = asDicom(call.items.flatMap((itemIndex) => filesOf({ ...call, itemIndex, parameters: new Parameters(call.context, itemIndex) })));
		if (files.length === 0) throw badInput('None of the items of this image set has a file', "Check 'Input Data Field Name'");
		const set = new ImageSet(uidsOf(call.context));
		const { transport } = call.gc;
		// One that is refused leaves nothing behind: no file is written before.
		await checkDicomFiles(transport, files, set);
		const cleaned = await severalAtOnce(files, transport.limits.uploads.room, async (file) => ({ ...file, ...(await store(call, file, set)) }));
		return call.items.map((item) => outputOf(item, cleaned.filter(({ itemIndex }) => itemIndex === item)));
	},
};

/** `name` is the new one: the old one may tell who the patient is. */
interface DicomFile extends FileSource {
	itemIndex: number;
	field: string;
}

/** UIDs of one run of the node: what refers to one another in its input does so in its output. */
const uids = new WeakMap<IExecuteFunctions, Map<string, string>>();

const uidsOf = (context: IExecuteFunctions): Map<string, string> => {
	const known = uids.get(context) ?? new Map<string, string>();
	uids.set(context, known);
	return known;
};

const filesOf = (call: Call): DicomFile[] => {
	const { context, itemIndex, parameters } = call;
	const fields = binaryFieldsIn(call, parameters.raw('field'));
	return fields.map((field, i) => ({
		...binarySource(context, itemIndex, field),
		itemIndex,
		field: typeof field === 'string' ? field : i === 0 ? 'data' : `data_${i + 1}`,
		name: cleanName(itemIndex + 1, ...(fields.length > 1 ? [i + 1] : [])),
	}));
};

const store = async ({ context, gc }: Call, file: DicomSource, set: ImageSet) => {
	const from: ByteStream = await file.open();
	const clean = await deidentify(dicomInput(gc.transport, { ...file, open: () => from }), set);
	return { stored: await storeBinary(context, file.name, 'application/dicom', clean.bytes, from), counts: clean.counts };
};

/** Nothing of the JSON that came with the files is passed on: it may name the patient. */
const outputOf = (item: number, files: Array<DicomFile & { stored: IBinaryKeyData[string]; counts: DicomCounts }>): INodeExecutionData => {
	const sum = (of: keyof DicomCounts) => files.reduce((total, { counts }) => total + counts[of], 0);
	return {
		json: {
			files: files.length,
			procedure: procedureVersion,
			kept: sum('kept'),
			removed: sum('removed'),
			replaced: sum('replaced'),
			emptied: sum('emptied'),
			newUids: sum('newUids'),
		},
		binary: Object.fromEntries(files.map(({ field, stored }) => [field, stored])),
		pairedItem: { item },
	};
};
