// The tests with real n8n servers: npm run test:n8n [-- --line 2.41], all lines unless one is named.
import { availableParallelism, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

import { ensureBrowser } from '../../scripts/browser.mts';
import { currentLine, ensureBuilt, ensureN8n, lines } from '../../scripts/setup.mjs';
import { checkBrowser } from './browser.mts';
import { checkBinaryModes } from './check-binary-modes.mts';
import { checkCrash } from './check-crash.mts';
import { checkExamples, oftenInsteadOfNightly } from './check-examples.mts';
import { checkLoad } from './check-load.mts';
import { checkNewcomer } from './check-newcomer.mts';
import { checkQueue } from './check-queue.mts';
import { checkRedirects } from './check-redirects.mts';
import { checkResume } from './check-resume.mts';
import { checkTrigger } from './check-trigger.mts';
import { createChecks } from './checks.mts';
import { exitOnSignals, temporaryFolder } from './process.mts';
import { startWorld } from './world.mts';

const { values } = parseArgs({ options: { line: { type: 'string' } } });
const chosen = values.line === undefined ? lines : [values.line];

await ensureBuilt();
for (const line of chosen) await ensureN8n(line);
await ensureBrowser();

exitOnSignals();
const start = performance.now();
const checks = createChecks();
for (const line of chosen) {
	const world = await startWorld({
		folder: temporaryFolder(tmpdir(), 'n8n-test-'),
		line,
		change: oftenInsteadOfNightly,
		say: console.log,
	});
	await checkLoad(world, checks);
	await checkNewcomer(world, line, checks);
	await checkExamples(world, checks);
	await checkBrowser(world, line, checks);
	await checkRedirects(world, checks);
	await checkBinaryModes(world, checks);
	// Last: they end n8n, again and again.
	await checkTrigger(world, checks);
	await checkResume(world, checks);
	await checkCrash(world, checks);
	await world.stop();
}
if (chosen.includes(currentLine)) await checkQueue(currentLine, checks);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(`test:n8n took ${seconds} s on ${availableParallelism()} cores`);
process.exitCode = checks.summary() ? 0 : 1;
