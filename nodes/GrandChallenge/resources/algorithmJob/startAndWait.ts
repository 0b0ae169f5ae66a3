import { waitForJob } from '../../../../client';
import type { Operation } from '../../operation';
import { mostJobsIn, mostJobsOption } from './mostJobs';
import { jobFields, startOnce } from './start';
import { readWaitOptions, waitedItem, waitOptions } from './waiting';

export const startAndWait: Operation = {
	value: 'startAndWait',
	name: 'Start and Wait',
	action: 'Start algorithm job and wait for its result',
	description: 'Run an algorithm on Grand Challenge and go on when it has finished',
	makes: 'jobs',
	fields: jobFields,
	options: [mostJobsOption, ...waitOptions],
	itemsAtOnce: mostJobsIn,
	execute: async (call) => {
		const { limitMs, files } = readWaitOptions(call);
		const job = await waitForJob(call.gc, await startOnce(call), limitMs);
		return [await waitedItem(call, job, files)];
	},
};
