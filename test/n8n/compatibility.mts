// npm run compatibility -- --line 2.30 [--line 2.8 …]: installs these lines of n8n, runs all examples on them, and writes what has become of
// it into docs/compatibility.md. Without a line: all that stand there.
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureBuilt, ensureN8n } from '../../scripts/setup.mjs';
import { checkExamples, oftenInsteadOfNightly } from './check-examples.mts';
import { checkLoad } from './check-load.mts';
import { createChecks } from './checks.mts';
import { isComplete, measuredLines, withMeasured, type Measured } from './compatibilityTable.mts';
import { example, exampleIds } from './examples.mts';
import { exitOnSignals, run, temporaryFolder } from './process.mts';
import { startWorld, type World } from './world.mts';

const page = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md');

/** How many of the examples have succeeded at least once, as n8n's own list of executions has it. */
const succeeded = async ({ session, instance }: World): Promise<number> => {
	const { data: workflows } = await session.api<{ data: Array<{ id: string; name: string }> }>('GET', '/workflows?limit=250');
	const { data: executions } = await session.api<{ data: Array<{ workflowId: string }> }>('GET', '/executions?status=success&limit=250');
	const ran = new Set(executions.map(({ workflowId }) => workflows.find(({ id }) => id === workflowId)?.name));
	return exampleIds.filter((id) => ran.has(example(id, instance.files).name)).length;
};

const measure = async (line: string): Promise<Measured> => {
	const world = await startWorld({ folder: temporaryFolder(tmpdir(), 'n8n-compatibility-'), line, change: oftenInsteadOfNightly, say: console.log });
	const checks = createChecks();
	await checkLoad(world, checks);
	await checkExamples(world, checks);
	const ran = await succeeded(world);
	await world.stop();
	const { run: all, passed } = checks.counts();
	const { node, version } = world.instance.installation;
	const { stdout } = await run(node, ['--version'], { cwd: tmpdir() });
	const date = new Date().toISOString().slice(0, 10);
	return { line, n8n: version, node: stdout.trim().slice(1), examples: `${ran} of ${exampleIds.length}`, checks: `${passed} of ${all}`, date };
};

const { values } = parseArgs({ options: { line: { type: 'string', multiple: true } } });
const chosen = values.line ?? measuredLines(readFileSync(page, 'utf8'));
await ensureBuilt();
for (const line of chosen) await ensureN8n(line);
exitOnSignals();
for (const line of chosen) {
	const measured = await measure(line);
	console.log(measured);
	writeFileSync(page, withMeasured(readFileSync(page, 'utf8'), measured));
	if (!isComplete(measured)) process.exitCode = 1;
}
