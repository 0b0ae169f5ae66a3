import type { INodeProperties } from 'n8n-workflow';

import { parseJson } from '../../../../client/api/json';
import { readReported, reportEvaluation, type Report } from '../../../../client/evaluations/external';
import { jsonIn } from '../../../../client/sockets/jsonFile';
import { badInput } from '../../../../client/transport/errors';
import { binarySource } from '../../../n8n/binary';
import { memoryOf } from '../../../n8n/memory';
import { asBinaryField, asChoice } from '../../../n8n/parameters';
import { evaluationField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { simplify } from './simplify';

/** Not required: n8n would ask for all of them where an expression decides which one is shown. */
const shownFor = (show: Record<string, string[]>, field: INodeProperties): INodeProperties => ({ ...field, displayOptions: { show } });

const fields: INodeProperties[] = [
	evaluationField,
	{
		displayName: 'Outcome',
		name: 'outcome',
		type: 'options',
		default: 'Succeeded',
		description: 'How the evaluation has ended',
		options: [
			{ name: 'Failed', value: 'Failed' },
			{ name: 'Succeeded', value: 'Succeeded' },
		],
	},
	shownFor({ outcome: ['Failed'] }, {
		displayName: 'Error Message',
		name: 'errorMessage',
		type: 'string',
		default: '',
		placeholder: 'e.g. The container ended with exit code 1',
		description: 'Why there are no metrics, in at most 1024 characters',
	}),
	shownFor({ outcome: ['Succeeded'] }, {
		displayName: 'Metrics From',
		name: 'metricsFrom',
		type: 'options',
		default: 'json',
		description: 'Where the metrics are',
		options: [
			{ name: 'File', value: 'file', description: 'Binary data of the input item that is a JSON file' },
			{ name: 'JSON', value: 'json' },
		],
	}),
	shownFor({ outcome: ['Succeeded'], metricsFrom: ['json'] }, {
		displayName: 'Metrics',
		name: 'metrics',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. {"aggregates": {"dice": 0.81}}',
		description: 'What the evaluation has found, as a JSON object with the names that the leaderboard of the phase shows',
	}),
	shownFor({ outcome: ['Succeeded'], metricsFrom: ['file'] }, {
		displayName: 'Input Data Field Name',
		name: 'field',
		type: 'string',
		default: 'data',
		hint: 'The name of the input field containing the JSON file with the metrics',
		description: 'The file holds a JSON object with the names that the leaderboard of the phase shows',
	}),
];

const readMetrics = async ({ context, gc, itemIndex, parameters }: Call): Promise<unknown> => {
	const from = asChoice(parameters.text('metricsFrom'), 'Metrics From', ['file', 'json']);
	if (from === 'file') return jsonIn(gc.transport, binarySource(context, itemIndex, asBinaryField(parameters.raw('field'))), "'Metrics'");
	const given = parameters.raw('metrics');
	if (typeof given !== 'string') return given;
	const parsed = parseJson(given);
	if (parsed) return parsed.value;
	throw badInput("'Metrics' is not JSON", 'Names and texts stand in double quotes, as in {"dice": 0.81}. In an expression, JSON.stringify(…) makes JSON of anything');
};

const readReport = async (call: Call): Promise<Report> => {
	const status = asChoice(call.parameters.text('outcome'), 'Outcome', ['Succeeded', 'Failed']);
	return status === 'Succeeded' ? { status, metrics: await readMetrics(call) } : { status, error: call.parameters.text('errorMessage') };
};

export const report: Operation = {
	value: 'report',
	name: 'Report',
	action: 'Report result of claimed evaluation',
	description: 'Tell Grand Challenge the metrics of an evaluation that was claimed, or why it failed',
	fields,
	execute: async (call) => {
		const { context, gc, itemIndex, parameters } = call;
		const evaluation = parameters.text('evaluation');
		const result = await readReport(call);
		const memory = memoryOf(context, itemIndex, ['report', evaluation, result]);
		if (!memory.done) await reportEvaluation(gc, evaluation, result);
		memory.done = true;
		return [{ json: simplify(await readReported(gc, evaluation)) }];
	},
};
