// Evaluations of challenges: finding them, the jobs behind them, and what external evaluators do.
import { gunzipSync } from 'node:zlib';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { by, id, json, makeBinary, readBinary, useWorld } from './fixtures/world.mts';

const world = useWorld({ fresh: true });

const pkOf = (name: string) => world.state.evaluations[name]?.pk ?? '';
const pksOf = (...names: string[]) => names.map(pkOf);
const as = (user: 'organizer' | 'evaluator' | 'reader') => ({ credentials: world.credentials({ token: world.sandbox.tokens[user] }) });

/** In the order in which they were submitted, from the newest on. */
const visible = {
	preliminary: () => pksOf('algorithm', 'failed', 'reader', 'main'),
	external: () => pksOf('claimable3', 'claimable2', 'claimable1', 'externalDone'),
};
const preliminaryPage = 'https://nodules26.grand-challenge.org/evaluation/preliminary-test-phase/';

describe('Get Many', () => {
	const getMany = (filters: INodeParameters, more: INodeParameters = {}, run = {}) =>
		world.run('evaluation.getMany', { returnAll: true, filters, ...more }, run);

	it.each<[string, () => INodeParameters]>([
		['its ID', () => ({ phase: world.state.phases.preliminary?.pk ?? '' })],
		[
			"the address behind 'Export' on its leaderboard",
			() => ({ phase: `${world.sandbox.origins.api}/api/v1/evaluations/?format=csv&submission__phase=${world.state.phases.preliminary?.pk}&offset=0&limit=1000` }),
		],
		['the path of that address', () => ({ phase: `/api/v1/evaluations/?submission__phase=${world.state.phases.preliminary?.pk}` })],
		['the address of its leaderboard', () => ({ phase: `${preliminaryPage}leaderboard/` })],
		['the address of another of its pages', () => ({ phase: ` ${preliminaryPage}?x=1 ` })],
		['slug and challenge', () => ({ challenge: id('nodules26'), phase: 'preliminary-test-phase' })],
		['slug and the page of the challenge', () => ({ challenge: id(`${world.sandbox.origins.api}/api/v1/challenges/nodules26/`), phase: 'preliminary-test-phase' })],
		['the path of its leaderboard and challenge', () => ({ challenge: id('nodules26'), phase: '/evaluation/preliminary-test-phase/leaderboard/' })],
		['an expression', () => ({ phase: '={{ $json.phase }}' })],
	])('finds the evaluations of a phase by %s, newest first', async (_, filters) => {
		const result = await getMany(filters(), {}, { items: [{ json: { phase: `${preliminaryPage}leaderboard/` } }] });
		expect(result.error?.message).toBeUndefined();
		expect(json(result).map(({ pk }) => pk)).toEqual(visible.preliminary());
		expect(result.hints).toEqual([]);
	});

	it('finds those of all phases of a challenge', async () => {
		const found = json(await getMany({ challenge: id('nodules26') }));
		expect(found.map(({ pk }) => pk)).toEqual([...visible.external(), ...visible.preliminary()]);
	});

	it('shows organisers what is not published', async () => {
		const found = json(await getMany({ phase: `${preliminaryPage}leaderboard/` }, {}, as('organizer')));
		expect(found.map(({ pk }) => pk)).toEqual(pksOf('algorithm', 'unpublished', 'failed', 'reader', 'main'));
	});

	it('lets the platform filter where it has the ID, and asks for no more than is wanted', async () => {
		await getMany({ phase: world.state.phases.preliminary?.pk ?? '' }, { returnAll: false, limit: 2 });
		expect(await world.requests()).toEqual(['GET /api/v1/evaluations/?submission__phase=<pk>&limit=2']);
	});

	it('finds those of one status, as many as are wanted', async () => {
		const failed = json(await getMany({ phase: `${preliminaryPage}leaderboard/`, status: 'Failed' }));
		expect(failed.map(({ pk }) => pk)).toEqual(pksOf('failed'));
		const newest = json(await getMany({ status: 'Succeeded' }, { returnAll: false, limit: 2 }));
		expect(newest.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded']);
	});

	it('looks at no evaluation that is older than the challenge', async () => {
		await world.sandbox.addFaults({
			match: { path: '/challenges/hidden26/' },
			action: { body: { slug: 'hidden26', created: '2100-01-01T00:00:00Z' } },
		});
		expect(json(await getMany({ challenge: id('hidden26') }))).toEqual([]);
	});

	it('says so when it has looked at as many as it was to, and there are more', async () => {
		const result = await getMany({ challenge: id('nodules26') }, { options: { mostLooked: 4 } });
		// The two of the hidden challenge are the newest.
		expect(json(result).map(({ pk }) => pk)).toEqual(visible.external().slice(0, 2));
		expect(result.hints.map(({ message }) => message)).toEqual([
			"Only the newest 4 of the 10 evaluations on Grand Challenge were looked at; 'Evaluations to Look At' sets how many",
		]);
		const exactly = await getMany({}, { options: { mostLooked: 10 } });
		expect([exactly.items.length, exactly.hints]).toEqual([10, []]);
	});

	it('does not take a look at some for there being none', async () => {
		const { error } = await getMany({ phase: `${preliminaryPage}leaderboard/` }, { options: { mostLooked: 4 } });
		expect([error?.message, error?.context?.data]).toEqual([
			"Among the newest 4 evaluations on Grand Challenge there is none of the phase 'preliminary-test-phase' of the challenge 'nodules26'",
			{ reason: 'notFound' },
		]);
		expect(error?.description).toContain("Set 'Evaluations to Look At' higher");
	});

	it('tells which phases there are where one has no evaluation', async () => {
		const result = await getMany({ challenge: id('nodules26'), phase: 'preliminary' });
		expect(result.items).toEqual([]);
		expect(result.hints.map(({ message }) => message)).toEqual([
			"This account can see no evaluation of the phase 'preliminary' of the challenge 'nodules26', but some of: final-external-phase, preliminary-test-phase",
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['a slug without its challenge', { phase: 'final-phase' }, "'final-phase' does not tell which challenge the phase belongs to"],
		['the page of an evaluation', { phase: `https://nodules26.grand-challenge.org/evaluation/0d11fc7b-c63f-4fd7-b80b-51d2e21492c0/` }, "'https://nodules26.grand-challenge.org/evaluation/0d11fc7b-c63f-4fd7-b80b-51d2e21492c0/' does not name a phase"],
		['the list of all submissions', { phase: 'https://nodules26.grand-challenge.org/evaluation/submissions/' }, "'https://nodules26.grand-challenge.org/evaluation/submissions/' does not name a phase"],
		['the page of a challenge', { phase: 'https://nodules26.grand-challenge.org/' }, "'https://nodules26.grand-challenge.org/' does not name a phase"],
		['two challenges', { challenge: id('hidden26'), phase: preliminaryPage }, "'Challenge' is 'hidden26', but the address of the phase belongs to 'nodules26'"],
	])('refuses %s before anything is asked', async (_, filters, message) => {
		const { error } = await getMany(filters);
		expect([error?.message, error?.context?.data]).toEqual([message, { reason: 'badInput' }]);
		expect(await world.requests()).toEqual([]);
	});

	it('refuses a challenge that is not there', async () => {
		const { error } = await getMany({ challenge: id('nodules27'), phase: 'preliminary-test-phase' });
		expect(error?.message).toBe("Grand Challenge does not show challenge 'nodules27'");
	});
});

describe('Metrics as Columns', () => {
	const table = async (more: INodeParameters = {}, run = {}) =>
		world.run('evaluation.getMany', { filters: { phase: `${preliminaryPage}leaderboard/` }, options: { metricsAsColumns: true }, ...more }, run);

	it('makes rows of a table: the same columns in all of them, nothing nested', async () => {
		const rows = json(await table({}, as('organizer')));
		const columns = rows.map((row) => Object.keys(row));
		expect(new Set(columns.map((each) => each.join())).size).toBe(1);
		expect(columns[0]).toEqual([
			...['pk', 'status', 'title', 'rank', 'rank_score', 'published', 'created', 'challenge', 'phase', 'submission', 'creator', 'exec_seconds'],
			...['metrics.aggregates.dice', 'metrics.aggregates.recall', 'metrics.aggregates.secret', 'metrics.cases'],
			...['rank_per_metric.aggregates.dice', 'rank_per_metric.aggregates.recall'],
		]);
		expect(rows.flatMap((row) => Object.values(row)).filter((value) => typeof value === 'object' && value !== null)).toEqual([]);
		const row = (name: string): IDataObject => rows.find(({ pk }) => pk === pkOf(name)) ?? {};
		expect(row('main')).toMatchObject({
			rank: 3,
			'metrics.aggregates.dice': 0.81,
			'metrics.cases': '[{"name":"lung-1","dice":0.81}]',
			'rank_per_metric.aggregates.recall': 1,
		});
		expect(row('failed')).toMatchObject({ rank: 0, 'metrics.aggregates.dice': null, 'rank_per_metric.aggregates.dice': null });
	});

	it('has only the columns of the leaderboard for everybody else', async () => {
		const [row = {}] = json(await table());
		expect(Object.keys(row).filter((column) => column.startsWith('metrics'))).toEqual(['metrics.aggregates.dice', 'metrics.aggregates.recall']);
	});

	it('is no part of the answer of the platform', async () => {
		const { error } = await table({ simplify: false });
		expect(error?.message).toBe("'Metrics as Columns' makes a table of simplified evaluations");
		expect(await world.requests()).toEqual([]);
	});
});

describe('Get Jobs', () => {
	const getJobs = (evaluation: string, more: INodeParameters = {}, user: 'organizer' | 'reader' = 'organizer') =>
		world.run('evaluation.getJobs', { evaluation: id(pkOf(evaluation)), ...more }, as(user));
	const jobs = () => [world.state.systemJobs.entry1?.pk, world.state.systemJobs.entry2?.pk];
	const testSet = { archive: id('nodules-test-set') };

	it('finds the jobs of the submitted container image, and says that these may be too many', async () => {
		const result = await getJobs('algorithm');
		expect(json(result).map(({ pk, status, evaluation }) => [pk, status, evaluation])).toEqual(jobs().map((pk) => [pk, 'Succeeded', pkOf('algorithm')]));
		expect(result.hints.map(({ message }) => message)).toEqual([expect.stringContaining('may include jobs for other phases')]);
	});

	it('leaves out jobs on anything but the cases of the phase, and tells the case of each', async () => {
		const [first, second] = [world.state.items.test1, world.state.items.test2];
		const all = await getJobs('algorithm', { filters: testSet });
		expect(json(all).map(({ pk, archive_item, title }) => [pk, archive_item, title])).toEqual([
			[jobs()[0], first?.pk, 'Test case 1'],
			[jobs()[1], second?.pk, 'Test case 2'],
		]);
		expect(all.hints).toEqual([]);
		expect((await getJobs('algorithm', { filters: { archive: id('public-collection') } })).items).toEqual([]);
	});

	it('asks for the jobs of the algorithm alone where that is known', async () => {
		const filters = { algorithm: id(world.state.algorithms.entry?.pk ?? '') };
		expect(json(await getJobs('algorithm', { filters })).map(({ pk }) => pk)).toEqual(jobs());
		expect(await world.requests()).toEqual(['GET /api/v1/evaluations/<pk>/', 'GET /api/v1/algorithms/jobs/?algorithm_image__algorithm=<pk>&limit=1000']);
	});

	it('looks at the newest jobs, and tells when there are more', async () => {
		const result = await getJobs('algorithm', { options: { mostLooked: 1 } });
		expect(json(result).map(({ pk }) => pk)).toEqual([jobs()[1]]);
		expect(result.hints.map(({ message }) => message)).toContain("Only the newest 1 of the 2 jobs that this account can see were looked at; 'Jobs to Look At' sets how many");
	});

	it('gives the jobs as the platform does, where asked to', async () => {
		const [job] = json(await getJobs('algorithm', { simplify: false }));
		expect(job).toMatchObject({ pk: jobs()[0], algorithm_image: expect.stringContaining(world.state.algorithmImages.entry?.pk ?? '') as string, inputs: [{}] });
		expect(job).not.toHaveProperty('evaluation');
	});

	it('says why there is nothing to see for others', async () => {
		const result = await getJobs('algorithm', {}, 'reader');
		expect([result.items, result.hints.map(({ message }) => message)]).toEqual([[], ['This account can see no such job. The platform shows them to the organizers of the challenge']]);
	});

	it('has none where predictions were submitted', async () => {
		const { error } = await getJobs('main');
		expect([error?.message, error?.description]).toEqual([`The evaluation ${pkOf('main')} has no algorithm jobs behind it`, 'Predictions were submitted to it, not an algorithm']);
	});
});

describe('external evaluation', () => {
	const evaluator = () => as('evaluator');
	const claim = (evaluation: string, run = evaluator()) => world.run('evaluation.claim', { evaluation: id(evaluation) }, run);
	const report = (evaluation: string, more: INodeParameters, run: object = evaluator()) => world.run('evaluation.report', { evaluation: id(evaluation), ...more }, run);
	const metrics = { aggregates: { dice: 0.9 }, cases: [1, 2] };
	const succeeded = { outcome: 'Succeeded', metricsFrom: 'json', metrics: JSON.stringify(metrics) };
	const statusOf = async (name: string) => (await world.sandbox.state()).evaluations[name]?.status;
	const toClaim = () => ({
		pk: pkOf('claimable1'),
		status: 'Queued',
		created: expect.any(String) as string,
		challenge: 'nodules26',
		phase: 'final-external-phase',
		phase_pk: world.state.phases.external?.pk,
		submission: expect.any(String) as string,
		algorithm: world.state.algorithms.entry?.pk,
		container_url: expect.stringMatching(/\/media\/docker\/.*\/container\.tar\.gz$/) as string,
		model_url: expect.stringMatching(/\/media\/models\/.*\/weights\.tar\.gz$/) as string,
	});

	it('lists what can be claimed, of a phase or as many as are wanted', async () => {
		const list = async (parameters: INodeParameters, user: 'evaluator' | 'reader' = 'evaluator') => {
			const found = json(await world.run('evaluation.getClaimable', parameters, as(user)));
			return found.map(({ pk }) => pk);
		};
		const all = pksOf('claimable3', 'claimable2', 'claimable1');
		expect(json(await world.run('evaluation.getClaimable', {}, evaluator()))[2]).toEqual(toClaim());
		expect(await list({ filters: { phase: world.state.phases.external?.pk ?? '' } })).toEqual(all);
		expect(await list({ filters: { challenge: id('nodules26'), phase: 'final-external-phase' } })).toEqual(all);
		expect(await list({ filters: { phase: world.state.phases.preliminary?.pk ?? '' } })).toEqual([]);
		expect(await list({ filters: { challenge: id('hidden26') } })).toEqual([]);
		expect(await list({ returnAll: false, limit: 1 })).toEqual(all.slice(0, 1));
		expect(await list({}, 'reader')).toEqual([]);
	});

	it('claims with nothing in the request, and gives where container and model are', async () => {
		expect(json(await claim(pkOf('claimable1')))).toEqual([{ ...toClaim(), status: 'External Execution In Progress' }]);
		expect((await world.sandbox.requests()).filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([{}]);
	});

	it.each([{ resetAfterApply: true }, { statusAfterApply: 502 }])('knows its own claim when the answer is lost (%j)', async (action) => {
		await world.sandbox.addFaults({ match: { path: '/claim/' }, action });
		expect(json(await claim(pkOf('claimable1')))).toEqual([{ ...toClaim(), status: 'External Execution In Progress' }]);
		expect(await statusOf('claimable1')).toBe('External Execution In Progress');
	});

	it('does not take the claim of another for its own', async () => {
		// Its own request does not arrive; meanwhile somebody else claims.
		await world.sandbox.addFaults({ match: { path: '/claim/' }, action: { reset: true, delay: 500 } });
		const started = world.start('evaluation.claim', { evaluation: id(pkOf('claimable1')) }, evaluator());
		const isAsked = async () => (await world.sandbox.requests()).some(({ path }) => path.endsWith('/claimable_evaluations/'));
		while (!(await isAsked())) await new Promise((resolve) => setTimeout(resolve, 10));
		await new Promise((resolve) => setTimeout(resolve, 100));
		await world.api(`/api/v1/evaluations/${pkOf('claimable1')}/claim/`, 'PATCH', {});
		const { error } = await started.finished;
		expect([error?.message, error?.description]).toEqual([
			`Grand Challenge did not accept the claim of evaluation '${pkOf('claimable1')}': You can only claim pending evaluations.`,
			'Somebody else was faster, or it was withdrawn. Evaluation: Get Claimable lists those that are left',
		]);
	});

	it('says that an account can claim once only', async () => {
		await claim(pkOf('claimable1'));
		await report(pkOf('claimable1'), succeeded);
		const { error } = await claim(pkOf('claimable2'));
		expect(error?.message).toContain('You can only claim one evaluation at a time.');
		expect(error?.description).toMatch(/^Grand Challenge lets an account claim one evaluation in its life: .* ask the support of /);
		expect(error?.context?.data).toEqual({ reason: 'limit' });
	});

	it.each<[string, () => Promise<[evaluation: string, user: 'evaluator' | 'reader']>, string, string]>([
		['one that it has claimed before', async () => [(await claim(pkOf('claimable1')), pkOf('claimable1')), 'evaluator'], 'This account has claimed the evaluation <pk> before', 'Go on with Evaluation: Report'],
		['one that is done', async () => [pkOf('externalDone'), 'evaluator'], "The evaluation <pk> can not be claimed any more: its status is 'Succeeded'", 'Get Claimable'],
		['one without being an external evaluator', async () => [pkOf('claimable1'), 'reader'], 'This account may not claim the evaluation <pk>', 'Only external evaluators'],
		['one that is not there', async () => ['0d11fc7b-c63f-4fd7-b80b-51d2e21492c0', 'evaluator'], "Grand Challenge does not show evaluation '<pk>'", 'Either it does not exist'],
	])('does not claim %s', async (_, prepare, message, advice) => {
		const [evaluation, user] = await prepare();
		const { error } = await claim(evaluation, as(user));
		expect(error?.message.replace(evaluation, '<pk>')).toBe(message);
		expect(error?.description).toContain(advice);
	});

	it('downloads container and model of what was claimed', async () => {
		const claimed = (await claim(pkOf('claimable1'))).items;
		const download = (parameters: INodeParameters, run: object = evaluator()) => world.run('containerImage.download', parameters, { ...run, items: claimed });
		const both = await download({ containerImage: by('url', '={{ $json.container_url }}'), modelUrl: '={{ $json.model_url }}' });
		expect(both.error?.message).toBeUndefined();
		const contents = await Promise.all(both.items.map(async (item) => gunzipSync(await readBinary(item)).toString().split('\n')[0]));
		expect(contents).toEqual(['layers of the container image', 'weights of the network']);
		expect(json(both)).toEqual([
			{ kind: 'container', fileName: 'container.tar.gz', path: 'container.tar.gz', mimeType: 'application/gzip', bytes: expect.any(Number) as number },
			{ kind: 'model', fileName: 'weights.tar.gz', path: 'weights.tar.gz', mimeType: 'application/gzip', bytes: expect.any(Number) as number },
		]);
		const one = await download({ containerImage: id('={{ $json.container_url }}') });
		expect(one.items).toHaveLength(1);
		// Its editors may look it up, but not download it.
		const { error } = await download({ containerImage: id(world.state.algorithmImages.entry?.pk ?? '') }, { credentials: world.credentials({ token: world.sandbox.tokens.other }) });
		expect([error?.message, error?.context?.data]).toEqual(["This account has no permission for the file 'container.tar.gz'", { reason: 'noPermission' }]);
		expect(error?.description).toContain('are given to the external evaluators of a challenge');
	});

	it.each<[string, INodeParameters, string]>([
		['another file', { containerImage: id('/media/images/a/b/scan.mha') }, 'This is not the address of a container or a model'],
		['a file elsewhere', { containerImage: by('url', 'https://example.com/media/docker/x.tar.gz') }, 'The address leads to example.com, not to '],
		['a model that is none', { containerImage: id('0d11fc7b-c63f-4fd7-b80b-51d2e21492c0'), modelUrl: '/media/images/x.mha' }, 'This is not the address of a container or a model'],
	])('does not download %s', async (_, parameters, message) => {
		const { error } = await world.run('containerImage.download', parameters);
		expect(error?.message).toContain(message);
		expect(await world.requests()).toEqual([]);
	});

	it('does not download a container that is not there yet', async () => {
		const { error } = await world.run('containerImage.download', { containerImage: id(world.state.algorithmImages.unready?.pk ?? '') });
		expect(error?.message).toMatch(/^The container image .* has no file: its import is '/);
	});

	it('reports metrics', async () => {
		await claim(pkOf('claimable1'));
		await world.sandbox.clearRequests();
		const [item] = json(await report(pkOf('claimable1'), succeeded));
		expect(item).toMatchObject({ pk: pkOf('claimable1'), status: 'Succeeded', metrics });
		expect((await world.sandbox.requests())[0]).toMatchObject({ method: 'PATCH', body: { status: 'Succeeded', metrics } });
	});

	it.each([
		['a file', Buffer.from(`\uFEFF${JSON.stringify(metrics)}`), { metricsFrom: 'file', field: 'report' }],
		['an expression', Buffer.from('{}'), { metricsFrom: 'json', metrics: '={{ $json.metrics }}' }],
	])('reports metrics from %s', async (_, file, parameters) => {
		await claim(pkOf('claimable1'));
		const items = [{ json: { metrics }, binary: { report: await makeBinary(file, 'metrics.json') } }];
		const result = await report(pkOf('claimable1'), { outcome: 'Succeeded', ...parameters }, { ...evaluator(), items });
		expect(json(result)).toMatchObject([{ status: 'Succeeded', metrics }]);
	});

	it('reports why there are none', async () => {
		await claim(pkOf('claimable1'));
		await world.sandbox.clearRequests();
		const [item] = json(await report(pkOf('claimable1'), { outcome: 'Failed', errorMessage: 'It broke' }));
		expect(item).toMatchObject({ status: 'Failed', metrics: null });
		expect((await world.sandbox.requests())[0]?.body).toEqual({ status: 'Failed', error_message: 'It broke' });
	});

	it('knows its own report when the answer is lost, and no other', async () => {
		await world.sandbox.addFaults({ match: { path: '/update_external_evaluation/' }, action: { resetAfterApply: true } });
		await claim(pkOf('claimable1'));
		expect(json(await report(pkOf('claimable1'), succeeded))).toMatchObject([{ status: 'Succeeded', metrics }]);
		for (const again of [succeeded, { outcome: 'Failed', errorMessage: 'It broke' }]) {
			const { error } = await report(pkOf('claimable1'), again);
			expect(error?.message).toContain('You need to claim an evaluation before you can update it.');
			expect(error?.description).toContain('Evaluation: Claim comes first');
		}
	});

	it('tells when another account has claimed it', async () => {
		await claim(pkOf('claimable1'));
		const { error } = await report(pkOf('claimable1'), succeeded, {});
		expect([error?.description, error?.context?.data]).toEqual(['Another account has claimed it, and only that one may report. Use its API token', { reason: 'noPermission' }]);
	});

	it.each<[string, INodeParameters, string]>([
		['no JSON', { ...succeeded, metrics: "{'dice': 1}" }, "'Metrics' is not JSON"],
		['a number', { ...succeeded, metrics: '1' }, "'Metrics' is no JSON object"],
		['nothing', { ...succeeded, metrics: 'null' }, "'Metrics' is no JSON object"],
		['a file with what Python writes', { outcome: 'Succeeded', metricsFrom: 'file', field: 'report' }, "'Metrics' takes a JSON value, and the file (binary field 'report' of item 0) holds none"],
		['a file that is not there', { outcome: 'Succeeded', metricsFrom: 'file', field: 'data' }, "The input item has no binary data in the field 'data'"],
		['a failure without a reason', { outcome: 'Failed', errorMessage: '={{ " " }}' }, "'Error Message' is empty"],
		['a failure with a long reason', { outcome: 'Failed', errorMessage: 'x'.repeat(1025) }, "'Error Message' has 1025 characters"],
		['another outcome', { outcome: '={{ "Done" }}' }, "'Outcome' is 'Done'"],
	])('does not report %s', async (_, parameters, message) => {
		const items = [{ json: {}, binary: { report: await makeBinary(Buffer.from('{"dice": NaN}'), 'metrics.json') } }];
		const { error } = await report(pkOf('claimable1'), parameters, { ...evaluator(), items });
		expect(error?.message).toBe(message);
		expect(await world.requests()).toEqual([]);
	});
});
