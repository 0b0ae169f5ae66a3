import type { INodeExecutionData } from 'n8n-workflow';

import { waitForJob } from '../../../../client';
import { member } from '../../../../client/api/json';
import { asIs } from '../../../../client/transport/errors';
import { errorItem } from '../../../n8n/errors';
import { asString } from '../../../n8n/parameters';
import { jobField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { readWaitOptions, waitedItem, waitOptions } from './waiting';

/** One job, several separated by commas, or the list that an expression gives. */
const jobsIn = ({ parameters }: Call): string[] => {
	const raw = parameters.raw('job');
	const value = member(raw, 'value') ?? raw;
	const several: unknown[] = Array.isArray(value) ? value : asString(value, 'Job').split(',');
	const jobs = several.map((job) => asString(job, 'Job').trim()).filter(Boolean);
	// None at all is refused in the same words as everywhere.
	return jobs.length > 0 ? jobs : [''];
};

const execute = async (call: Call): Promise<INodeExecutionData[]> => {
	const { limitMs, files } = readWaitOptions(call);
	const { ports } = call.gc.transport.connection;
	const end = ports.now() + limitMs;
	const items: INodeExecutionData[] = [];
	for (const identifier of jobsIn(call)) {
		try {
			// They run side by side over there, so the time is for all of them.
			const job = await waitForJob(call.gc, { job: await call.gc.jobs.get(identifier), averageDuration: undefined, sessions: [] }, end - ports.now());
			items.push(await waitedItem(call, job, files));
		} catch (error) {
			if (!call.goesOn(error)) throw asIs(error);
			items.push(errorItem(call.context.getNode(), error, call.itemIndex));
		}
	}
	return items;
};

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for algorithm job',
	description: 'Go on when a job that was started before has finished',
	fields: [{ ...jobField, description: 'The site calls it a result. Several are separated by commas, and waited for together.' }],
	options: waitOptions,
	execute,
};
