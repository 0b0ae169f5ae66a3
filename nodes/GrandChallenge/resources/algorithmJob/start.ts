import { startJob, type StartedJob } from '../../../../client';
import { text } from '../../../../client/api/json';
import { readJob } from '../../../../client/jobs/start';
import { memoryOf, remembering } from '../../../n8n/memory';
import { algorithmField } from '../../fields/locator';
import { readValues, socketValuesField } from '../../fields/socketValues';
import type { Call, Operation } from '../../operation';
import { simplify } from './simplify';

export const jobFields = [
	algorithmField,
	socketValuesField('Inputs', 'One value for each socket of one of the interfaces of the algorithm'),
];

/** Starts the job of an item, or takes up the one that an earlier try of the node has started. */
export const startOnce = async (call: Call): Promise<StartedJob> => {
	const { context, gc, itemIndex, parameters } = call;
	const algorithm = parameters.text('algorithm');
	const memory = memoryOf(context, itemIndex, ['job', algorithm, parameters.raw('values')]);
	if (memory.pk !== undefined) return { job: await readJob(gc, memory.pk), averageDuration: undefined, sessions: memory.sessions ?? [] };
	const started = await remembering(memory, 'job', () => {
		const { values, taken } = readValues(call);
		return startJob(gc, { algorithm, inputs: values, taken });
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
	execute: async (call) => [{ json: simplify((await startOnce(call)).job) }],
};
