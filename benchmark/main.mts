// npm run bench -- NAME [ARGS…]: prints the numbers that the documentation claims.
import { ensureBuilt } from '../scripts/setup.mjs';
import { dicom } from './dicom.mts';
import { jobs } from './jobs.mts';
import { memory } from './memory.mts';
import { stop } from './stop.mts';
import { transfers } from './transfers.mts';

const benchmarks: Record<string, (args: string[]) => Promise<boolean>> = { dicom, jobs, memory, stop, transfers };

const [name = '', ...args] = process.argv.slice(2);
const chosen = benchmarks[name];
if (chosen === undefined) {
	console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join(' | ')}`);
	process.exit(2);
}
await ensureBuilt();
process.exit((await chosen(args)) ? 0 : 1);
