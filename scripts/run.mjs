// node scripts/run.mjs FILE.mts ARGUMENTS...: sets the project up where that is still to be done, then runs the file with tsx.
import { ensureProject, runFile } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
if (!file) {
	console.error('Usage: node scripts/run.mjs FILE.mts ARGUMENTS...');
	process.exit(2);
}

await ensureProject();
await runFile(file, args);
