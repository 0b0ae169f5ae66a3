import type { INodeExecutionData } from 'n8n-workflow';

import { readSocketValues } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { asChoice } from '../../../n8n/parameters';
import { jobField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { downloadCase, downloadOptions, wishOf, type Wish } from '../downloading';

/** @param which inputs, outputs or both */
export const downloadJob = async (call: Call, job: JsonObject, which: string, wish: Wish): Promise<INodeExecutionData[]> => {
	const pk = text(job, 'pk');
	const side = async (key: 'inputs' | 'outputs', of: string) =>
		which === key || which === 'both' ? downloadCase(call, wish, { pk, title: '', values: readSocketValues(job, key), about: { job: pk, of } }) : [];
	return [...(await side('inputs', 'input')), ...(await side('outputs', 'output'))];
};

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download files of algorithm job',
	description: 'Get the outputs (or inputs) of a job as files, one output item per file',
	transfers: true,
	// A job has no title.
	options: downloadOptions.filter(({ name }) => name !== 'folder'),
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
		const which = asChoice(call.parameters.text('which'), 'Files', ['inputs', 'outputs', 'both']);
		const wish = wishOf(call.options);
		return downloadJob(call, await call.gc.jobs.get(call.parameters.text('job')), which, wish);
	},
};
