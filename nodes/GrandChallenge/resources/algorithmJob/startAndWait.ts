import type { IBinaryKeyData, INodeExecutionData } from 'n8n-workflow';

import { waitForJob } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { asIs, withLeft } from '../../../../client/transport/errors';
import { asFlag } from '../../../n8n/parameters';
import { longestWait, longestWaitMs } from '../../fields/options';
import type { Call, Operation } from '../../operation';
import { downloadJob } from './download';
import { simplify } from './simplify';
import { jobFields, startOnce } from './start';

/** Minutes. */
const WAIT = 60;

/** The outputs as binary data, under the slugs of their sockets; further files of an image get a number behind it. */
const outputFiles = async (call: Call, job: JsonObject): Promise<IBinaryKeyData> => {
	const binary: IBinaryKeyData = {};
	for (const { json, binary: files } of await downloadJob(call, job, 'outputs')) {
		const slug = text(json, 'socket');
		let name = slug;
		for (let n = 2; name in binary; n++) name = `${slug}_${n}`;
		if (files?.data) binary[name] = files.data;
	}
	return binary;
};

const withOutputFiles = async (call: Call, job: JsonObject): Promise<INodeExecutionData> => {
	try {
		return { json: simplify(job), binary: await outputFiles(call, job) };
	} catch (error) {
		const pk = text(job, 'pk');
		throw asIs(withLeft(error, { job: pk }, `The job ${pk} has finished; Algorithm Job: Download fetches its files`));
	}
};

export const startAndWait: Operation = {
	value: 'startAndWait',
	name: 'Start and Wait',
	action: 'Start algorithm job and wait for its result',
	description: 'Run an algorithm on Grand Challenge and go on when it has finished',
	makes: 'jobs',
	fields: jobFields,
	options: [
		{
			displayName: 'Download Outputs',
			name: 'downloadOutputs',
			type: 'boolean',
			default: false,
			description: 'Whether to add the outputs to the item as binary data, in fields named by their sockets',
		},
		longestWait('the job to finish; after that the item tells which job still runs', WAIT),
	],
	execute: async (call) => {
		const limitMs = longestWaitMs(call.options, WAIT);
		const files = asFlag(call.options.downloadOutputs ?? false, 'Download Outputs');
		const job = await waitForJob(call.gc, await startOnce(call), limitMs);
		return [files ? await withOutputFiles(call, job) : { json: simplify(job) }];
	},
};
