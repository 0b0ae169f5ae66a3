import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Instance } from './instance.mts';
import { end, hasEnded, start, until, type Ending } from './process.mts';

export interface Server {
	/** Origin, without a slash at its end. */
	url: string;
	pid: number;
	/** Everything that n8n has printed since it was started first. */
	log: () => Promise<string>;
	/** Sends a signal to n8n and waits for its end, up to a minute. */
	end: (signal: NodeJS.Signals) => Promise<Ending>;
	/** Ends n8n by its process id; does nothing the second time. */
	stop: () => Promise<void>;
}

/**
 * Starts `n8n start` and waits until it answers.
 * @throws Error with the end of n8n's output when it ends or is not ready within 2 minutes
 */
export const startServer = async (instance: Instance): Promise<Server> => {
	const url = `http://127.0.0.1:${instance.port}`;
	const file = join(instance.folder, 'n8n.log');
	const output = await open(file, 'a');
	const { node, cli } = instance.installation;
	const child = start(node, [cli, 'start'], {
		cwd: instance.folder,
		env: instance.env,
		stdio: ['ignore', output.fd, output.fd],
	});
	await output.close();
	const log = () => readFile(file, 'utf8');
	const isReady = async () => {
		if (hasEnded(child)) throw new Error(`n8n ended with ${child.exitCode ?? child.signalCode}`);
		// n8n 1 calls itself ready before its editor's API answers.
		const ways = ['/healthz/readiness', '/rest/settings'];
		const answers = await Promise.all(ways.map((way) => fetch(url + way).catch(() => undefined)));
		return answers.every((answer) => answer?.ok) ? true : undefined;
	};
	try {
		await until('n8n to be ready', isReady, { limit: 120_000 });
	} catch (error) {
		await end(child, 'SIGTERM');
		throw new Error(`n8n did not start:\n${(await log()).slice(-5000)}`, { cause: error });
	}
	if (child.pid === undefined) throw new Error('n8n has no process id');
	return {
		url,
		pid: child.pid,
		log,
		end: (signal) => end(child, signal, 60_000),
		stop: async () => {
			await end(child, 'SIGTERM');
		},
	};
};
