import { join } from 'node:path';

import { spawnSandbox, type SpawnedSandbox } from '../../sandbox/client.mts';
import { example, exampleIds, triggered } from './examples.mts';
import { installationOf } from './installation.mts';
import {
	createInstance,
	importCredentials,
	importWorkflows,
	withEnv,
	type Credential,
	type Instance,
	type Workflow,
} from './instance.mts';
import { installPackage, packPackage } from './package.mts';
import { startServer, type Server } from './server.mts';
import { ownerSession, type Session } from './session.mts';

/** A running n8n with the package, a credential and the examples, and the sandbox it works against. */
export interface World {
	sandbox: SpawnedSandbox;
	/** Path of the package as it would be published. */
	tarball: string;
	instance: Instance;
	server: Server;
	session: Session;
	/** Starts n8n again on the same folder, after it has ended. */
	restart: (env?: NodeJS.ProcessEnv) => Promise<void>;
	/** Ends everything. */
	stop: () => Promise<void>;
}

export interface WorldOptions {
	/** Of n8n: database, log, files. */
	folder: string;
	/** Of n8n: a folder of lines/; the current one unless given. */
	line?: string;
	/** How much faster than real time the sandbox works on imports and jobs. */
	speed?: number;
	/** Environment variables of n8n. */
	env?: NodeJS.ProcessEnv;
	/** Last change to an example before it is imported. */
	change?: (workflow: Workflow) => Workflow;
	/** Told what happens. */
	say?: (text: string) => void;
}

const root = join(import.meta.dirname, '..', '..');

/** How a node names the credential. */
export const credentialReference = { grandChallengeApi: { id: 'grandChallenge', name: 'Grand Challenge' } } as const;

/** The credential that the examples name. */
export const credentialFor = ({ origins, tokens }: SpawnedSandbox): Credential => ({
	...credentialReference.grandChallengeApi,
	type: 'grandChallengeApi',
	data: { token: tokens.main, baseUrl: origins.api, allowHttp: true, ignoreSslIssues: false },
});

/** Starts everything; dist must be built and n8n be installed (scripts/setup.mjs). */
export const startWorld = async (options: WorldOptions): Promise<World> => {
	const { folder, say = () => undefined, change = (workflow: Workflow) => workflow, env = {} } = options;
	say('Starting the sandbox');
	const sandbox = await spawnSandbox({ sandboxFolder: join(root, 'sandbox'), speed: options.speed ?? 100 });
	try {
		say('Packing the package and installing it into n8n');
		const instance = await createInstance({ installation: installationOf(options.line), folder, env });
		const tarball = await packPackage(join(folder, 'package'));
		await installPackage(instance, tarball);
		say('Importing the credential and the examples');
		await importCredentials(instance, [credentialFor(sandbox)]);
		await importWorkflows(
			instance,
			exampleIds.map((id) => change(example(id, instance.files))),
		);
		say(`Starting n8n ${instance.installation.version}`);
		const server = await startServer(instance);
		const world: World = {
			sandbox,
			tarball,
			instance,
			server,
			session: await ownerSession(server),
			restart: async (more = {}) => {
				world.server = await startServer(withEnv(instance, more));
			},
			stop: async () => {
				await world.server.stop();
				await sandbox.stop();
			},
		};
		return world;
	} catch (error) {
		await sandbox.stop();
		throw error;
	}
};

/**
 * The lines of n8n's log that speak of the package. Paths of the project and of the instance do not count, whatever their
 * folders are called.
 * @param from position in the log
 */
export const saidOfPackage = async ({ server, instance }: World, from = 0): Promise<string[]> => {
	const log = (await server.log()).slice(from).replaceAll(instance.folder, '').replaceAll(root, '');
	return log.split('\n').filter((line) => /grand.?challenge/i.test(line));
};

/** Publishes the examples that wait for something. */
export const publishExamples = async ({ session }: World): Promise<void> => {
	for (const id of triggered) await session.activate(id);
};
