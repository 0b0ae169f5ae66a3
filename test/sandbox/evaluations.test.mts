import { bench, resultsOf, type Bench, type Reply } from './support.mts';

let sandbox: Bench;
let state: Awaited<ReturnType<Bench['state']>>;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const as = (name: keyof Bench['tokens']) => ({ token: sandbox.tokens[name] });
const phase = (name: string) => state.phases[name]?.pk ?? '';
const pkOf = (name: string) => state.evaluations[name]?.pk ?? '';
const get = (name: string, who: keyof Bench['tokens'] = 'main') =>
	sandbox.api('GET', `evaluations/${pkOf(name)}/`, as(who));
const patch = (name: string, action: string, body: unknown, who: keyof Bench['tokens'] = 'evaluator') =>
	sandbox.api('PATCH', `evaluations/${pkOf(name)}/${action}/`, { ...as(who), body });
const claim = (name: string, who: keyof Bench['tokens'] = 'evaluator', body: unknown = {}) =>
	patch(name, 'claim', body, who);
const report = (name: string, body: unknown, who: keyof Bench['tokens'] = 'evaluator') =>
	patch(name, 'update_external_evaluation', body, who);
const metricsOf = (reply: Reply) => (reply.json['outputs'] as Array<{ value: unknown }>)[0]?.value;

describe('challenges', () => {
	it('are found by slug, hidden ones by their people only, and live on a subdomain', async () => {
		const reply = await sandbox.api('GET', 'challenges/nodules26/', { token: null });
		expect(reply.json).toMatchObject({ slug: 'nodules26', status: 'OPEN', public: true });
		expect(new URL(String(reply.json['url'])).hostname).toMatch(/^nodules26\./u);
		expect((await sandbox.api('GET', 'challenges/', { token: null })).json['count']).toBe(2);
		expect((await sandbox.api('GET', 'challenges/')).json['count']).toBe(3);
		expect((await sandbox.api('GET', 'challenges/hidden26/', as('other'))).json).toEqual({
			detail: 'No Challenge matches the given query.',
		});
		expect((await sandbox.api('POST', 'challenges/', { body: {} })).status).toBe(403);
	});
});

describe('evaluations', () => {
	it('come newest first, as far as one may see them', async () => {
		const list = (query: string, who: keyof Bench['tokens']) => sandbox.api('GET', `evaluations/?${query}`, as(who));
		const reply = await list(`submission__phase=${phase('preliminary')}`, 'main');
		const dates = resultsOf(reply).map(({ created }) => String(created));
		expect(dates).toEqual([...dates].sort().reverse());
		expect(reply.json['count']).toBe(4);
		expect((await list(`submission__phase=${phase('preliminary')}`, 'organizer')).json['count']).toBe(5);
		// Having submitted it grants nothing.
		expect((await get('unpublished', 'other')).status).toBe(404);
		expect((await list(`submission__phase=${phase('hidden')}`, 'main')).json['count']).toBe(2);
		expect((await list(`submission__phase=${phase('hidden')}`, 'other')).json['count']).toBe(0);
		expect((await list('submission__phase=x', 'main')).json).toEqual({
			submission__phase: ['“x” is not a valid UUID.'],
		});
		expect((await sandbox.api('DELETE', `evaluations/${pkOf('main')}/`)).status).toBe(403);
	});

	it('show ranks, whose submission it is and how long it took', async () => {
		expect((await get('main')).json).toMatchObject({
			rank: 3,
			rank_score: 3,
			rank_per_metric: { 'aggregates.dice': 3, 'aggregates.recall': 1 },
			title: '#3 main',
			status: 'Succeeded',
			exec_duration: 'P0DT00H22M17S',
			submission: {
				creator: { username: 'main' },
				comment: 'First try',
				phase: {
					slug: 'preliminary-test-phase',
					challenge: { short_name: 'nodules26', title: 'Nodules 2026' },
				},
				algorithm_image: null,
			},
		});
		expect((await get('failed')).json).toMatchObject({ rank: 0, title: '#0 reader', status: 'Failed', outputs: [] });
		expect((await get('unpublished', 'organizer')).json).toMatchObject({ rank: 0, published: false });
		// Equal scores share a rank.
		expect([(await get('reader')).json['rank'], (await get('algorithm')).json['rank']]).toEqual([1, 1]);
		expect((await get('hiddenOther')).json['rank']).toBe(1);
	});

	it('show all metrics to the organizers, and those of the leaderboard to everybody', async () => {
		expect(metricsOf(await get('main'))).toEqual({ aggregates: { dice: 0.81, recall: 0.9 } });
		expect(metricsOf(await get('main', 'organizer'))).toMatchObject({
			aggregates: { secret: 0.405 },
			cases: [{ name: 'lung-1' }],
		});
	});

	it('refuse tokens for submitted files, and let organizers see the jobs behind', async () => {
		const { predictions_file } = (await get('main')).json['submission'] as { predictions_file: string };
		const file = await fetch(predictions_file, { headers: { authorization: `Bearer ${sandbox.tokens.main}` } });
		expect(file.status).toBe(403);
		const jobs = async (who: keyof Bench['tokens']) =>
			(
				await sandbox.api(
					'GET',
					`algorithms/jobs/?algorithm_image__algorithm=${state.algorithms['entry']?.pk}`,
					as(who),
				)
			).json['count'];
		expect([await jobs('organizer'), await jobs('main'), await jobs('other')]).toEqual([2, 0, 0]);
	});

	it('get their ranks some time after they succeeded', async () => {
		const { pk } = await sandbox.submit({
			phase: 'preliminary',
			creator: 'other',
			metrics: { aggregates: { dice: 0.99, recall: 0.99 } },
		});
		const show = async () => (await sandbox.api('GET', `evaluations/${pk}/`)).json;
		expect(await show()).toMatchObject({ status: 'Queued', outputs: [], exec_duration: null });
		await sandbox.advance(5_000);
		expect(await show()).toMatchObject({ status: 'Executing' });
		await sandbox.advance(20_000);
		expect(await show()).toMatchObject({ status: 'Succeeded', rank: 0 });
		expect((await get('main')).json['rank']).toBe(3);
		await sandbox.advance(10_000);
		expect(await show()).toMatchObject({ rank: 1, title: '#1 other' });
		expect((await get('main')).json).toMatchObject({ rank: 4, title: '#4 main' });
	});
});

describe('external evaluation', () => {
	const claimable = async (who: keyof Bench['tokens'], query = '') => {
		const reply = await sandbox.api('GET', `evaluations/claimable_evaluations/${query}`, as(who));
		return JSON.parse(reply.text) as Array<Record<string, unknown>>;
	};

	it('lists what can be claimed as a bare array, to evaluators only', async () => {
		const found = await claimable('evaluator');
		expect(found.map(({ pk }) => pk)).toEqual([pkOf('claimable3'), pkOf('claimable2'), pkOf('claimable1')]);
		expect(found[0]).toMatchObject({
			status: 'Queued',
			method: null,
			claimed_by: null,
			phase_pk: phase('external'),
			algorithm_image: { pk: state.algorithmImages['entry']?.pk, import_status: 'Completed' },
			algorithm_model: { pk: state.algorithmModels['entry']?.pk },
		});
		expect(found[1]?.['algorithm_model']).toBeNull();
		expect(await claimable('reader')).toEqual([]);
		expect(await claimable('evaluator', `?submission__phase=${phase('preliminary')}`)).toEqual([]);
	});

	it('hands out container and weights to evaluators, who do not see them in the list', async () => {
		const [first] = await claimable('evaluator');
		const { image } = first?.['algorithm_image'] as { image: string };
		const { model } = first?.['algorithm_model'] as { model: string };
		for (const url of [image, model]) {
			const ask = (who: keyof Bench['tokens']) =>
				fetch(url, { redirect: 'manual', headers: { authorization: `Bearer ${sandbox.tokens[who]}` } });
			const sent = await ask('evaluator');
			expect(sent.status).toBe(302);
			const bytes = await (await fetch(String(sent.headers.get('location')))).arrayBuffer();
			expect(Buffer.from(bytes).toString('hex', 0, 2)).toBe('1f8b');
			// The editor of the algorithm may look at it, not download it.
			expect((await ask('other')).status).toBe(403);
		}
		const list = async (who: keyof Bench['tokens']) =>
			resultsOf(await sandbox.api('GET', 'algorithms/images/?limit=1000', as(who))).map(({ pk }) => pk);
		expect(await list('evaluator')).toEqual([]);
		expect(await list('other')).toContain(state.algorithmImages['entry']?.pk);
	});

	it('is claimed once per account, for good', async () => {
		expect((await claim('claimable1', 'reader')).json).toEqual({
			detail: 'You do not have permission to perform this action.',
		});
		expect(
			(await sandbox.api('PATCH', `evaluations/${pkOf('claimable1')}/claim/`, { token: null, body: {} })).status,
		).toBe(401);
		const claimed = await claim('claimable1');
		expect([claimed.status, claimed.json]).toEqual([
			200,
			expect.objectContaining({ status: 'External Execution In Progress', claimed_by: 107, rank: 0 }),
		]);
		expect((await claim('claimable1', 'main')).json).toEqual({ status: 'You can only claim pending evaluations.' });
		expect((await claim('claimable2')).json).toEqual({ status: 'You can only claim one evaluation at a time.' });
		await report('claimable1', { status: 'Failed', error_message: 'It broke' });
		expect([(await claim('claimable2')).status, (await claim('claimable2')).json]).toEqual([
			400,
			{ status: 'You can only claim one evaluation at a time.' },
		]);
		// Whatever is sent along is written.
		expect((await claim('claimable3', 'main', { rank: 77 })).json).toMatchObject({ rank: 77 });
	});

	it('takes one report, from whom it was claimed by, and ranks later', async () => {
		expect((await report('claimable1', { status: 'Succeeded', metrics: {} })).json).toEqual({
			status: 'You need to claim an evaluation before you can update it.',
		});
		await claim('claimable1');
		const refused = await report('claimable1', { status: 'Succeeded', metrics: {} }, 'main');
		expect([refused.status, refused.json]).toEqual([
			403,
			{ status: 'You do not have permission to update this evaluation.' },
		]);
		expect((await report('claimable1', { status: 'Done' })).json).toEqual({ status: ['Not a valid choice.'] });
		expect((await report('claimable1', { status: 'Succeeded' })).json).toEqual({
			non_field_errors: ['Metrics are required for successful evaluations.'],
		});
		expect((await report('claimable1', { status: 'Failed' })).json).toEqual({
			non_field_errors: ['An error_message is required for failed evaluations.'],
		});
		expect((await report('claimable1', { metrics: {} })).status).toBe(500);
		const metrics = { aggregates: { dice: 0.9 } };
		expect((await report('claimable1', { status: 'Succeeded', metrics })).json).toEqual({
			metrics,
			status: 'Succeeded',
			error_message: '',
		});
		expect((await get('claimable1')).json).toMatchObject({ status: 'Succeeded', rank: 0 });
		await sandbox.advance(10_000);
		expect((await get('claimable1')).json).toMatchObject({ rank: 1, outputs: [{ value: metrics }] });
		expect((await get('externalDone')).json['rank']).toBe(2);
	});

	it('cancels a claim after a day', async () => {
		await claim('claimable1');
		await sandbox.advance(86_400_000);
		expect((await get('claimable1')).json['status']).toBe('Cancelled');
		expect((await report('claimable1', { status: 'Failed', error_message: 'x' })).status).toBe(400);
	});
});
