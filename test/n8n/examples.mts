import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Workflow, WorkflowNode } from './instance.mts';

const folder = join(import.meta.dirname, '..', '..', 'examples');

/** The examples by the ids they get here; n8n keeps the static data of workflows with ids of up to 16 characters only. */
export const exampleFiles = {
	batch: 'algorithm-on-archive.json',
	hours: 'job-of-hours.json',
	pipeline: 'pipeline.json',
	archiveDownload: 'scheduled-archive-download.json',
	webhook: 'job-from-webhook.json',
	webhookAsync: 'job-from-webhook-async.json',
	jobFails: 'message-when-job-fails.json',
	downloadOnArrival: 'download-case-on-arrival.json',
	rowPerAnswer: 'spreadsheet-row-per-answer.json',
	folderToArchive: 'folder-to-archive.json',
	folderToStudy: 'folder-to-reader-study.json',
	archiveToStudy: 'archive-to-reader-study.json',
	jobsOverStudy: 'algorithm-over-reader-study.json',
	resultsBack: 'results-to-archive.json',
	answersToTable: 'answers-to-table.json',
	remindReaders: 'remind-readers.json',
	leaderboard: 'leaderboard-to-csv.json',
	external: 'external-evaluation.json',
	versionOutputs: 'outputs-of-algorithm-version.json',
} as const;

export type ExampleId = keyof typeof exampleFiles;

export const exampleIds = Object.keys(exampleFiles).filter((id): id is ExampleId => id in exampleFiles);

/** Examples whose triggers work only in a published workflow, and that need nothing besides Grand Challenge. */
export const triggered: ExampleId[] = ['archiveDownload', 'webhook', 'webhookAsync'];

/**
 * An example as it is in the repository, but for what each installation has of its own: an id, and in the node Settings
 * the folder that n8n may write to.
 */
export const example = (id: ExampleId, files: string): Workflow => {
	const workflow: Omit<Workflow, 'id'> = JSON.parse(readFileSync(join(folder, exampleFiles[id]), 'utf8'));
	return { ...withSetting(workflow, 'folder', files), id };
};

export const nodeOf = (workflow: Pick<Workflow, 'nodes'>, name: string): WorkflowNode => {
	const found = workflow.nodes.find((node) => node.name === name);
	if (!found) throw new Error(`The workflow has no node '${name}'`);
	return found;
};

/** A copy of a workflow with other parameters in one node. */
export const withParameters = <Kind extends Pick<Workflow, 'nodes'>>(
	workflow: Kind,
	name: string,
	parameters: Record<string, unknown>,
): Kind => {
	const changed = nodeOf(workflow, name);
	const nodes = workflow.nodes.map((node) =>
		node === changed ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
	);
	return { ...workflow, nodes };
};

interface Assignment {
	name: string;
	value: unknown;
}

/** A copy of a workflow with another value in its node Settings, if there is such a setting. */
const withSetting = <Kind extends Pick<Workflow, 'nodes'>>(workflow: Kind, name: string, value: string): Kind => {
	if (!workflow.nodes.some((node) => node.name === 'Settings')) return workflow;
	const parameters: { assignments?: { assignments: Assignment[] } } = nodeOf(workflow, 'Settings').parameters;
	const assignments = (parameters.assignments?.assignments ?? []).map((one) =>
		one.name === name ? { ...one, value } : one,
	);
	return withParameters(workflow, 'Settings', { assignments: { assignments } });
};
