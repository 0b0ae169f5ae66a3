import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Programs of ours that run. None outlives this process, however it ends (but for SIGKILL). */
const children = new Set<ChildProcess>();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** As node:child_process's, but the program ends with this process. */
export const start = (program: string, args: string[], options: SpawnOptions): ChildProcess => {
	const child = spawn(program, args, options);
	children.add(child);
	child.once('exit', () => children.delete(child));
	return child;
};

/** Makes Ctrl+C and the like end this process in order: its exit handlers run. */
export const exitOnSignals = (): void => {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => process.exit(128 + constants.signals[signal]));
	}
};

/** A new folder that is removed when this process ends. */
export const temporaryFolder = (parent: string, prefix: string): string => {
	mkdirSync(parent, { recursive: true });
	const folder = mkdtempSync(join(parent, prefix));
	// What was killed a moment ago may still be writing.
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
	return folder;
};

export interface Finished {
	status: number | null;
	stdout: string;
	stderr: string;
}

/** Runs a program to its end, without a shell. */
export const run = async (
	program: string,
	args: string[],
	options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Finished> => {
	const child = start(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
	let stdout = '';
	let stderr = '';
	child.stdout?.setEncoding('utf8').on('data', (data: string) => (stdout += data));
	child.stderr?.setEncoding('utf8').on('data', (data: string) => (stderr += data));
	const status = await new Promise<number | null>((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	return { status, stdout, stderr };
};

/** @throws Error with the end of the program's output when it ends with anything but 0 */
export const runOrThrow = async (...call: Parameters<typeof run>): Promise<Finished> => {
	const finished = await run(...call);
	if (finished.status !== 0) {
		const [program, args] = call;
		const output = [finished.stdout, finished.stderr].map((text) => text.slice(-2500)).join('\n');
		throw new Error(`${[program, ...args].join(' ')} ended with ${finished.status}\n${output}`);
	}
	return finished;
};

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** How a process ended: its exit code, the signal that ended it, or `hung` when it had to be killed. */
export type Ending = number | NodeJS.Signals | 'hung';

/**
 * Sends a signal and waits for the end of the process.
 * @param patience ms after which it is killed
 */
export const end = async (child: ChildProcess, signal: NodeJS.Signals, patience = 15_000): Promise<Ending> => {
	let hung = false;
	if (!hasEnded(child)) {
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.kill(signal);
		const timer = setTimeout(() => {
			hung = true;
			child.kill('SIGKILL');
		}, patience);
		await ended;
		clearTimeout(timer);
	}
	return hung ? 'hung' : (child.exitCode ?? child.signalCode ?? 'hung');
};

/**
 * Calls `look` every `interval` ms until it gives something.
 * @param what names what is waited for, for the error
 * @param limit ms
 * @throws Error when the limit is reached, or what `look` throws
 */
export const until = async <T,>(
	what: string,
	look: () => Promise<T | undefined>,
	{ limit = 60_000, interval = 200 } = {},
): Promise<T> => {
	const end = Date.now() + limit;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s in vain for ${what}`);
		await sleep(interval);
	}
};
