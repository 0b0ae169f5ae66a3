import { startJob, takeUp, type StartedJob } from '../../../../client';
import { text } from '../../../../client/api/json';
import { readJob } from '../../../../client/jobs/start';
import { connectionsIn } from '../../../n8n/connect';
import { memoryOf, remembering } from '../../../n8n/memory';
import { algorithmField } from '../../fields/locator';
import { connectionsOption } from '../../fields/options';
import { readValues, socketValuesField } from '../../fields/socketValues';
import type { Call, Operation } from '../../operation';
import { mostJobsIn, mostJobsOption } from './mostJobs';
import { simplify } from './simplify';

export const jobFields = [
	algorithmField,
	socketValuesField('Inputs', 'One value for each socket of one of the interfaces of the algorithm'),
];

/** Starts the job of an item, or takes up the one that an earlier try of the node has started. */
export const startOnce = async (call: Call): Promise<StartedJob> => {
	const { context, gc, itemIndex, options, parameters } = call;
	const algorithm = parameters.text('algorithm');
	const memory = memoryOf(context, itemIndex, ['job', algorithm, parameters.raw('values')]);
	if (memory.pk !== undefined) return takeUp(gc, await readJob(gc, memory.pk), memory.sessions);
	const started = await remembering(memory, 'job', () => {
		const { values, taken } = readValues(call);
		return startJob(gc, { algorithm, inputs: values, taken, most: mostJobsIn(options) });
	});
	Object.assign(memory, { pk: text(started.job, 'pk'), sessions: started.sessions });
	return started;
};

export const start: Operation = {
	value: 'start',
	name: 'Start',
	action: 'Start algorithm job',
	description: 'Run an algorithm on Grand Challenge and go on at once',
	makes: 'jobs',
	fields: jobFields,
	options: [connectionsOption, mostJobsOption],
	itemsAtOnce: connectionsIn,
	execute: async (call) => [{ json: simplify((await startOnce(call)).job) }],
};
