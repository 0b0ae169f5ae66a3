// Algorithm Job: Start, and Start and Wait.
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { by, id, items, json, makeBinary, readBinary, useWorld, values, type NodeResult } from './fixtures/world.mts';

// Short jobs: the node asks in the rhythm of the algorithm's average duration.
const world = useWorld({ fresh: true });
beforeEach(async () => void (await world.sandbox.changeSettings({ jobDurationFactor: 0.01 })));

const threshold = id('lung-volume-above-threshold');
const lung1 = () => world.state.images.lung1?.pk ?? '';
const scan = async () => ({ data: await makeBinary((await world.sandbox.file(lung1())).bytes, 'scan.mha') });
const onLung1 = (more: Parameters<typeof values>[0] = {}) => values({ image: [['ct-image', lung1()]], ...more });
const outputsOf = ({ items: [first] }: NodeResult) => (first?.json.outputs ?? {}) as Record<string, unknown>;
const told = (words: unknown) =>
	String(words)
		.replaceAll(world.sandbox.origins.api, '<site>')
		.replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<pk>');

const posted = async () =>
	(await world.sandbox.requests())
		.filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/'))
		.map(({ body }) => body);

describe('Start', () => {
	it('goes on at once', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const result = await world.run('algorithmJob.start', { algorithm: threshold, values: onLung1() });
		const pk = result.items[0]?.json.pk;
		expect(json(result)).toEqual([
			{
				pk: expect.any(String) as string,
				status: expect.stringMatching(/^(Validating inputs|Queued)$/) as string,
				url: `${world.sandbox.origins.api}/algorithms/lung-volume-above-threshold/jobs/${String(pk)}/`,
				algorithm: world.state.algorithms.threshold?.pk,
				inputs: { 'ct-image': { image: world.state.images.lung1?.api_url, pk: lung1() } },
				outputs: {},
				exec_seconds: null,
			},
		]);
		expect(await posted()).toEqual([
			{
				algorithm: world.state.algorithms.threshold?.api_url,
				inputs: [{ interface: 'ct-image', image: world.state.images.lung1?.api_url }],
			},
		]);
		await world.sandbox.settle();
		const later = await world.run('algorithmJob.get', { job: id(String(pk)) });
		expect(later.items[0]?.json).toMatchObject({
			status: 'Succeeded',
			outputs: { 'mean-intensity': expect.any(Number) as number },
		});
	});
});

describe('Start and Wait', () => {
	it('takes the interface that the inputs make up', async () => {
		const run = async (more = {}) =>
			outputsOf(await world.run('algorithmJob.startAndWait', { algorithm: threshold, values: onLung1(more) }));
		const [usual, all] = [await run(), await run({ json: [['segmentation-threshold', -2000]] })];
		expect(Object.keys(usual).sort()).toEqual([
			'lung-segmentation',
			'mean-intensity',
			'summary-report',
			'threshold-report',
			'volume-above-threshold',
		]);
		// 32 × 32 × 16 voxels of 1.5 × 1.5 × 3 mm³, in ml.
		expect(all['volume-above-threshold']).toBeCloseTo((32 * 32 * 16 * 1.5 * 1.5 * 3) / 1000, 3);
		expect(usual['volume-above-threshold']).toBeLessThan(all['volume-above-threshold'] as number);
	});

	it('takes an image from binary data', async () => {
		const fields = values({ binary: [['ct-image', 'data']], json: [['segmentation-threshold', -2000]] });
		const result = await world.run(
			'algorithmJob.startAndWait',
			{ algorithm: threshold, values: fields },
			{ items: [{ json: {}, binary: await scan() }] },
		);
		expect(outputsOf(result)['volume-above-threshold']).toBeCloseTo(110.592, 3);
	});

	it('takes a file from binary data', async () => {
		const binary = { data: await makeBinary(Buffer.from('name,size\na,1\nb,2\n'), 'sizes.csv') };
		const result = await world.run(
			'algorithmJob.startAndWait',
			{
				algorithm: id('table-summary'),
				values: values({ binary: [['measurements-csv', 'data']], json: [['patient-age', 61]] }),
			},
			{ items: [{ json: {}, binary }] },
		);
		expect(outputsOf(result)).toEqual({
			'row-count': 2,
			'table-summary': { rows: 2, columns: ['name', 'size'], patient_age: 61 },
		});
	});

	it('adds the outputs as files where asked to', async () => {
		const result = await world.run('algorithmJob.startAndWait', {
			algorithm: threshold,
			values: onLung1(),
			options: { downloadOutputs: true },
		});
		const [item] = result.items;
		const outputs = outputsOf(result);
		expect(Object.keys(item?.binary ?? {}).sort()).toEqual(Object.keys(outputs).sort());
		expect(JSON.parse((await readBinary(item, 'mean-intensity')).toString())).toBe(outputs['mean-intensity']);
		expect((await readBinary(item, 'summary-report')).subarray(0, 5).toString()).toBe('%PDF-');
		const { pk } = outputs['lung-segmentation'] as { pk: string };
		expect((await readBinary(item, 'lung-segmentation')).equals((await world.sandbox.file(pk)).bytes)).toBe(true);
		expect(json(result)).toEqual(json(await world.run('algorithmJob.get', { job: id(String(item?.json.pk)) })));
	});

	it('names the job when its outputs cannot be fetched', async () => {
		await world.sandbox.addFaults({ match: { path: '/media/components' }, times: -1, action: { status: 404 } });
		const parameters = { algorithm: threshold, values: onLung1(), options: { downloadOutputs: true } };
		const { error } = await world.run('algorithmJob.startAndWait', parameters);
		const [{ pk } = { pk: '' }] = (await world.sandbox.state()).jobs;
		expect(told(error?.message)).toMatch(/^Grand Challenge does not show the file '/);
		expect(error?.description).toContain(`The job ${pk} has finished; Algorithm Job: Download fetches its files`);
		expect(error?.context?.data).toEqual({ reason: 'notFound', job: pk });
	});

	it('tells of a job that failed', async () => {
		const parameters = { algorithm: id('always-failing'), values: onLung1() };
		const { items: found } = await world.run('algorithmJob.startAndWait', parameters, {
			onError: 'continueRegularOutput',
		});
		const [{ pk } = { pk: '' }] = (await world.sandbox.state()).jobs;
		expect(found[0]?.json).toMatchObject({
			error: `The job ${pk} failed`,
			message: `Its page shows the reason and the log: ${world.sandbox.origins.api}/algorithms/always-failing/jobs/${pk}/`,
			details: { reason: 'failedThere', job: pk },
		});
	});

	it('gives a job that failed as an item, where asked to, with what is known of the reason', async () => {
		const binary = { data: await makeBinary(Buffer.from('no image'), 'notes.txt') };
		const options = { ifJobFails: 'return' };
		const failed = await world.run('algorithmJob.startAndWait', { algorithm: id('always-failing'), values: onLung1(), options });
		expect(failed.items[0]?.json).toMatchObject({ status: 'Failed', outputs: {}, reason: `The job ${String(failed.items[0]?.json.pk)} failed` });
		const waited = await world.run('algorithmJob.wait', { job: id(String(failed.items[0]?.json.pk)), options });
		expect(json(waited)).toEqual(json(failed));
		const cancelled = await world.run('algorithmJob.startAndWait', { algorithm: threshold, values: values({ binary: [['ct-image', 'data']] }), options }, { items: [{ json: {}, binary }] });
		expect([cancelled.items[0]?.json.status, told(cancelled.items[0]?.json.reason)]).toEqual(['Cancelled', 'The job <pk> was cancelled: 1 file could not be imported']);
		expect((await world.run('algorithmJob.wait', { job: id('x'), options: { ifJobFails: '={{ "maybe" }}' } })).error?.message).toBe("'If the Job Fails' is 'maybe'");
	});

	it('tells why the files of a job could not be imported', async () => {
		const binary = { data: await makeBinary(Buffer.from('no image'), 'notes.txt') };
		const { error } = await world.run(
			'algorithmJob.startAndWait',
			{ algorithm: threshold, values: values({ binary: [['ct-image', 'data']] }) },
			{ items: [{ json: {}, binary }] },
		);
		expect(told(error?.message)).toMatch(/^The job <pk> (failed|was cancelled): 1 file could not be imported$/);
	});

	it('ends with the job that still runs', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const parameters = { algorithm: threshold, values: onLung1(), options: { maxWait: 0.01, downloadOutputs: true } };
		const result = await world.run('algorithmJob.startAndWait', parameters);
		expect(result.items).toMatchObject([
			{
				json: {
					pk: expect.any(String) as string,
					status: expect.stringMatching(/^(Validating inputs|Queued)$/) as string,
					outputs: {},
				},
			},
		]);
		expect(result.items[0]?.binary ?? {}).toEqual({});
	});

	it.each<[string, () => INodeParameters, () => string]>([
		['slug', () => by('id', 'lung-volume-above-threshold'), lung1],
		[
			'list',
			() => by('list', world.state.algorithms.threshold?.pk ?? ''),
			() => world.state.images.lung1?.api_url ?? '',
		],
		[
			'page',
			() => by('url', `${world.sandbox.origins.api}/algorithms/lung-volume-above-threshold/`),
			() => `${world.sandbox.origins.api}/cases/images/${lung1()}/`,
		],
		['expression', () => by('id', '={{ $json.algorithm }}'), () => '={{ $json.image }}'],
	])('finds algorithm and image by %s', async (_, algorithm, image) => {
		const result = await world.run(
			'algorithmJob.start',
			{
				algorithm: algorithm(),
				values: {
					image: [
						{
							socket: by(
								'url',
								`${world.sandbox.origins.api}/api/v1/components/interfaces/${world.state.sockets['ct-image']?.pk}/`,
							),
							image: image(),
						},
					],
				},
			},
			{ items: items({ algorithm: 'lung-volume-above-threshold', image: lung1() }) },
		);
		expect(result.items[0]?.json.inputs).toMatchObject({ 'ct-image': { pk: lung1() } });
	});
});

describe('Wait', () => {
	const start = async (algorithm = 'lung-volume-above-threshold', image = lung1()) => {
		const inputs = values({ image: [['ct-image', image]] });
		return String((await world.run('algorithmJob.start', { algorithm: id(algorithm), values: inputs })).items[0]?.json.pk);
	};
	const onLung = (n: number) => start('lung-volume-above-threshold', world.state.images[`lung${n}`]?.pk);

	it('goes on when the job of each item has finished', async () => {
		const jobs = [await onLung(1), await onLung(2)];
		const result = await world.run('algorithmJob.wait', { job: id('={{ $json.pk }}') }, { items: items(...jobs.map((pk) => ({ pk }))) });
		expect(json(result).map(({ pk, status }) => [pk, status])).toEqual(jobs.map((pk) => [pk, 'Succeeded']));
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(json(result)[1]).toEqual(json(await world.run('algorithmJob.get', { job: id(jobs[1] ?? '') }))[0]);
	});

	it.each<[string, (jobs: string[]) => string | object]>([
		['separated by commas', (jobs) => jobs.join(', ')],
		['in a list', (jobs) => jobs],
	])('takes several jobs %s', async (_, given) => {
		const jobs = [await onLung(1), await onLung(2)];
		const result = await world.run('algorithmJob.wait', { job: id('={{ $json.jobs }}') }, { items: items({ jobs: given(jobs) as string }) });
		expect(json(result).map(({ pk, status }) => [pk, status])).toEqual(jobs.map((pk) => [pk, 'Succeeded']));
	});

	it('adds the outputs as files where asked to', async () => {
		const result = await world.run('algorithmJob.wait', { job: id(await start()), options: { downloadOutputs: true } });
		expect(Object.keys(result.items[0]?.binary ?? {}).sort()).toEqual(Object.keys(outputsOf(result)).sort());
	});

	it('tells of each job that failed, and gives the others where the node goes on', async () => {
		const [bad, good] = [await start('always-failing'), await onLung(1)];
		const job = { job: id(`${bad}, ${good}`) };
		const { error } = await world.run('algorithmJob.wait', job);
		expect([error?.message, error?.context?.data]).toEqual([`The job ${bad} failed`, { reason: 'failedThere', job: bad }]);
		expect(told(error?.description)).toBe('Its page shows the reason and the log: <site>/algorithms/always-failing/jobs/<pk>/');
		const { items: found } = await world.run('algorithmJob.wait', job, { onError: 'continueRegularOutput' });
		expect(found.map(({ json: { error: failed, pk } }) => failed ?? pk)).toEqual([`The job ${bad} failed`, good]);
	});

	it('ends with the jobs that still run, after one time for all', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const jobs = [await onLung(1), await onLung(2)];
		const result = await world.run('algorithmJob.wait', { job: id(jobs.join()), options: { maxWait: 0.01 } });
		expect(json(result).map(({ pk, outputs }) => [pk, outputs])).toEqual(jobs.map((pk) => [pk, {}]));
		// The second one is not waited for any more.
		expect((await world.sandbox.requests()).filter(({ method, path }) => method === 'GET' && path.includes(jobs[1] ?? '')).length).toBeLessThanOrEqual(2);
	});

	it.each(['', ' , '])('needs a job: %j', async (job) => {
		const { error } = await world.run('algorithmJob.wait', { job: id(`={{ ${JSON.stringify(job)} }}`) });
		expect(error?.message).toBe('No algorithm job is chosen');
	});
});

describe('what the platform refuses', () => {
	const start = async (algorithm: string, more: INodeParameters = {}) =>
		await world.run('algorithmJob.start', { algorithm: id(algorithm), values: onLung1(), ...more });

	it.each<[string, string, IDataObject, string, string]>([
		[
			'an algorithm that may only be looked at',
			'nodule-detector',
			{},
			'Grand Challenge did not accept the job of Nodule Detector: algorithm: Invalid hyperlink - Object does not exist.',
			'This account can see the algorithm but not run it: it has to be one of its users or editors. Access is requested on the page of the algorithm (found at <site>/algorithms/)',
		],
		[
			'an algorithm without a container image',
			'not-ready',
			{},
			'Grand Challenge did not accept the job of Not Ready: Algorithm image is not ready to be used',
			'The algorithm has no active container image at the moment. Ask its editors',
		],
		[
			'an account without credits',
			'always-failing',
			{ credits: 0, complimentaryJobs: 0 },
			'Grand Challenge did not accept the job of Always Failing: You have run out of algorithm credits',
			"Credits are given per month. The algorithm's page on Grand Challenge shows what a job costs and how to get more",
		],
		[
			'too many jobs at a time',
			'always-failing',
			{ maxActiveJobs: 0 },
			'Grand Challenge did not accept the job of Always Failing: You have too many active jobs, please try again after they have completed',
			'At most 16 of your jobs may be active at a time. Run the node again when some have finished',
		],
	])('%s', async (_, algorithm, settings, message, description) => {
		await world.sandbox.changeSettings(settings);
		const { error } = await start(algorithm);
		expect([told(error?.message), told(error?.description), error?.context?.itemIndex]).toEqual([
			message,
			description,
			0,
		]);
		expect((await world.sandbox.state()).jobs).toEqual([]);
	});

	it('inputs that were run before', async () => {
		await start('always-failing');
		const { error } = await start('always-failing');
		expect(error?.message).toBe(
			'Grand Challenge did not accept the job of Always Failing: A result for these inputs with the current image and model already exists.',
		);
		expect(error?.description).toMatch(/^Somebody has run these inputs before .* 'If a Result Exists' lets the node return that result, or run anyway$/);
	});

	it('a value that does not fit its socket', async () => {
		const { error } = await start('always-failing', { values: values({ json: [['patient-age', 'true']] }) });
		expect(error?.message).toMatch(
			/^Grand Challenge did not accept the job of Always Failing: inputs, patient-age: JSON does not fulfill schema/,
		);
	});
});

describe('If a Result Exists', () => {
	const run = async (ifResultExists: string, inputs = onLung1(), algorithm = threshold, more = {}) =>
		await world.run('algorithmJob.startAndWait', { algorithm, values: inputs, options: { ifResultExists } }, more);
	const made = async () => (await world.sandbox.state()).jobs.length;
	const value = () => values({ json: [['clinical-information', { history: ['cough'] }]] });

	it.each<[string, () => INodeParameters, INodeParameters]>([
		['an image', onLung1, threshold],
		['a value', value, id('clinical-echo')],
	])('Return It: gives the job that ran on %s, and runs none', async (_, inputs, algorithm) => {
		const [first] = json(await run('return', inputs(), algorithm));
		await world.sandbox.clearRequests();
		expect(json(await run('return', inputs(), algorithm))).toEqual([{ ...first, existed: true }]);
		expect(first).not.toHaveProperty('existed');
		expect(await made()).toBe(1);
	});

	it('Return It: also gives what another item of the run has started', async () => {
		const of = (history: string) => ({ json: { value: JSON.stringify({ history: [history] }) } });
		await run('fail', values({ json: [['clinical-information', { history: ['old'] }]] }), id('clinical-echo'));
		const inputs = { json: [{ socket: id('clinical-information'), value: '={{ $json.value }}' }] };
		const items = [of('old'), of('new'), of('new')];
		// One after the other, so that the first has looked for its job before the others run.
		const options = { ifResultExists: 'return', mostJobs: 1 };
		const given = json(await world.run('algorithmJob.startAndWait', { algorithm: id('clinical-echo'), values: inputs, options }, { items }));
		expect(given.map(({ existed }) => existed ?? false)).toEqual([true, false, true]);
		expect(given[2]?.pk).toBe(given[1]?.pk);
		expect(await made()).toBe(2);
	});

	it('Return It: gives a job that failed as one that failed', async () => {
		await run('fail', onLung1(), id('always-failing'));
		const { error } = await run('return', onLung1(), id('always-failing'));
		expect(told(error?.message)).toBe('The job <pk> failed');
		expect(await made()).toBe(1);
	});

	it.each(['Return It', 'Fail'])('%s: says so when the job is that of somebody else', async (choice) => {
		await run('fail', onLung1(), threshold, { credentials: world.credentials({ token: world.sandbox.tokens.reader }) });
		const { error } = await run(choice === 'Fail' ? 'fail' : 'return');
		expect([error?.message, error?.description].join(' ')).toContain(choice === 'Fail' ? 'it may be one that you cannot see' : 'does not show it to this account');
		expect(await world.writes()).not.toContain('POST /api/v1/uploads/');
	});

	it('Run Anyway: sends the image again, and gives the same result as another job', async () => {
		const [first, second] = [json(await run('run'))[0], json(await run('run'))[0]];
		expect(await made()).toBe(2);
		expect(second?.pk).not.toBe(first?.pk);
		expect((second?.outputs as IDataObject)['mean-intensity']).toBe((first?.outputs as IDataObject)['mean-intensity']);
	});

	it('Run Anyway: says that values cannot be run again', async () => {
		await run('run', value(), id('clinical-echo'));
		const { error } = await run('run', value(), id('clinical-echo'));
		expect(error?.message).toBe('Grand Challenge has a result for these inputs already, and they cannot be run again');
		expect(await made()).toBe(1);
	});

	it('needs one of its choices', async () => {
		expect((await run('={{ "maybe" }}')).error).toMatchObject({ message: "'If a Result Exists' is 'maybe'", description: 'Use fail, return or run' });
	});
});
