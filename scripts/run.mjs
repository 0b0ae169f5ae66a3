// node scripts/run.mjs FILE.mts ARGUMENTS...: sets the project up where that is still to be done, then runs the file with tsx.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureProject } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const [file, ...args] = process.argv.slice(2);
if (!file) {
	console.error('Usage: node scripts/run.mjs FILE.mts ARGUMENTS...');
	process.exit(2);
}

await ensureProject();

const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		// Ctrl+C in a terminal reaches the child by itself.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
	});
}
child.on('close', (code, signal) => {
	process.exitCode = code ?? 128 + constants.signals[signal];
});
