// The tests with a real n8n server: npm run test:n8n.
import { tmpdir } from 'node:os';

import { ensureBuilt, ensureN8n } from '../../scripts/setup.mjs';
import { checkExamples, oftenInsteadOfNightly } from './check-examples.mts';
import { checkLoad } from './check-load.mts';
import { createChecks } from './checks.mts';
import { exitOnSignals, temporaryFolder } from './process.mts';
import { startWorld } from './world.mts';

await ensureBuilt();
await ensureN8n();

exitOnSignals();
const checks = createChecks();
const world = await startWorld({
	folder: temporaryFolder(tmpdir(), 'n8n-test-'),
	change: oftenInsteadOfNightly,
	say: console.log,
});
await checkLoad(world, checks);
await checkExamples(world, checks);
await world.stop();
process.exitCode = checks.summary() ? 0 : 1;
