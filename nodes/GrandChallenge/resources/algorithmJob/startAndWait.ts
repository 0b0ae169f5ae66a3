import type { Operation } from '../../operation';
import { mostJobsIn } from './mostJobs';
import { existedIn, jobFields, startOnce, startOptions } from './start';
import { readWaitOptions, waitedItem, waitOptions } from './waiting';

export const startAndWait: Operation = {
	value: 'startAndWait',
	name: 'Start and Wait',
	action: 'Start algorithm job and wait for its result',
	description: 'Run an algorithm on Grand Challenge and go on when it has finished',
	makes: 'jobs',
	fields: jobFields,
	options: [...startOptions, ...waitOptions],
	itemsAtOnce: mostJobsIn,
	execute: async (call) => {
		const waits = readWaitOptions(call);
		const started = await startOnce(call);
		const item = await waitedItem(call, started, waits);
		return [{ ...item, json: { ...item.json, ...existedIn(started) } }];
	},
};
