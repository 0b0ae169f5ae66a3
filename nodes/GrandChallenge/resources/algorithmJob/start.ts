import type { INodeProperties } from 'n8n-workflow';

import { startJob, takeUp, type StartedJob } from '../../../../client';
import { text } from '../../../../client/api/json';
import { readJob } from '../../../../client/jobs/start';
import { connectionsIn } from '../../../n8n/connect';
import { memoryOf, remembering } from '../../../n8n/memory';
import { asChoice } from '../../../n8n/parameters';
import { algorithmField } from '../../fields/locator';
import { connectionsOption } from '../../fields/options';
import { inputsFromField, interfaceField, readSocketFields, socketFieldsField } from '../../fields/socketFields';
import { readValues, socketValuesField } from '../../fields/socketValues';
import type { Call, Operation } from '../../operation';
import { mostJobsIn, mostJobsOption } from './mostJobs';
import { simplify } from './simplify';

const ifResultExistsOption: INodeProperties = {
	displayName: 'If a Result Exists',
	name: 'ifResultExists',
	type: 'options',
	default: 'fail',
	description: 'What happens when these inputs have been run before on the current version of the algorithm, by whomever; Grand Challenge does not run them again. Files that are sent now are always new to it.',
	options: [
		{ name: 'Fail', value: 'fail', description: 'Stop, and say so' },
		{ name: 'Return It', value: 'return', description: 'Give that job, whatever became of it; its item has the field existed' },
		{ name: 'Run Anyway', value: 'run', description: 'Send one of the images again, so that the job is a new one' },
	],
};

export const startOptions = [ifResultExistsOption, mostJobsOption];

export const jobFields = [
	algorithmField,
	inputsFromField,
	interfaceField,
	socketFieldsField,
	{ ...socketValuesField('Inputs', 'One value for each socket of one of the interfaces of the algorithm'), displayOptions: { hide: { inputsFrom: ['fields'] } } },
];

/** Starts the job of an item, or takes up the one that an earlier try of the node has started. */
export const startOnce = async (call: Call): Promise<StartedJob> => {
	const { context, gc, itemIndex, options, parameters } = call;
	const algorithm = parameters.text('algorithm');
	const given = [parameters.raw('values', ''), parameters.raw('inputs.value', '')];
	const memory = memoryOf(context, itemIndex, ['job', algorithm, ...given]);
	if (memory.pk !== undefined) return takeUp(gc, await readJob(gc, memory.pk), memory.sessions);
	const started = await remembering(memory, 'job', async () => {
		const fields = await readSocketFields(call);
		const { values, taken } = fields ? { values: fields, taken: [] } : readValues(call);
		return startJob(gc, { algorithm, inputs: values, taken, most: mostJobsIn(options), ifResultExists: asChoice(options.ifResultExists ?? 'fail', 'If a Result Exists', ['fail', 'return', 'run']) });
	});
	Object.assign(memory, { pk: text(started.job, 'pk'), sessions: started.sessions });
	return started;
};

/** Whether it was run before, for its item. */
export const existedIn = ({ existed }: StartedJob) => (existed ? { existed } : {});

export const start: Operation = {
	value: 'start',
	name: 'Start',
	action: 'Start algorithm job',
	description: 'Run an algorithm on Grand Challenge and go on at once',
	makes: 'jobs',
	fields: jobFields,
	options: [connectionsOption, ...startOptions],
	itemsAtOnce: connectionsIn,
	execute: async (call) => {
		const started = await startOnce(call);
		return [{ json: { ...simplify(started.job), ...existedIn(started) } }];
	},
};
