// npm run coverage, npm run reference: write docs/coverage.md, docs/reference.md and docs/coming-from-gcapi.md, from one measurement. With
// --check they only say whether the files are what would be written. Fails where something that the platform or gcapi can do has neither an operation nor a
// reason, and where what is said of an operation is not so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { render } from './covered/lines.mts';
import { describedPackage, repository } from './described.mts';
import { comingFromGcapi } from './recipes.mts';
import { reference } from './reference.mts';
import { ensureBuilt } from './setup.mjs';

const run = async () => {
	await ensureBuilt();
	const { measure } = await import('./covered/measure.mts');
	const { twins, withoutTwin } = await import('../test/gcapi/twins.mts');
	const { asked, given, operations, problems } = await measure();
	const sources = new Map(Object.entries(twins).map(([name, twin]) => [name, String(twin)]));
	const recipes = readFileSync(join(repository, 'test', 'gcapi', 'recipes.py'), 'utf8');
	const pages = {
		'coming-from-gcapi.md': comingFromGcapi(recipes, sources, withoutTwin, operations, problems),
		'coverage.md': render(asked, operations, sources, problems),
		'reference.md': reference(describedPackage().nodes, given, problems),
	};
	for (const [name, text] of Object.entries(pages)) {
		const file = join(repository, 'docs', name);
		if (!process.argv.includes('--check')) writeFileSync(file, text);
		else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) problems.push(`docs/${name} is not up to date: npm run reference`);
	}
	for (const problem of problems) console.error(problem);
	if (problems.length > 0) process.exitCode = 1;
	else console.log('Everything is covered, or has a reason why not, and the reference is that of the node');
};

await run();
