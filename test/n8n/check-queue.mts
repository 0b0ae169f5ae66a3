import assert from 'node:assert/strict';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkExamples, oftenInsteadOfNightly } from './check-examples.mts';
import { checkTrigger } from './check-trigger.mts';
import type { Checks } from './checks.mts';
import { installationOf } from './installation.mts';
import { createInstance, freePort, type Instance } from './instance.mts';
import { installPackage, packPackage } from './package.mts';
import { end, hasEnded, start, temporaryFolder, until } from './process.mts';
import { ensureServices, startPostgres, startRedis } from './services.mts';
import { startWorld } from './world.mts';

interface Worker {
	log: () => Promise<string>;
	stop: () => Promise<void>;
}

/** Starts `n8n worker` in a home of its own, with the package, and waits until it takes work. */
const startWorker = async (instance: Instance, port: number): Promise<Worker> => {
	const file = join(instance.folder, 'worker.log');
	const output = await open(file, 'a');
	const { node, cli } = instance.installation;
	const child = start(node, [cli, 'worker', '--concurrency=5'], { cwd: instance.folder, env: instance.env, stdio: ['ignore', output.fd, output.fd] });
	await output.close();
	const log = () => readFile(file, 'utf8');
	const isReady = async () => {
		if (hasEnded(child)) throw new Error(`The worker ended with ${child.exitCode ?? child.signalCode}:\n${(await log()).slice(-3000)}`);
		const answer = await fetch(`http://127.0.0.1:${port}/healthz/readiness`).catch(() => undefined);
		return answer?.ok ? true : undefined;
	};
	await until('the worker to be ready', isReady, { limit: 120_000 });
	return { log, stop: async () => void (await end(child, 'SIGTERM')) };
};

/**
 * n8n as it is run for many: a main process that only takes requests, two workers that do the work, Redis between them,
 * PostgreSQL for everything, files included. All examples run on it; the trigger polls in the main process, and the workers do what follows.
 */
export const checkQueue = async (line: string, checks: Checks): Promise<void> => {
	const programs = await ensureServices();
	const [redis, postgres] = await Promise.all([startRedis(programs.redis), startPostgres(programs)]);
	const queue = {
		EXECUTIONS_MODE: 'queue',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		N8N_DEFAULT_BINARY_DATA_MODE: 'database',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_USER: 'n8n',
	};
	const world = await startWorld({ folder: temporaryFolder(tmpdir(), 'n8n-queue-'), line, env: queue, change: oftenInsteadOfNightly, say: console.log });
	const workers = await Promise.all(
		[1, 2].map(async (number) => {
			const port = await freePort();
			// Its own home, as on a machine of its own; only the folder for files is shared.
			const env = { ...queue, N8N_RESTRICT_FILE_ACCESS_TO: world.instance.files, QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(port) };
			const worker = await createInstance({ installation: installationOf(line), folder: join(world.instance.folder, `worker-${number}`), env });
			await installPackage(worker, await packPackage(join(worker.folder, 'package')));
			return startWorker(worker, port);
		}),
	);
	// n8n 2.41 leaves the static data out of what it hands to a worker.
	const ofQueue: Checks = { ...checks, check: (name, test) => checks.check(`queue mode: ${name}`, test) };
	await checkExamples(world, ofQueue, { keepsRecord: false });
	await checkTrigger(world, ofQueue, { withoutPlatform: false });
	await checks.check('queue mode: both workers have worked, with files from the database', async () => {
		const logs = await Promise.all(workers.map(({ log }) => log()));
		const worked = logs.map((log) => log.match(/Worker finished execution/g)?.length ?? 0);
		assert(worked.every((count) => count > 0), `executions of the workers: ${worked.join(' and ')}`);
		assert.equal(/Worker finished execution/.test(await world.server.log()), false);
	});
	await Promise.all(workers.map(({ stop }) => stop()));
	await world.stop();
	await Promise.all([redis.stop(), postgres.stop()]);
};
