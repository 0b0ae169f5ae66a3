// A workflow of n8n's own nodes in a real n8n server, as somebody builds it who has no node for Grand Challenge.
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureN8n } from '../../scripts/setup.mjs';
import { installationOf } from '../../test/n8n/installation.mts';
import { createInstance, importCredentials } from '../../test/n8n/instance.mts';
import { installPackage, packPackage } from '../../test/n8n/package.mts';
import { startServer } from '../../test/n8n/server.mts';
import { failureOf, itemsOf, ownerSession } from '../../test/n8n/session.mts';
import { chain, httpRequest, type NodeSketch } from '../../test/n8n/workflows.mts';
import { credentialFor } from '../../test/n8n/world.mts';
import { sha256 } from '../files.mts';
import type { Arena, Contender, Task } from './contender.mts';

/** The newest version of the node in that n8n. */
const NEWEST = 4.5;

const request = (name: string, url: string, options: Record<string, unknown> = {}): NodeSketch => {
	const { parameters, onError: _ends, ...node } = httpRequest(name, url);
	return { ...node, typeVersion: NEWEST, parameters: { ...parameters, options } };
};

const splitOut = (field: string): NodeSketch => ({
	name: `Split Out ${field}`,
	type: 'n8n-nodes-base.splitOut',
	typeVersion: 1,
	parameters: { fieldToSplitOut: field, options: {} },
});

/** The nodes that find the addresses, in the field `file` of an item each. */
const listing = (api: string, task: Task): NodeSketch[] => {
	const list = (path: string) => request('List', `${api}/api/v1/${path}`);
	if (task.kind === 'imageDown') return [list(`cases/images/${task.image}/`), splitOut('files')];
	if (task.kind !== 'archiveDown') throw new Error('Uploads in parts are beyond these nodes');
	const { pk } = task.archive;
	return task.holds === 'files'
		? [list(`archives/items/?archive=${pk}&limit=1000`), splitOut('results'), splitOut('values')]
		: [list(`cases/images/?archive=${pk}&limit=1000`), splitOut('results'), splitOut('files')];
};

const FETCH = 'Fetch';

export interface HttpRequestNodes {
	contenders: Contender[];
	stop(): Promise<void>;
}

/**
 * Starts the server that they run in.
 * @param fileMs what one file of many takes, by the settings of the network
 */
export const httpRequestNodes = async ({ sandbox, folder, certificate, connections }: Arena, fileMs: number): Promise<HttpRequestNodes> => {
	await ensureN8n();
	const env = { NODE_EXTRA_CA_CERTS: certificate, N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' };
	const instance = await createInstance({ installation: installationOf(), folder: join(folder, 'n8n'), env });
	await installPackage(instance, await packPackage(join(folder, 'package')));
	await importCredentials(instance, [credentialFor(sandbox)]);
	const server = await startServer(instance);
	const session = await ownerSession(server);
	/** Read from the disk: asked for a file of 1 GiB, n8n had not given it out after 45 s. */
	const storage = join(instance.folder, '.n8n', 'storage');

	const contender = (name: string, takes: Contender['takes'], options: Record<string, unknown>): Contender => ({
		name,
		version: `HTTP Request ${NEWEST} in n8n ${instance.installation.version}`,
		takes,
		open: async (task) => {
			const fetchFile = request(FETCH, '={{ $json.file }}', { ...options, response: { response: { responseFormat: 'file' } } });
			const workflow = await session.createWorkflow(chain(name, [...listing(sandbox.origins.api, task), fetchFile]));
			let hashes: () => Promise<string[]> = async () => [];
			return {
				pid: server.pid,
				go: async () => {
					const execution = await session.runManually(workflow, 'Start');
					const failure = failureOf(execution);
					if (failure !== undefined) throw new Error(failure);
					const ids = itemsOf(execution, FETCH).map(({ binary }) => binary?.data?.id ?? '');
					hashes = () => Promise.all(ids.map((id) => sha256(createReadStream(join(storage, id.replace('filesystem-v2:', ''))))));
					const runs = Object.values(execution.data.resultData.runData).flat();
					return runs.reduce((sum, { executionTime }) => sum + executionTime, 0) / 1000;
				},
				received: () => hashes(),
				close: () => rm(join(storage, 'workflows', workflow), { recursive: true, force: true }),
			};
		},
	});

	const batching = { batch: { batchSize: connections, batchInterval: Math.ceil(fileMs) } };
	return {
		contenders: [
			contender('HTTP Request', (task) => task.kind !== 'up', {}),
			contender(`HTTP Request, ${connections} at a time`, (task) => task.kind === 'archiveDown', { batching }),
		],
		stop: server.stop,
	};
};
