import type { IBinaryKeyData, IDataObject, INodeProperties } from 'n8n-workflow';

import { bySlug, readSocketValues as valuesOf, startJob, waitForJob } from '../../../client';
import { text, type JsonObject } from '../../../client/api/json';
import { pkOf } from '../../../client/api/types';
import { badInput } from '../../../client/transport/errors';
import { asData } from '../../n8n/data';
import { algorithmField, asFilter, imageField, jobField } from '../fields/locator';
import { longestWait, longestWaitMs } from '../fields/options';
import { readSocketValues, socketValuesField } from '../fields/socketValues';
import type { Call, ResourceOperations } from '../operation';
import { downloadValues } from './downloading';
import { getManyOperation, getOperation, type Readable } from './reading';

/** Minutes. */
const WAIT = 60;

const simplify = (entity: JsonObject): IDataObject => ({
	pk: text(entity, 'pk'),
	status: text(entity, 'status'),
	url: text(entity, 'url'),
	algorithm: pkOf(text(entity, 'algorithm')),
	inputs: asData(bySlug(valuesOf(entity, 'inputs'))),
	outputs: asData(bySlug(valuesOf(entity, 'outputs'))),
	exec_duration: asData(entity).exec_duration,
});

const readable: Readable = {
	singular: 'algorithm job',
	plural: 'algorithm jobs',
	collection: (gc) => gc.jobs,
	field: jobField,
	simplify,
	filters: [
		{
			field: asFilter(algorithmField),
			query: async (gc, value) => ({ algorithm_image__algorithm: await gc.algorithms.pk(value) }),
		},
		{
			field: asFilter(imageField, 'inputImage', 'Input Image', 'Only jobs that this image was an input of'),
			query: async (gc, value) => ({ input_image: await gc.images.pk(value) }),
		},
		{
			field: asFilter(imageField, 'outputImage', 'Output Image', 'Only the job that made this image'),
			query: async (gc, value) => ({ output_image: await gc.images.pk(value) }),
		},
	],
};

const inputsField = socketValuesField('Inputs', 'One value for each socket of one of the interfaces of the algorithm');

const wanted = (call: Call) => ({ algorithm: call.parameters.text('algorithm'), inputs: readSocketValues(call) });

const which: INodeProperties = {
	displayName: 'Files',
	name: 'which',
	type: 'options',
	default: 'outputs',
	description: 'Which files and values of the job to download',
	options: [
		{ name: 'Inputs', value: 'inputs' },
		{ name: 'Inputs and Outputs', value: 'both' },
		{ name: 'Outputs', value: 'outputs' },
	],
};

const wantedFiles = ({ parameters }: Call): string => {
	const files = parameters.text('which');
	if (['inputs', 'outputs', 'both'].includes(files)) return files;
	throw badInput(`'Files' is '${files}'`, 'Use inputs, outputs or both');
};

const downloadJob = async (call: Call, job: JsonObject, files: string) => {
	const pk = text(job, 'pk');
	const values = [...(files === 'outputs' ? [] : valuesOf(job, 'inputs')), ...(files === 'inputs' ? [] : valuesOf(job, 'outputs'))];
	return downloadValues(call, pk, values, { job: pk });
};

/** One item with the outputs as binary data, under the slugs of their sockets; further files of an image have their name behind it. */
const withOutputFiles = async (call: Call, job: JsonObject) => {
	const binary: IBinaryKeyData = {};
	for (const { json, binary: files } of await downloadJob(call, job, 'outputs')) {
		const slug = text(json, 'socket');
		if (files?.data) binary[slug in binary ? `${slug}.${text(json, 'fileName')}` : slug] = files.data;
	}
	return [{ json: simplify(job), binary }];
};

export const algorithmJob: ResourceOperations = {
	value: 'algorithmJob',
	name: 'Algorithm Job',
	operations: [
		{
			value: 'download',
			name: 'Download',
			action: 'Download the files of an algorithm job',
			description: 'Get the outputs (or inputs) of a job as files, one output item per file',
			fields: [jobField, which],
			execute: async (call) => {
				const files = wantedFiles(call);
				return downloadJob(call, await call.gc.jobs.get(call.parameters.text('job')), files);
			},
		},
		getOperation(readable),
		getManyOperation(readable),
		{
			value: 'start',
			name: 'Start',
			action: 'Start an algorithm job',
			description: 'Run an algorithm on Grand Challenge and go on at once',
			fields: [algorithmField, inputsField],
			execute: async (call) => [{ json: simplify((await startJob(call.gc, wanted(call))).job) }],
		},
		{
			value: 'startAndWait',
			name: 'Start and Wait',
			action: 'Start an algorithm job and wait for its result',
			description: 'Run an algorithm on Grand Challenge and go on when it has finished',
			fields: [algorithmField, inputsField],
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
				const job = await waitForJob(call.gc, await startJob(call.gc, wanted(call)), limitMs);
				return call.options.downloadOutputs === true ? withOutputFiles(call, job) : [{ json: simplify(job) }];
			},
		},
	],
};
