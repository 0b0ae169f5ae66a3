import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { Installation } from './installation.mts';
import { runOrThrow } from './process.mts';

/** A home of n8n: database, settings, community packages. The server and the command line work on the same one. */
export interface Instance {
	installation: Installation;
	/** Everything of the instance lies below it. */
	folder: string;
	/** Where workflows may read and write files. */
	files: string;
	/** Of the server; the same each time it is started, so that sessions and webhooks outlive it. */
	port: number;
	env: NodeJS.ProcessEnv;
}

export interface InstanceOptions {
	installation: Installation;
	/** Is made if it does not exist. */
	folder: string;
	/** Added last: another binary data mode, queue mode, a log level. */
	env?: NodeJS.ProcessEnv;
}

/** A port that was free a moment ago, on 127.0.0.1. */
export const freePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() =>
				typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port')),
			);
		});
	});

// Nothing that calls home: no telemetry, no look for versions, templates, licences, verified packages or banners.
const quiet = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
};

// They fetch catalogues when n8n starts. An n8n that lacks one does not start when it is told to switch that off.
const fetchingModules = ['mcp-registry', 'instance-ai', 'agents'];

// The developer's own n8n, database or npm settings must not reach ours.
const foreign = /^(N8N|DB|EXECUTIONS|QUEUE|WEBHOOK|NODES|NODE_FUNCTION|GENERIC|npm)_|^NODE_(OPTIONS|ENV|PATH)$/;

/** Makes the folders of an instance and the environment that n8n needs for it. */
export const createInstance = async ({ installation, folder, env = {} }: InstanceOptions): Promise<Instance> => {
	const files = join(folder, 'files');
	await mkdir(files, { recursive: true });
	const port = await freePort();
	const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
	return {
		installation,
		folder,
		files,
		port,
		env: {
			...own,
			...quiet,
			N8N_DISABLED_MODULES: fetchingModules.filter((name) => installation.modules.includes(name)).join(','),
			HOME: folder,
			PATH: installation.path,
			N8N_USER_FOLDER: folder,
			N8N_ENCRYPTION_KEY: 'only-for-tests-and-the-demo',
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_HOST: '127.0.0.1',
			N8N_PORT: String(port),
			N8N_SECURE_COOKIE: 'false',
			N8N_RESTRICT_FILE_ACCESS_TO: files,
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			GENERIC_TIMEZONE: 'UTC',
			// A proxy of the developer's has no business between programs on this machine.
			NO_PROXY: '127.0.0.1,localhost',
			...env,
		},
	};
};

/** The same instance with other environment variables. */
export const withEnv = (instance: Instance, env: NodeJS.ProcessEnv): Instance => ({
	...instance,
	env: { ...instance.env, ...env },
});

/** Runs n8n's command line program, for example `n8n(instance, 'list:workflow')`, and gives its standard output. */
export const n8n = async (instance: Instance, ...args: string[]): Promise<string> => {
	const { node, cli } = instance.installation;
	// A broker port of its own, since a server of the instance may be running.
	const { folder, env } = withEnv(instance, { N8N_RUNNERS_BROKER_PORT: String(await freePort()) });
	return (await runOrThrow(node, [cli, ...args], { cwd: folder, env })).stdout;
};

/** n8n's form of a credential for import, not encrypted. */
export interface Credential {
	id: string;
	name: string;
	type: string;
	data: Record<string, unknown>;
}

export interface Workflow {
	id: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
}

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string | null; name: string }>;
	onError?: 'continueRegularOutput' | 'continueErrorOutput';
}

const importObjects = async (
	instance: Instance,
	kind: 'credentials' | 'workflow',
	objects: unknown[],
): Promise<void> => {
	const file = join(instance.folder, `import-${kind}.json`);
	await writeFile(file, JSON.stringify(objects), { mode: 0o600 });
	await n8n(instance, `import:${kind}`, `--input=${file}`);
};

/** Adds or replaces credentials by id. */
export const importCredentials = (instance: Instance, credentials: Credential[]) =>
	importObjects(instance, 'credentials', credentials);

/** Adds or replaces workflows by id, not published. Credentials that they name without an id are found by their name. */
export const importWorkflows = (instance: Instance, workflows: Workflow[]) =>
	importObjects(instance, 'workflow', workflows);
