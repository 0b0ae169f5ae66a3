// npm run coverage: writes docs/coverage.md. With --check it only says whether the file is what it would write. Fails where something
// that the platform or gcapi can do has neither an operation nor a reason, and where what is said of an operation is not so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureBuilt } from './setup.mjs';
import { render } from './covered/lines.mts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs', 'coverage.md');
const run = async () => {
	await ensureBuilt();
	const { measure } = await import('./covered/measure.mts');
	const { twins } = await import('../test/gcapi/twins.mts');
	const { asked, operations, problems } = await measure();
	const sources = new Map(Object.entries(twins).map(([name, twin]) => [name, String(twin)]));
	const text = render(asked, operations, sources, problems);
	if (!process.argv.includes('--check')) writeFileSync(file, text);
	else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) problems.push('docs/coverage.md is not up to date: npm run coverage');
	for (const problem of problems) console.error(problem);
	if (problems.length > 0) process.exitCode = 1;
	else console.log('Everything is covered, or has a reason why not');
};

await run();
