import type { INodeExecutionData } from 'n8n-workflow';

import { takeUp } from '../../../../client';
import { member } from '../../../../client/api/json';
import { asIs } from '../../../../client/transport/errors';
import { errorItem } from '../../../n8n/errors';
import { asString } from '../../../n8n/parameters';
import { jobField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { mostWaitedForIn, mostWaitedForOption } from './mostJobs';
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
	const waits = readWaitOptions(call);
	mostWaitedForIn(call.options);
	const { ports } = call.gc.transport.connection;
	const end = ports.now() + waits.limitMs;
	const itemOf = async (identifier: string): Promise<INodeExecutionData> => {
		try {
			const started = await takeUp(call.gc, await call.gc.jobs.get(identifier));
			return await waitedItem(call, started, { ...waits, limitMs: end - ports.now() });
		} catch (error) {
			if (!call.goesOn(error)) throw asIs(error);
			return errorItem(call.context.getNode(), error, call.itemIndex);
		}
	};
	return Promise.all(jobsIn(call).map(itemOf));
};

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for algorithm job',
	description: 'Go on when a job that was started before has finished',
	fields: [{ ...jobField, description: 'The site calls it a result. Several are separated by commas, and waited for together.' }],
	options: [mostWaitedForOption, ...waitOptions],
	itemsAtOnce: mostWaitedForIn,
	execute,
};
