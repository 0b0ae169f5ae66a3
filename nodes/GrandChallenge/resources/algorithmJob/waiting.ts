import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { waitForJob, type StartedJob } from '../../../../client';
import { text } from '../../../../client/api/json';
import { asIs, hasReason, withLeft } from '../../../../client/transport/errors';
import { settle } from '../../../../client/transport/transport';
import { asChoice, asFlag } from '../../../n8n/parameters';
import { connectionsOption, longestWait, longestWaitMs } from '../../fields/options';
import type { Call } from '../../operation';
import { binaryBySlug, wishOf } from '../downloading';
import { downloadJob } from './download';
import { simplify } from './simplify';

/** Minutes. */
const WAIT = 60;

export const waitOptions: INodeProperties[] = [
	// For the outputs.
	connectionsOption,
	{
		displayName: 'Download Outputs',
		name: 'downloadOutputs',
		type: 'boolean',
		default: false,
		description: 'Whether to add the outputs to the item as binary data, in fields named by their sockets',
	},
	{
		displayName: 'If the Job Fails',
		name: 'ifJobFails',
		type: 'options',
		default: 'fail',
		description: 'What happens when the job fails or is cancelled',
		options: [
			{ name: 'Fail', value: 'fail', description: 'Stop, and say so, with the page of the job' },
			{ name: 'Return It', value: 'return', description: 'Give the job as it is, with its status and what is known of the reason' },
		],
	},
	longestWait('the job to finish; after that the item tells which job still runs', WAIT),
];

interface Waits {
	limitMs: number;
	/** Whether the outputs are to come as binary data. */
	files: boolean;
	/** Whether a job that failed or was cancelled is an item like others. */
	returnsFailed: boolean;
}

/** @throws GrandChallengeError (badInput) */
export const readWaitOptions = ({ options }: Call): Waits => {
	return {
		limitMs: longestWaitMs(options, WAIT),
		files: asFlag(options.downloadOutputs ?? false, 'Download Outputs'),
		returnsFailed: asChoice(options.ifJobFails ?? 'fail', 'If the Job Fails', ['fail', 'return']) === 'return',
	};
};

/** Waits for a job, and makes an output item of it. */
export const waitedItem = async (call: Call, started: StartedJob, { limitMs, files, returnsFailed }: Waits): Promise<INodeExecutionData> => {
	const outcome = await settle(waitForJob(call.gc, started, limitMs));
	if ('error' in outcome) {
		if (!returnsFailed || !hasReason(outcome.error, 'failedThere')) throw outcome.error;
		return { json: { ...simplify(started.job), reason: outcome.error.message } };
	}
	const job = outcome.value;
	if (!files) return { json: simplify(job) };
	try {
		return { json: simplify(job), binary: binaryBySlug(await downloadJob(call, job, 'outputs', wishOf({}))) };
	} catch (error) {
		const pk = text(job, 'pk');
		throw asIs(withLeft(error, { job: pk }, `The job ${pk} has finished; Algorithm Job: Download fetches its files`));
	}
};
