// How the node behaves whatever it does: items keep their order and their pairs, Stop stops it, and nothing leaks.
import type { INodeParameters } from 'n8n-workflow';
import type { FaultRule } from '../../sandbox/faults.mts';
import { id, items, json, makeBinary, useWorld, values, type More } from './fixtures/world.mts';

const until = async (happened: () => Promise<boolean>): Promise<void> => {
	for (let i = 0; i < 400; i++) {
		if (await happened()) return;
		await new Promise((next) => setTimeout(next, 25));
	}
	throw new Error('It did not happen');
};

describe('items', () => {
	const world = useWorld();

	it('of Get Many come one after the other, each paired with its input', async () => {
		const given = items({ slug: 'legacy-and-dicom' }, { slug: 'incoming-cases' }, { slug: 'lung-phantoms' });
		const result = await world.run('archiveItem.getMany', { archive: id('={{ $json.slug }}') }, { items: given });
		const four = (item: number) => Array.from({ length: 4 }, () => ({ item }));
		expect(result.items.map(({ pairedItem }) => pairedItem)).toEqual([...four(0), ...four(2)]);
		expect(json(result).map(({ archive }) => archive)).toEqual([
			...Array.from({ length: 4 }, () => world.state.archives.legacy?.pk),
			...Array.from({ length: 4 }, () => world.state.archives.lung?.pk),
		]);
	});

	it('of downloads are paired with the item they were asked for by', async () => {
		const given = items(
			{ image: world.state.images.legacy?.pk },
			{ image: world.state.images.dicom?.pk },
			{ image: world.state.images.lung1?.pk },
		);
		const result = await world.run('image.download', { image: id('={{ $json.image }}') }, { items: given });
		expect(result.items.map(({ pairedItem, json: { image } }) => [pairedItem, image])).toEqual(
			[0, 0, 1, 1, 1, 2].map((item) => [{ item }, given[item]?.json.image]),
		);
	});

	it('take their own files', async () => {
		const given = await Promise.all(
			['a', 'bb', 'ccc'].map(async (text) => ({
				json: { text },
				binary: { data: await makeBinary(Buffer.from(text), `${text}.csv`) },
			})),
		);
		const result = await world.run(
			'archiveItem.create',
			{
				archive: id('incoming-cases'),
				title: '={{ $json.text }}',
				values: values({ binary: [['measurements-csv', 'data']] }),
			},
			{ items: given },
		);
		expect(result.items).toMatchObject(
			['a', 'bb', 'ccc'].map((text, item) => ({
				json: {
					title: text,
					values: { 'measurements-csv': { file: expect.stringMatching(new RegExp(`/${text}\\.csv$`)) as string } },
				},
				pairedItem: { item },
			})),
		);
	});

	it('that are many share what they look up', async () => {
		const given = items(...Array.from({ length: 20 }, () => ({})));
		await world.run('archiveItem.getMany', { archive: id('lung-phantoms'), limit: 1 }, { items: given });
		const asked = await world.requests();
		expect(asked.filter((line) => line.includes('slug='))).toHaveLength(1);
		expect(asked).toHaveLength(21);
	});

	it('that fail are asked about again with the next one', async () => {
		await world.sandbox.addFaults({
			match: { path: 'slug=lung-phantoms' },
			action: { status: 403, body: { detail: 'No.' } },
		});
		const given: More = { items: items({}, {}), onError: 'continueRegularOutput' };
		const result = await world.run('archiveItem.getMany', { archive: id('lung-phantoms'), limit: 1 }, given);
		expect(json(result)).toMatchObject([
			{ details: { reason: 'noPermission', status: 403 } },
			{ archive: world.state.archives.lung?.pk },
		]);
	});

	it('of none give none', async () => {
		const result = await world.run('account.get', {}, { items: [] });
		expect([result.status, result.items]).toEqual(['success', []]);
	});
});

describe('Stop', () => {
	const world = useWorld({ fresh: true });
	const incoming = { archive: id('incoming-cases') };
	const lung1 = () => world.state.images.lung1?.pk ?? '';

	interface Stopped {
		operation: string;
		parameters: () => INodeParameters;
		faults?: FaultRule[];
		/** Whether the clock of the platform stands still, so that there is something to wait for. */
		still?: boolean;
		/** When it is stopped: a request like this is there. */
		when: RegExp;
		/** What may still be sent. */
		after: string[];
	}

	const abort = expect.stringMatching(/^PATCH \/api\/v1\/uploads\/<pk>\/[^/]+\/abort-multipart-upload\/$/) as string;
	const withFile = () => values({ binary: [['measurements-csv', 'data']] });

	it.each<[string, Stopped]>([
		[
			'the wait for a job',
			{
				operation: 'algorithmJob.startAndWait',
				parameters: () => ({
					algorithm: id('lung-volume-above-threshold'),
					values: values({ image: [['ct-image', lung1()]] }),
				}),
				still: true,
				when: /GET .*\/jobs\/<pk>\//,
				after: [],
			},
		],
		[
			'the wait for an import',
			{
				operation: 'archiveItem.create',
				parameters: () => ({ ...incoming, values: withFile() }),
				still: true,
				when: /GET .*\/archives\/items\/<pk>\//,
				after: [],
			},
		],
		[
			'a download that stalls',
			{
				operation: 'image.download',
				parameters: () => ({ image: id(lung1()) }),
				faults: [{ match: { origin: 'download' }, times: -1, action: { stallAfter: 500 } }],
				when: /GET \/protected\//,
				after: [],
			},
		],
		[
			'a request that is not answered',
			{
				operation: 'archive.getMany',
				parameters: () => ({}),
				faults: [{ match: { path: '/archives/' }, times: -1, action: { delay: 20_000 } }],
				when: /GET .*\/archives\//,
				after: [],
			},
		],
		[
			'the pause before a retry',
			{
				operation: 'archive.getMany',
				parameters: () => ({}),
				faults: [
					{ match: { path: '/archives/' }, times: -1, action: { status: 503, headers: { 'retry-after': '60' } } },
				],
				when: /GET .*\/archives\//,
				after: [],
			},
		],
		[
			'the pause before a custom retry',
			{
				operation: 'archive.getMany',
				parameters: () => ({ options: { retryStrategy: 'custom', customRetries: { values: { firstDelay: 60_000 } } } }),
				faults: [{ match: { path: '/archives/' }, times: -1, action: { status: 503 } }],
				when: /GET .*\/archives\//,
				after: [],
			},
		],
		[
			'an upload, which is cleaned up',
			{
				operation: 'archiveItem.create',
				parameters: () => ({ ...incoming, values: withFile(), options: { connections: 1 } }),
				faults: [{ match: { origin: 'upload' }, times: -1, action: { delay: 20_000 } }],
				when: /PUT /,
				after: [abort],
			},
		],
		[
			'one of many items',
			{
				operation: 'image.download',
				parameters: () => ({ image: id(lung1()) }),
				faults: [{ match: { origin: 'download' }, times: -1, action: { delay: 300 } }],
				when: /GET \/protected\//,
				after: [],
			},
		],
	])('ends %s', async (_, { operation, parameters, faults, still, when, after }) => {
		if (still) await world.sandbox.setClock({ mode: 'manual' });
		if (faults) await world.sandbox.addFaults(...faults);
		const binary = { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') };
		const given = Array.from({ length: 3 }, () => ({ json: {}, binary }));
		// Going on after failures must not mean going on after Stop.
		const started = world.start(operation, parameters(), { items: given, onError: 'continueRegularOutput' });
		await until(async () => (await world.requests()).some((line) => when.test(line)));
		await new Promise((next) => setTimeout(next, 100));
		const before = (await world.requests()).length;
		started.cancel();
		const { status, items: out } = await started.finished;
		expect(status).toBe('canceled');
		// With On Error: Continue n8n itself gives the input items on; what was stopped is no failure of an item.
		expect(out.filter((item) => 'error' in item.json)).toEqual([]);
		await new Promise((next) => setTimeout(next, 700));
		expect((await world.requests()).slice(before)).toEqual(after);
	});
});

describe('Stop while several files are sent', () => {
	const world = useWorld({ fresh: true });

	it('cleans all of them up', async () => {
		await world.sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { delay: 20_000 } });
		const binary = { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') };
		const given = Array.from({ length: 5 }, () => ({ json: {}, binary }));
		const parameters = { archive: id('incoming-cases'), title: '', values: values({ binary: [['measurements-csv', 'data']] }) };
		const started = world.start('archiveItem.create', parameters, { items: given });
		await until(async () => (await world.requests()).filter((line) => line.startsWith('PUT ')).length === 5);
		started.cancel();
		expect((await started.finished).status).toBe('canceled');
		await until(async () => (await world.sandbox.state()).uploads.every(({ status }) => status === 'Aborted'));
		expect((await world.sandbox.state()).counts.items).toBe(world.state.counts.items);
	});
});

describe('An item that fails', () => {
	const world = useWorld({ fresh: true });

	it('ends the node though others still wait for their imports, and what they made is told', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const binary = { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') };
		const parameters = { archive: id('={{ $json.archive }}'), title: '', values: values({ binary: [['measurements-csv', 'data']] }) };
		// The first one has not begun to wait when the second fails, or has.
		const given = ['incoming-cases', 'no-such-archive', 'incoming-cases'].map((archive) => ({ json: { archive }, binary }));
		const { status, error } = await world.run('archiveItem.create', parameters, { items: given });
		expect([status, error?.message]).toEqual(['error', "Grand Challenge does not show archive 'no-such-archive'"]);
		const [, made = ''] = /Other items have made these archive items: (.*)$/.exec(error?.description ?? '') ?? [];
		const { counts } = await world.sandbox.state();
		expect(made.split(', ')).toHaveLength(counts.items - world.state.counts.items);
		expect(counts.items).toBeGreaterThan(world.state.counts.items);
	});
});

describe('Retry On Fail of n8n', () => {
	const world = useWorld({ fresh: true });
	const twice: More = { retryOnFail: { maxTries: 2, waitBetweenTries: 1 } };

	it('gets over a failure that passes', async () => {
		await world.sandbox.addFaults({ match: { path: '/archives/' }, action: { status: 503 } });
		const result = await world.run(
			'archive.get',
			{ archive: id('lung-phantoms'), options: { retryStrategy: 'none' } },
			twice,
		);
		expect([result.status, json(result)]).toMatchObject(['success', [{ title: 'Lung Phantoms' }]]);
		expect(await world.requests()).toHaveLength(2);
	});

	it('does not run what succeeded again', async () => {
		const many = { ...twice, items: items({}, {}) };
		await world.run('archiveItem.create', { archive: id('incoming-cases'), title: '' }, many);
		await world.run('account.get', { simplify: false }, twice);
		await world.run(
			'algorithmJob.startAndWait',
			{
				algorithm: id('clinical-echo'),
				values: values({ json: [['clinical-information', { error: 'a value of this name' }]] }),
			},
			twice,
		);
		expect((await world.writes()).filter((line) => line.startsWith('POST'))).toEqual([
			'POST /api/v1/archives/items/',
			'POST /api/v1/archives/items/',
			'POST /api/v1/algorithms/jobs/',
		]);
	});

	it('does not run again what failed for an item that goes on', async () => {
		const given: More = {
			...twice,
			onError: 'continueErrorOutput',
			items: items({ slug: 'lung-phantoms' }, { slug: 'nothing' }),
		};
		const { outputs } = await world.run('archive.get', { archive: id('={{ $json.slug }}') }, given);
		expect(outputs.map((out) => out.length)).toEqual([1, 1]);
		expect(await world.requests()).toHaveLength(2);
	});

	it('does not start a job twice', async () => {
		const parameters = {
			algorithm: id('always-failing'),
			values: values({ image: [['ct-image', world.state.images.lung1?.pk ?? '']] }),
		};
		const { error } = await world.run('algorithmJob.startAndWait', parameters, twice);
		const { jobs } = await world.sandbox.state();
		expect(jobs).toHaveLength(1);
		expect(error?.message).toBe(`The job ${jobs[0]?.pk} failed`);
	});

	it('does not lose the reason why a job failed', async () => {
		const binary = { data: await makeBinary(Buffer.from('no image'), 'notes.txt') };
		const parameters = { algorithm: id('always-failing'), values: values({ binary: [['ct-image', 'data']] }) };
		const { error } = await world.run('algorithmJob.startAndWait', parameters, {
			...twice,
			items: [{ json: {}, binary }],
		});
		expect(error?.message).toMatch(/^The job \S+ .*: 1 file could not be imported$/);
		expect((await world.sandbox.state()).jobs).toHaveLength(1);
	});

	it('starts no second job where it is not known whether there is a first', async () => {
		// Nothing shows it of a job that takes a file only.
		await world.sandbox.addFaults({ match: { method: 'POST', path: '/jobs/' }, action: { status: 504 } });
		const binary = { data: await makeBinary(Buffer.from('a,b\n1,2\n'), 'table.csv') };
		const parameters = {
			algorithm: id('table-summary'),
			values: values({ binary: [['measurements-csv', 'data']], json: [['patient-age', 61]] }),
		};
		const { error } = await world.run('algorithmJob.start', parameters, { ...twice, items: [{ json: {}, binary }] });
		expect(error).toMatchObject({
			message: 'It is not known whether Grand Challenge has taken the job of Table Summary: it could not answer after the request was sent',
			description: 'Look on Grand Challenge before you run the node again, so that nothing is made twice',
		});
		expect((await world.writes()).filter((line) => line.endsWith('/jobs/'))).toEqual(['POST /api/v1/algorithms/jobs/']);
	}, 30_000);

	it('makes what was missing, and nothing twice', async () => {
		// The second of three items fails once, when it is read at the end.
		await world.sandbox.addFaults({
			match: { method: 'GET', path: '/archives/items/' },
			skip: 1,
			action: { status: 503 },
		});
		const parameters = {
			archive: id('incoming-cases'),
			title: '={{ $json.title }}',
			values: values({ json: [['patient-age', '={{ $json.age }}']] }),
			options: { retryStrategy: 'none' },
		};
		const given = items({ title: '', age: 1 }, { title: 'b', age: 2 }, { title: '', age: 1 });
		const result = await world.run('archiveItem.create', parameters, { ...twice, items: given });
		expect(result.error?.message).toBeUndefined();
		expect(json(result).map(({ title, values: made }) => [title, made])).toEqual([
			['', { 'patient-age': 1 }],
			['b', { 'patient-age': 2 }],
			['', { 'patient-age': 1 }],
		]);
		const there = json(await world.run('archiveItem.getMany', { archive: id('incoming-cases') }));
		expect(there.map(({ pk }) => pk).sort()).toEqual(
			json(result)
				.map(({ pk }) => pk)
				.sort(),
		);
	});
});

describe('Options: retries', () => {
	const world = useWorld();

	it.each<[string, INodeParameters, number, number]>([
		['None', { retryStrategy: 'none' }, 503, 1],
		[
			'Custom with 2 tries',
			{ retryStrategy: 'custom', customRetries: { values: { tries: 2, firstDelay: 1 } } },
			503,
			3,
		],
		[
			'Custom with 2 tries, as texts',
			{ retryStrategy: 'custom', customRetries: { values: { tries: '={{ "2" }}', firstDelay: '={{ "1" }}' } } },
			503,
			3,
		],
		[
			'Custom for other statuses',
			{ retryStrategy: 'custom', customRetries: { values: { tries: 2, firstDelay: 1, statuses: '429 500' } } },
			503,
			1,
		],
		[
			'Custom for this status',
			{ retryStrategy: 'custom', customRetries: { values: { tries: 2, firstDelay: 1, statuses: '429; 500' } } },
			500,
			3,
		],
		[
			'Custom with a short longest delay',
			{ retryStrategy: 'custom', customRetries: { values: { tries: 3, firstDelay: 60_000, longestDelay: 1 } } },
			503,
			4,
		],
		['numbers of Custom without Custom', { customRetries: { values: { tries: 0 } } }, 500, 4],
	])('%s', async (_, options, status, count) => {
		await world.sandbox.addFaults({ match: { path: '/archives/' }, times: -1, action: { status } });
		const { error } = await world.run('archive.getMany', { options });
		expect(error).toMatchObject({
			message: `Grand Challenge could not answer (${status}) when asked for the list of archives`,
			httpCode: String(status),
		});
		expect(await world.requests()).toHaveLength(count);
	});

	it('Standard, without being chosen', async () => {
		await world.sandbox.addFaults({ match: { path: '/archives/' }, times: 4, action: { status: 503 } });
		const result = await world.run('archive.get', { archive: id('lung-phantoms') });
		expect(result.status).toBe('success');
		expect(await world.requests()).toHaveLength(5);
	});
});

describe('what an item looks like', () => {
	const world = useWorld();

	it('has no field that n8n takes for an error', async () => {
		// n8n runs a node with Retry On Fail again when the first item has a field `error`.
		await world.sandbox.addFaults({
			match: { path: '/archives/' },
			action: { body: { count: 1, results: [{ pk: 'a', title: 'b', error: 'c' }] } },
		});
		const result = await world.run('archive.getMany', { simplify: true });
		expect(json(result)).toEqual([{ pk: 'a', title: 'b', description: undefined, url: undefined, api_url: undefined }]);
	});
});

describe('secrets', () => {
	const world = useWorld();
	const token = () => world.sandbox.tokens.main;
	const signed = 'https://bucket.example/a?X-Amz-Signature=abc&X-Amz-Credential=def';

	// useWorld looks for them after every test; here the platform tries to make the node tell them.
	it.each([
		['in a message of the platform', 400],
		['in a refusal', 403],
		['in an answer of a server that is broken', 500],
	])('are not repeated %s', async (_, status) => {
		const text = `Bearer ${token()} and ${token()} at ${signed}`;
		await world.sandbox.addFaults({
			match: { origin: 'api' },
			times: -1,
			action: { status, body: { detail: text, other: [text] }, headers: { 'x-token': token() } },
		});
		for (const onError of [undefined, 'continueRegularOutput'] as const) {
			const result = await world.run('archive.getMany', { options: { retryStrategy: 'none' } }, { onError });
			const left = JSON.stringify([result.items, result.error, result.error?.message, result.error?.description]);
			expect(left).toContain(status === 500 ? '(500)' : 'at https://bucket.example/a');
			expect(left).not.toContain(token());
			expect(left).not.toContain('X-Amz-');
		}
	});

	it.each<[string, FaultRule]>([
		['a download that fails', { match: { origin: 'download' }, times: -1, action: { status: 403, body: 'no' } }],
		['a download that breaks off', { match: { origin: 'download' }, times: -1, action: { reset: true } }],
		['an upload that fails', { match: { origin: 'upload' }, times: -1, action: { status: 400, body: '<Error/>' } }],
		['an upload that breaks off', { match: { origin: 'upload' }, times: -1, action: { reset: true } }],
		[
			'a request that is redirected to a signed address',
			{ match: { origin: 'api' }, times: -1, action: { redirect: signed } },
		],
		['a connection that breaks off', { match: { origin: 'api' }, times: -1, action: { reset: true } }],
	])('do not show in %s', async (_, rule) => {
		await world.sandbox.addFaults(rule);
		const binary = { data: await makeBinary(Buffer.from('a,b\n'), 'a.csv') };
		const options = { retryStrategy: 'none' };
		const down = await world.run('image.download', { image: id(world.state.images.lung1?.pk ?? ''), options });
		const up = await world.run(
			'archiveItem.create',
			{ archive: id('incoming-cases'), values: values({ binary: [['measurements-csv', 'data']] }), options },
			{ items: [{ json: {}, binary }] },
		);
		const errors = [down, up].flatMap(({ error }) => error ?? []);
		expect(errors.length).toBeGreaterThan(0);
		for (const error of errors) {
			expect(`${error.message} ${error.description ?? ''} ${JSON.stringify(error)}`).not.toMatch(
				/X-Amz|Signature|Bearer/,
			);
		}
	});
});
