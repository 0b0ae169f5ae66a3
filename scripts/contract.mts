// npm run contract: writes test/contract.json, what saved workflows rely on. With --check it only says whether the file is what it would
// write. What would break a saved workflow is named, and never written: it wants a new version of the node, beside the one that there is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { breaks, contractOf, type Contract } from './contract/compare.mts';
import { describedPackage, repository } from './described.mts';
import { ensureBuilt } from './setup.mjs';

const file = join(repository, 'test', 'contract.json');

await ensureBuilt();
const now = contractOf(describedPackage());
const text = `${JSON.stringify(now, null, '\t').replace(/\n\t\t+|\n\t(?=})/g, ' ')}\n`;
const kept = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
const broken = breaks(JSON.parse(kept) as Contract, now);
for (const what of broken) console.error(`Breaks saved workflows: ${what}`);
if (broken.length > 0) {
	console.error('Keep it, or make a new version of the node that has the change (CONTRIBUTING.md, Saved workflows)');
	process.exitCode = 1;
} else if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (kept !== text) {
	console.error('test/contract.json is not up to date. Nothing is broken: npm run contract');
	process.exitCode = 1;
} else console.log(`${Object.keys(now).length} parameters are as saved workflows know them`);
