// This package, built, in the real n8n-core, and beside it a node that does as little as it can.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Json, JsonObject } from '../../sandbox/json.mts';
import { installationOf } from '../../test/n8n/installation.mts';
import { byId } from '../../test/n8n/workflows.mts';
import { converse, type Conversation } from '../../test/support/conversation.mts';
import { n8nEnvironment } from '../n8n.mts';
import type { Arena, Contender, Task } from './contender.mts';

const root = join(import.meta.dirname, '..', '..');

/** Binary data of n8n by the file that it was made of. */
type Stored = Map<string, Json>;

const parametersFor = (task: Task, connections: number): JsonObject => {
	const options = { connections };
	switch (task.kind) {
		case 'up':
			return {
				resource: 'archiveItem',
				operation: 'create',
				archive: byId(task.archive),
				values: { binary: [{ socket: byId(task.socket), field: 'data' }] },
				options: { ...options, waitForImport: false, groupBy: '={{ $json.group }}' },
			};
		case 'archiveDown':
			return { resource: 'archive', operation: 'download', archive: byId(task.archive.slug), onlyNew: false, options };
		case 'imageDown':
			return { resource: 'image', operation: 'download', image: byId(task.image), options };
	}
};

/** The files as items of a step before, each one item as n8n's file nodes give them. */
const itemsFor = (task: Task, stored: Stored): Json[] =>
	task.kind === 'up'
		? task.groups.flatMap((files, group) => files.map((file) => ({ json: { group: String(group) }, binary: { data: stored.get(file) ?? null } })))
		: [{ json: {} }];

/** Ours first; all of them work with the same files of n8n. */
export const nodes = ({ sandbox, folder, certificate, connections }: Arena): [ours: Contender, alone: Contender] => {
	const userFolder = join(folder, 'n8n-core');
	mkdirSync(userFolder);
	const { node } = installationOf();
	const env = { ...process.env, ...n8nEnvironment(userFolder), NODE_EXTRA_CA_CERTS: certificate };
	const start = () => converse(node, ['--import', 'tsx', join(import.meta.dirname, 'core.mts')], { cwd: root, env });
	const credentials = { token: sandbox.tokens.main, baseUrl: sandbox.origins.api, allowHttp: false };
	const stored: Stored = new Map();

	/** What an earlier node of the workflow would have done. Not in the process whose memory is watched. */
	const store = async (files: string[]) => {
		const missing = files.filter((file) => !stored.has(file));
		if (missing.length === 0) return;
		const process = start();
		const { binaries } = await process.ask({ store: missing });
		missing.forEach((file, i) => stored.set(file, Array.isArray(binaries) ? (binaries[i] ?? null) : null));
		await process.end();
	};
	const warmUp = (process: Conversation) => process.ask({ run: { credentials, parameters: { resource: 'account', operation: 'get' } } });

	const core = `${versionOf('node_modules/n8n-core/package.json')} on Node.js ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`;
	const contender = (name: string, version: string, takes: Contender['takes'], prepare?: (process: Conversation, task: Task) => Promise<unknown>): Contender => ({
		name,
		version,
		takes,
		open: async (task) => {
			if (task.kind === 'up') await store(task.groups.flat());
			const process = start();
			await warmUp(process);
			await prepare?.(process, task);
			await process.ask({ idle: true });
			return {
				pid: process.pid,
				go: async () => Number((await process.ask({ run: { credentials, parameters: parametersFor(task, connections), items: itemsFor(task, stored) } })).seconds),
				received: async () => {
					const { hashes } = await process.ask({ received: true });
					return Array.isArray(hashes) ? hashes.map(String) : [];
				},
				close: () => process.end(),
			};
		},
	});
	return [
		contender('ours', `${versionOf('package.json')} in ${core}`, () => true),
		contender(
			"n8n's helpers alone",
			core,
			(task) => task.kind === 'up' && task.groups.length === 1 && (task.groups[0] ?? []).length > 1,
			async (process, task) => {
				if (task.kind !== 'up') return;
				const { archive, socket } = task;
				// As ours does it, so that the short requests of some files do not hold up the transfers of others.
				await process.ask({ bare: { api: sandbox.origins.api, token: sandbox.tokens.main, archive, socket, connections: 2 * connections } });
			},
		),
	];
};

const versionOf = (manifest: string) => {
	const { name, version } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as { name: string; version: string };
	return `${name} ${version}`;
};
