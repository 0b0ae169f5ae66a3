// The example for external evaluators: the test is the machine that runs the container.
import assert from 'node:assert/strict';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { Checks } from './checks.mts';
import { emptyFolder } from './files.mts';
import { platform, type PlatformValue } from './platform.mts';
import { until } from './process.mts';
import { failureOf, itemsOf } from './session.mts';
import type { World } from './world.mts';

interface Evaluation {
	status: string;
	outputs: PlatformValue[];
}

const cases = ['lung-1', 'lung-2', 'lung-3', 'lung-4'];
const table = (nodules: number[]) => ['case,nodule', ...nodules.map((nodule, i) => `${cases[i]},${nodule}`), ''].join('\n');

/**
 * Runs the example; what it hands over is answered with these predictions.
 * @returns the evaluation, as the platform has it then
 */
const evaluate = async ({ sandbox, session, instance }: World, predictions: number[]): Promise<Evaluation> => {
	const ending = '-container.tar.gz';
	await emptyFolder(instance.files);
	await writeFile(join(instance.files, 'reference.csv'), table([1, 1, 1, 0]));
	const id = await session.startManually('external', 'Start');
	const container = await until('the container', async () => (await readdir(instance.files)).find((name) => name.endsWith(ending)));
	const pk = container.slice(0, -ending.length);
	const file = join(instance.files, `${pk}-predictions.csv`);
	await writeFile(`${file}.part`, table(predictions));
	await rename(`${file}.part`, file);
	const execution = await session.finished(id);
	assert.equal(failureOf(execution), undefined);
	assert.match(gunzipSync(await readFile(join(instance.files, container))).toString(), /^layers of the container image/);
	assert.deepEqual(itemsOf(execution, 'Claim').map(({ json }) => json.pk), [pk]);
	return platform(sandbox)<Evaluation>('GET', `evaluations/${pk}/`);
};

export const checkExternalEvaluation = async (world: World, { check }: Checks): Promise<void> => {
	const { sandbox } = world;
	await sandbox.changeSettings({ claimsPerAccount: 2 });
	await check('external evaluation: the container is handed over, its predictions are measured and reported', async () => {
		const { status, outputs } = await evaluate(world, [1, 0, 1, 1]);
		assert.equal(status, 'Succeeded');
		const metrics = outputs.find((output) => output.interface.slug === 'metrics-json-file')?.value;
		// Two nodules found, one missed, one that is none.
		assert.deepEqual(metrics, {
			aggregates: { dice: 2 / 3, recall: 2 / 3 },
			cases: [1, 1, 1, 0].map((reference, i) => ({ name: cases[i], reference, predicted: [1, 0, 1, 1][i] })),
		});
	});
	await check('external evaluation: predictions that are missing are reported as a failure', async () => {
		const { status, outputs } = await evaluate(world, [1]);
		assert.deepEqual([status, outputs], ['Failed', []]);
		assert.match(JSON.stringify((await sandbox.dump()).evaluations), /No prediction for 3 of 4 cases/);
	});
};
