import type { INodeExecutionData } from 'n8n-workflow';

import { readSocketValues } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { badInput } from '../../../../client/transport/errors';
import { jobField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { downloadValues } from '../downloading';

/** @param which inputs, outputs or both */
export const downloadJob = async (call: Call, job: JsonObject, which: string): Promise<INodeExecutionData[]> => {
	const pk = text(job, 'pk');
	const side = async (key: 'inputs' | 'outputs', of: string) =>
		which === key || which === 'both' ? downloadValues(call, pk, readSocketValues(job, key), { job: pk, of }) : [];
	return [...(await side('inputs', 'input')), ...(await side('outputs', 'output'))];
};

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download files of algorithm job',
	description: 'Get the outputs (or inputs) of a job as files, one output item per file',
	transfers: true,
	fields: [
		jobField,
		{
			displayName: 'Files',
			name: 'which',
			type: 'options',
			default: 'outputs',
			description: 'Which files and values of the job to download',
			options: [
				{ name: 'Inputs', value: 'inputs' },
				{ name: 'Inputs and Outputs', value: 'both' },
				{ name: 'Outputs', value: 'outputs' },
			],
		},
	],
	execute: async (call) => {
		const which = call.parameters.text('which');
		if (!['inputs', 'outputs', 'both'].includes(which)) throw badInput(`'Files' is '${which}'`, 'Use inputs, outputs or both');
		return downloadJob(call, await call.gc.jobs.get(call.parameters.text('job')), which);
	},
};
