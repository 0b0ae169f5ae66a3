import { chownSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureProgram, inPath, isProgram } from '../../scripts/apt.mts';
import { freePort } from './instance.mts';
import { end, hasEnded, run, runOrThrow, start, temporaryFolder, until } from './process.mts';

/** A server that listens on 127.0.0.1. */
export interface Service {
	port: number;
	/** Ends it by its process id. */
	stop: () => Promise<void>;
}

/** Where Debian has the programs of PostgreSQL, which are not in PATH; the newest version first. */
const debianFolders = (): string[] => {
	try {
		return readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)).map((version) => join('/usr/lib/postgresql', version, 'bin'));
	} catch {
		return [];
	}
};

const needed = async (program: string, name: string): Promise<string> => {
	const places = () => [...debianFolders().map((folder) => join(folder, program)), ...inPath([program])].find(isProgram);
	const path = await ensureProgram(places, name);
	if (path === undefined) throw new Error(`The test of queue mode needs ${program}: install it (on Debian: apt-get install ${name})`);
	return path;
};

/** Paths of what queue mode needs; brings what is missing. @throws Error that says what to install */
export const ensureServices = async () => ({
	redis: await needed('redis-server', 'redis-server'),
	initdb: await needed('initdb', 'postgresql'),
	postgres: await needed('postgres', 'postgresql'),
});

const listens = (port: number) =>
	new Promise<true | undefined>((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
		socket.once('connect', () => socket.destroy());
	});

const startService = async (program: string, args: string[], port: number, options: { cwd: string; uid?: number; gid?: number }, signal: NodeJS.Signals): Promise<Service> => {
	const child = start(program, args, { ...options, stdio: 'ignore' });
	await until(`${program} to listen`, () => {
		if (hasEnded(child)) throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode}`);
		return listens(port);
	});
	return { port, stop: async () => void (await end(child, signal)) };
};

/** Keeps nothing on the disk. */
export const startRedis = async (redis: string): Promise<Service> => {
	const port = await freePort();
	const cwd = temporaryFolder(tmpdir(), 'redis-');
	return startService(redis, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], port, { cwd }, 'SIGTERM');
};

/** The user that PostgreSQL runs as: it refuses to run as root. */
const unprivileged = async (): Promise<{ uid?: number; gid?: number }> => {
	if (process.getuid?.() !== 0) return {};
	const idOf = async (flag: string, user: string) => Number((await run('id', [flag, user], { cwd: '/' })).stdout);
	const user = (await run('id', ['-u', 'postgres'], { cwd: '/' })).status === 0 ? 'postgres' : 'nobody';
	return { uid: await idOf('-u', user), gid: await idOf('-g', user) };
};

/** An empty database cluster; whoever reaches it is its owner `n8n`. */
export const startPostgres = async ({ initdb, postgres }: { initdb: string; postgres: string }): Promise<Service> => {
	const port = await freePort();
	const user = await unprivileged();
	const cwd = temporaryFolder(tmpdir(), 'postgres-');
	if (user.uid !== undefined && user.gid !== undefined) chownSync(cwd, user.uid, user.gid);
	const data = join(cwd, 'data');
	await runOrThrow(initdb, ['-D', data, '-U', 'n8n', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'], { cwd, ...user });
	// Nothing of it has to outlive a crash.
	const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', cwd, '-c', 'fsync=off', '-c', 'synchronous_commit=off'];
	return startService(postgres, args, port, { cwd, ...user }, 'SIGINT');
};
