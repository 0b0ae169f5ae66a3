import type { IBinaryKeyData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { answeredCases, answerRow, answersOf, imageFiles } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { imageOf } from '../../../../client/readerStudies/export';
import { asIs, withLeft } from '../../../../client/transport/errors';
import { binarySink } from '../../../n8n/binary';
import { asData } from '../../../n8n/data';
import { errorItem } from '../../../n8n/errors';
import { asChoice, asFlag, asTexts } from '../../../n8n/parameters';
import { readerStudyField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { readersField } from './fields';

/** A row of the table, and its answers with the names of the binary fields for their masks. */
interface ExportedRow {
	json: IDataObject;
	masks: Array<{ field: string; answer: JsonObject }>;
}

/** A name for a binary field that expressions can use. */
const fieldOf = (column: string): string => column.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_+|_+$/g, '') || 'mask';

const rowsOf = async (call: Call): Promise<ExportedRow[]> => {
	const { gc, parameters, options } = call;
	const flag = (name: string, displayName: string) => asFlag(options[name] ?? false, displayName);
	const rows = asChoice(parameters.text('rows'), 'Rows', ['answers', 'cases']);
	const raw = flag('rawAnswer', 'Include Raw Answer');
	const found = await answersOf(gc, {
		study: parameters.text('readerStudy'),
		readers: asTexts(options.readers, 'Readers'),
		displaySets: asTexts(options.displaySets, 'Display Sets'),
		groundTruth: flag('groundTruth', 'Include Ground Truth'),
		images: flag('imageNames', 'Include Image Names'),
	});
	if (rows === 'cases') return answeredCases(found).map(({ row, answers }) => ({ json: row, masks: answers.map(({ column, answer }) => ({ field: fieldOf(column), answer })) }));
	return found.answers.map((exported) => {
		const { answer } = exported;
		return { json: { ...answerRow(exported), ...(raw ? asData({ answer_raw: answer.answer }) : {}) }, masks: [{ field: 'mask', answer }] };
	});
};

/** Adds the files of a mask; further ones of a field get a number behind its name. */
const addMask = async ({ gc, context }: Call, binary: IBinaryKeyData, field: string, image: string) => {
	for (const file of await imageFiles(gc.transport, await gc.images.get(image))) {
		let name = field;
		for (let n = 2; name in binary; n++) name = `${field}_${n}`;
		binary[name] = (await file.fetch(binarySink(context))).stored;
	}
};

/** A mask that cannot be had must not keep all answers back: it becomes an error item where the node goes on. */
const withMasks = async (call: Call, item: INodeExecutionData, masks: ExportedRow['masks']): Promise<INodeExecutionData[]> => {
	const binary: IBinaryKeyData = {};
	const failed: INodeExecutionData[] = [];
	for (const { field, answer } of masks) {
		const image = imageOf(answer);
		if (image === null) continue;
		try {
			await addMask(call, binary, field, image);
		} catch (error) {
			const pk = text(answer, 'pk');
			const named = withLeft(error, { answer: pk }, `It belongs to the mask of the answer ${pk}`);
			if (!call.goesOn(error)) throw asIs(named);
			failed.push(errorItem(call.context.getNode(), named, call.itemIndex));
		}
	}
	return [{ ...item, binary }, ...failed];
};

export const exportAnswers: Operation = {
	value: 'exportAnswers',
	name: 'Export Answers',
	action: 'Export answers of reader study',
	description: 'Read the answers as rows for a table, in words: texts of questions, titles of options, titles of display sets',
	fields: [
		readerStudyField,
		{
			displayName: 'Rows',
			name: 'rows',
			type: 'options',
			default: 'answers',
			description: 'What an output item is made of',
			options: [
				{ name: 'One per Answer', value: 'answers' },
				{ name: 'One per Case and Reader', value: 'cases', description: 'With a column for each question' },
			],
		},
	],
	options: [
		{
			displayName: 'Display Sets',
			name: 'displaySets',
			type: 'string',
			default: '',
			placeholder: 'e.g. 0d11fc7b-c63f-4fd7-b80b-51d2e21492c0',
			description: 'Only the answers for these, as IDs or URLs separated by commas or as a list',
		},
		{
			displayName: 'Download Masks',
			name: 'downloadMasks',
			type: 'boolean',
			default: true,
			description: "Whether to add the images of masks as binary data, in the field 'mask', or in fields named by the questions where a row has several",
		},
		{
			displayName: 'Include Ground Truth',
			name: 'groundTruth',
			type: 'boolean',
			default: true,
			description: "Whether to return the ground truth too, in rows with 'is_ground_truth'. Only editors see it here.",
		},
		{
			displayName: 'Include Image Names',
			name: 'imageNames',
			type: 'boolean',
			default: true,
			description: 'Whether to tell the names and pks of the images of the display sets',
		},
		{
			displayName: 'Include Raw Answer',
			name: 'rawAnswer',
			type: 'boolean',
			default: true,
			description: "Whether to add 'answer_raw', the answer as the platform keeps it: IDs of options, annotations as objects. For rows of one answer.",
		},
		readersField('Only the answers of these, as user names separated by commas or as a list'),
	],
	execute: async (call) => {
		const masksToo = asFlag(call.options.downloadMasks ?? false, 'Download Masks');
		const items: INodeExecutionData[] = [];
		for (const { json, masks } of await rowsOf(call)) items.push(...(masksToo ? await withMasks(call, { json }, masks) : [{ json }]));
		return items;
	},
};
