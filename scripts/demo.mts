// npm run demo: n8n with this package, a credential and the examples, and a local Grand Challenge for them to work with.
// npm run demo -- --check: runs the examples instead, and compares what they leave with what the local Grand Challenge holds.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { checkExamples, oftenInsteadOfNightly } from '../test/n8n/check-examples.mts';
import { createChecks } from '../test/n8n/checks.mts';
import { exampleFiles } from '../test/n8n/examples.mts';
import { exitOnSignals, temporaryFolder } from '../test/n8n/process.mts';
import { owner } from '../test/n8n/session.mts';
import { testVolume } from '../test/n8n/volume.mts';
import { publishExamples, startWorld, type World } from '../test/n8n/world.mts';
import { ensureBuilt, ensureN8n } from './setup.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const say = (text: string) => console.log(text);

const runCheck = async (folder: string) => {
	const checks = createChecks();
	const world = await startWorld({ folder, say, change: oftenInsteadOfNightly });
	await checkExamples(world, checks);
	await world.stop();
	process.exitCode = checks.summary() ? 0 : 1;
};

const describe = ({ server, sandbox, instance }: World, scan: string) => `
n8n               ${server.url}
  e-mail          ${owner.email}
  password        ${owner.password}
Grand Challenge   ${sandbox.origins.api}  (the API of a local sandbox; it has no pages)
  token           ${sandbox.tokens.main}
files             ${instance.files}

The workflows (examples/) are ready to run; those that send messages or fill spreadsheets want a credential of yours for that:
${Object.entries(exampleFiles)
	.map(([id, file]) => `  ${file.padEnd(33)} ${server.url}/workflow/${id}`)
	.join('\n')}

Their webhooks listen already:
  curl -F data=@${scan} ${server.url}/webhook/grand-challenge-job
  curl -F data=@${scan} ${server.url}/webhook/grand-challenge-job-start

Ctrl+C ends the demo and removes everything it made.
`;

const runDemo = async (folder: string) => {
	// Slow enough to watch: an import takes 1.5 s, a job 4 s.
	const world = await startWorld({ folder, say, speed: 10 });
	await publishExamples(world);
	const scan = join(folder, 'scan.mha');
	await writeFile(scan, testVolume(6).bytes);
	say(describe(world, scan));
	process.removeAllListeners('SIGINT').on('SIGINT', () => process.exit(0));
	await new Promise(() => setInterval(() => undefined, 60_000));
};

await ensureBuilt();
await ensureN8n();
exitOnSignals();
const folder = temporaryFolder(join(import.meta.dirname, '..', '.demo'), 'run-');
await (values.check ? runCheck : runDemo)(folder);
