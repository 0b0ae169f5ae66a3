import { createInterface } from 'node:readline';

import type { Json } from '../../sandbox/json.mts';
import { hasEnded, start } from '../n8n/process.mts';

/** A program that answers questions, each a line of JSON on its standard input and output. */
export interface Conversation {
	pid: number;
	/** @throws Error with what stands under `error` in the answer, and where the program has ended */
	ask(question: Json): Promise<Record<string, Json>>;
	/** Closes its standard input and waits for its end. */
	end(): Promise<void>;
}

/** Starts such a program, which ends with this process at the latest. */
export const converse = (program: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Conversation => {
	const child = start(program, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
	const { stdin, stdout, pid } = child;
	if (stdin === null || stdout === null || pid === undefined) throw new Error(`${program} does not start`);
	const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
	return {
		pid,
		ask: async (question) => {
			stdin.write(`${JSON.stringify(question)}\n`);
			const { value, done } = await lines.next();
			if (done) throw new Error(`${program} has ended`);
			const answer = JSON.parse(value) as Record<string, Json>;
			if (answer.error !== undefined) throw new Error(String(answer.error));
			return answer;
		},
		end: async () => {
			if (hasEnded(child)) return;
			const ended = new Promise((resolve) => child.once('exit', resolve));
			stdin.end();
			await ended;
		},
	};
};
