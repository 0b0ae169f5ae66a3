// The examples that do what people have scripts for: folders into archives and reader studies, an algorithm over many cases, tables.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Checks } from './checks.mts';
import type { ExampleId } from './examples.mts';
import { assertFiles, emptyFolder } from './files.mts';
import { expectedFiles, platform, type PlatformItem, type PlatformJob } from './platform.mts';
import { failureOf, itemsOf, type Execution } from './session.mts';
import { testVolume } from './volume.mts';
import type { World } from './world.mts';

export const checkScriptExamples = async (world: World, checks: Checks): Promise<void> => {
	await checkFolderToArchive(world, checks);
	await checkResultsToArchive(world, checks);
	await checkReaderStudies(world, checks);
	await checkTables(world, checks);
	await checkVersionOutputs(world, checks);
};

/** Runs an example from its first node, which has to succeed. */
const runs = async ({ session }: World, example: ExampleId, trigger = 'Start'): Promise<Execution> => {
	const execution = await session.runManually(example, trigger);
	assert.equal(failureOf(execution), undefined);
	return execution;
};

const jsonOf = (execution: Execution, node: string) => itemsOf(execution, node).map(({ json }) => json);

interface Listed<Entry> {
	results: Entry[];
}

const itemsIn = async ({ sandbox }: World, archive: string) => {
	const { archives } = await sandbox.state();
	return (await platform(sandbox)<Listed<PlatformItem>>('GET', `archives/items/?archive=${archives[archive]?.pk}&limit=1000`)).results;
};

const casesIn = async ({ sandbox }: World, study: string) => {
	const { readerStudies } = await sandbox.state();
	const path = `reader-studies/display-sets/?reader_study=${readerStudies[study]?.pk}&limit=1000`;
	return (await platform(sandbox)<Listed<PlatformItem & { order: number }>>('GET', path)).results;
};

const imageOf = ({ values }: PlatformItem, socket = 'ct-image') => values.find((value) => value.interface.slug === socket)?.image;

/** Lines of a CSV file as cells; none of the cells that are looked at holds a comma. */
const readCsv = async ({ instance }: World, name: string) => {
	const [head = '', ...rows] = (await readFile(join(instance.files, name), 'utf8')).replace(/^\uFEFF/, '').trim().split(/\r?\n/);
	return { columns: head.split(',').map((cell) => cell.replaceAll('"', '')), rows };
};

const checkFolderToArchive = async (world: World, { check }: Checks) => {
	const { sandbox, instance } = world;
	const scans = [testVolume(3), testVolume(5)];
	const added = async () => (await itemsIn(world, 'empty')).filter(({ title }) => title.startsWith('Patient '));
	await emptyFolder(instance.files);
	for (const [i, { bytes }] of scans.entries()) await writeFile(join(instance.files, `scan-${i + 1}.mha`), bytes);
	await writeFile(join(instance.files, 'cases.csv'), 'file,title,age\nscan-1.mha,Patient A,61\nscan-2.mha,Patient B,47\n');
	await check('folder into archive: a case for each row of the table, with its image and its value', async () => {
		await runs(world, 'folderToArchive');
		const found = await added();
		assert.deepEqual(found.map(({ title }) => title).sort(), ['Patient A', 'Patient B']);
		for (const [title, age, scan] of [['Patient A', 61, scans[0]], ['Patient B', 47, scans[1]]] as const) {
			const values = found.find((item) => item.title === title)?.values ?? [];
			assert.equal(values.find((value) => value.interface.slug === 'patient-age')?.value, age);
			const image = values.find((value) => value.interface.slug === 'ct-image');
			assert((await sandbox.file(image?.pk ?? 0)).bytes.equals(scan?.bytes ?? Buffer.alloc(0)), `the image of ${title}`);
		}
	});
	await check('folder into archive: run again, it makes nothing twice and sends nothing', async () => {
		await sandbox.clearRequests();
		const execution = await runs(world, 'folderToArchive');
		assert.deepEqual(jsonOf(execution, 'Add Case').map(({ outcome }) => outcome), ['skipped', 'skipped']);
		assert.equal((await added()).length, 2);
		assert.deepEqual((await sandbox.requests()).filter(({ method }) => method !== 'GET'), []);
	});
};

const checkResultsToArchive = async (world: World, { check }: Checks) => {
	await check('results into archive: every case gets the result of the algorithm, once', async () => {
		const cases = (await itemsIn(world, 'empty')).filter((item) => imageOf(item) && !imageOf(item, 'lung-segmentation'));
		assert(cases.length >= 2, 'there are cases without a result');
		const execution = await runs(world, 'resultsBack');
		assert.equal(itemsOf(execution, 'Add Result to Case').length, cases.length);
		const items = await itemsIn(world, 'empty');
		assert.deepEqual(items.filter((item) => imageOf(item) && !imageOf(item, 'lung-segmentation')), []);
		const results = items.flatMap((item) => imageOf(item, 'lung-segmentation') ?? []);
		assert.equal(new Set(results).size, results.length, 'each has a result of its own');
		assert.equal(itemsOf(await runs(world, 'resultsBack'), 'Without Result').length, 0);
	});
};

const checkReaderStudies = async (world: World, { check }: Checks) => {
	const { instance } = world;
	await check('folder into reader study: the cases stand in the order of the files', async () => {
		await emptyFolder(instance.files);
		for (const name of ['b.mha', 'c.mha', 'a.mha']) await writeFile(join(instance.files, name), testVolume(2).bytes);
		const before = await casesIn(world, 'practice');
		await runs(world, 'folderToStudy');
		const added = (await casesIn(world, 'practice')).filter(({ pk }) => !before.some((known) => known.pk === pk));
		const inOrder = added.sort((a, b) => a.order - b.order);
		assert.deepEqual(inOrder.map(({ title }) => title), ['a', 'b', 'c']);
		assert(inOrder.every((each) => imageOf(each)), 'each has an image');
	});
	await check('archive into reader study: the images are shared, nothing is sent', async () => {
		const items = (await itemsIn(world, 'lung')).filter((item) => imageOf(item));
		await world.sandbox.clearRequests();
		await runs(world, 'archiveToStudy');
		const cases = await casesIn(world, 'practice');
		for (const item of items) assert.equal(imageOf(cases.find(({ title }) => title === item.title) ?? { pk: '', title: '', values: [] }), imageOf(item), item.title);
		assert.deepEqual((await world.sandbox.requests()).filter(({ path }) => path.includes('/uploads/')), []);
	});
	await check('algorithm over reader study: a row for each case', async () => {
		const execution = await runs(world, 'jobsOverStudy');
		const cases = await casesIn(world, 'nodules');
		const rows = jsonOf(execution, 'Table');
		assert.deepEqual(rows.map((row) => row.case).sort(), cases.map(({ title }) => title).sort());
		for (const { volume, job } of rows) assert(typeof volume === 'number' && String(job).includes('/jobs/'), JSON.stringify(rows));
	});
};

const checkTables = async (world: World, { check }: Checks) => {
	await check('answers as table: a row for each case and reader, a column for each question', async () => {
		const execution = await runs(world, 'answersToTable');
		const { columns, rows } = await readCsv(world, 'answers.csv');
		const exported = jsonOf(execution, 'Answers');
		assert.deepEqual(columns, Object.keys(exported[0] ?? {}));
		assert(columns.includes('Is there a nodule?'), columns.join());
		assert(rows.length >= exported.length && exported.length > 1, `${rows.length} rows of ${exported.length}`);
	});
	await check('reminders: a message for each reader who has not finished', async () => {
		const execution = await runs(world, 'remindReaders', 'Every Monday');
		const behind = jsonOf(execution, 'Progress').filter(({ finished }) => finished !== true);
		assert(behind.length > 0, 'somebody has not finished');
		const messages = jsonOf(execution, 'Write Message');
		assert.deepEqual(messages.map(({ to }) => to), behind.map(({ reader }) => reader));
		for (const { subject, text } of messages) {
			assert.match(String(subject), /^\d+ of \d+ cases left in nodule-reading$/);
			assert.match(String(text), /^Still to be read: ./);
		}
	});
	await check('leaderboard as table: a row for each evaluation, a column for each metric', async () => {
		const execution = await runs(world, 'leaderboard');
		const { columns, rows } = await readCsv(world, 'leaderboard.csv');
		assert(columns.includes('metrics.aggregates.dice'), columns.join());
		assert.equal(rows.length, itemsOf(execution, 'Evaluations').length);
		assert(rows.length > 1);
	});
};

const checkVersionOutputs = async (world: World, { check }: Checks) => {
	const { sandbox, instance } = world;
	const call = platform(sandbox);
	await check('outputs of one version: the files of its jobs, and no others, under the names of their images', async () => {
		await emptyFolder(instance.files);
		await sandbox.addContainer({ algorithm: 'threshold' });
		await sandbox.settle();
		const { algorithms, images } = await sandbox.state();
		const expected = ['lung1', 'lung2'].map(async (name) => {
			const image = images[name];
			const inputs = [{ interface: 'ct-image', image: image?.api_url }];
			const { pk } = await call<PlatformJob>('POST', 'algorithms/jobs/', { algorithm: algorithms.threshold?.api_url, inputs });
			await sandbox.settle();
			const { outputs } = await call<PlatformJob>('GET', `algorithms/jobs/${pk}/`);
			assert.equal(outputs.length, 5);
			return expectedFiles(sandbox, `${image?.name.replace(/\.mha$/, '')}-${pk.slice(0, 8)}`, outputs);
		});
		const files = (await Promise.all(expected)).flat();
		await runs(world, 'versionOutputs');
		await assertFiles(instance.files, files);
	});
};
