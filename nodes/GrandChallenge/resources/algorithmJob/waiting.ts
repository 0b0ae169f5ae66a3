import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { text, type JsonObject } from '../../../../client/api/json';
import { asIs, withLeft } from '../../../../client/transport/errors';
import { asFlag } from '../../../n8n/parameters';
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
	longestWait('the job to finish; after that the item tells which job still runs', WAIT),
];

/** @throws GrandChallengeError (badInput) */
export const readWaitOptions = ({ options }: Call): { limitMs: number; files: boolean } => ({
	limitMs: longestWaitMs(options, WAIT),
	files: asFlag(options.downloadOutputs ?? false, 'Download Outputs'),
});

/**
 * A job that was waited for, as an output item.
 * @param files whether its outputs are to come as binary data
 */
export const waitedItem = async (call: Call, job: JsonObject, files: boolean): Promise<INodeExecutionData> => {
	if (!files) return { json: simplify(job) };
	try {
		return { json: simplify(job), binary: binaryBySlug(await downloadJob(call, job, 'outputs', wishOf({}))) };
	} catch (error) {
		const pk = text(job, 'pk');
		throw asIs(withLeft(error, { job: pk }, `The job ${pk} has finished; Algorithm Job: Download fetches its files`));
	}
};
