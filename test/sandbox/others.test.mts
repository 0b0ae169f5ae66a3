import { bench, idOf, resultsOf, type Bench } from './support.mts';

let sandbox: Bench;
let state: Awaited<ReturnType<Bench['state']>>;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual', drift: 'C' });
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const as = (name: keyof Bench['tokens']) => ({ token: sandbox.tokens[name] });

describe('notifications and subscriptions', () => {
	it('tell of a notification whether it was read, and nothing else', async () => {
		const reply = await sandbox.api('GET', 'notifications/');
		expect(
			resultsOf(reply)
				.map((notification) => JSON.stringify(notification))
				.sort(),
		).toEqual(['{"read":false}', '{"read":false}', '{"read":true}']);
		const path = `notifications/${state.notifications['unread1']?.pk}/`;
		expect((await sandbox.api('PATCH', path, { body: { read: 'maybe' } })).json).toEqual({
			read: ['Must be a valid boolean.'],
		});
		expect((await sandbox.api('PATCH', path, { body: { read: true } })).json).toEqual({ read: true });
		expect((await sandbox.api('DELETE', path, as('reader'))).json).toEqual({
			detail: 'No Notification matches the given query.',
		});
		const gone = await sandbox.api('DELETE', path);
		expect([gone.status, gone.text]).toEqual([204, '']);
		expect((await sandbox.api('GET', 'notifications/')).json['count']).toBe(2);
		expect((await sandbox.api('POST', 'notifications/', { body: {} })).status).toBe(403);
	});

	it('count what failed in the background: files, imports and jobs', async () => {
		const unread = async () =>
			resultsOf(await sandbox.api('GET', 'notifications/')).filter(({ read }) => read === false).length;
		expect(await unread()).toBe(2);
		const item = `archives/items/${state.items['phase1']?.pk}/`;
		const upload = await sandbox.upload('a.txt', 'no image');
		const values = [{ interface: 'ct-image', user_uploads: [upload] }];
		expect((await sandbox.api('PATCH', item, { body: { values } })).status).toBe(200);
		await sandbox.settle();
		expect(await unread()).toBe(3);
		const report = { interface: 'radiology-report', user_upload: await sandbox.upload('a.pdf', 'no PDF') };
		await sandbox.api('PATCH', `archives/items/${state.items['lung1']?.pk}/`, { body: { values: [report] } });
		await sandbox.settle();
		expect(await unread()).toBe(4);
		const inputs = [{ interface: 'patient-age', value: 4 }];
		const algorithm = state.algorithms['failing']?.api_url;
		expect((await sandbox.api('POST', 'algorithms/jobs/', { body: { algorithm, inputs } })).status).toBe(201);
		await sandbox.settle();
		expect(await unread()).toBe(5);
	});

	it('have a whole number and a flag for each subscription', async () => {
		const { pk } = state.subscriptions['jobs'] ?? {};
		expect((await sandbox.api('GET', `subscriptions/${pk}/`)).json).toEqual({ pk: Number(pk), flag: 'job-active' });
		expect((await sandbox.api('PATCH', `subscriptions/${pk}/`, { body: { flag: 'job-inactive' } })).json).toEqual({
			pk: Number(pk),
			flag: 'job-inactive',
		});
		expect((await sandbox.api('GET', 'subscriptions/x/')).json).toEqual({ detail: 'Not found.' });
		expect((await sandbox.api('GET', `subscriptions/${pk}/`, as('reader'))).status).toBe(404);
	});
});

describe('viewers', () => {
	it('show public viewers, and configurations only to who is logged in', async () => {
		expect(resultsOf(await sandbox.api('GET', 'workstations/', { token: null }))).toEqual([
			expect.objectContaining({ slug: 'cirrus-core', title: 'CIRRUS Core' }),
		]);
		expect((await sandbox.api('GET', 'workstations/configs/', { token: null })).status).toBe(401);
		const { pk } = state.workstationConfigs['plain'] ?? {};
		const plain = await sandbox.api('GET', `workstations/configs/${pk}/`);
		expect(plain.json).toMatchObject({ slug: 'plain', creator: 'other', default_window_preset: null });
		expect(Object.keys(plain.json).length).toBeGreaterThan(45);
		expect((await sandbox.api('DELETE', `workstations/configs/${pk}/`)).status).toBe(405);
	});

	it('keep a session alive until its time is over', async () => {
		const path = `workstations/sessions/${state.viewerSessions['running']?.pk}/`;
		expect((await sandbox.api('GET', path)).json).toEqual({
			pk: state.viewerSessions['running']?.pk,
			status: 'Running',
		});
		expect((await sandbox.api('PATCH', `${path}keep_alive/`)).json).toEqual({ status: 'session extended' });
		expect((await sandbox.api('PATCH', `${path}keep_alive/`, as('reader'))).status).toBe(404);
		await sandbox.advance(9_000_000);
		const over = await sandbox.api('PATCH', `${path}keep_alive/`);
		expect([over.status, over.json]).toEqual([400, { status: 'session duration limit reached' }]);
		expect((await sandbox.api('PATCH', path, { body: {} })).status).toBe(405);
		expect((await sandbox.api('POST', 'workstations/sessions/', { body: {} })).status).toBe(403);
	});

	it('take feedback on one’s own session, with a picture by form', async () => {
		const session = state.viewerSessions['running']?.api_url ?? '';
		const send = async (form: FormData) => {
			const reply = await fetch(`${sandbox.origins.api}/api/v1/workstations/feedback/`, {
				method: 'POST',
				headers: { authorization: `Bearer ${sandbox.tokens.main}` },
				body: form,
			});
			return [reply.status, JSON.parse(await reply.text())] as const;
		};
		const form = new FormData();
		form.set('session', session);
		form.set('user_comment', 'The window is off');
		form.set('context', '{"slice":4}');
		form.set('screenshot', new Blob(['png']), 'screen.png');
		expect(await send(form)).toEqual([
			201,
			{
				session: expect.stringMatching(new RegExp(`/workstations/sessions/${idOf(session)}/$`, 'u')),
				screenshot: expect.stringMatching(/screen\.png$/u),
				user_comment: 'The window is off',
				context: { slice: 4 },
			},
		]);
		expect((await sandbox.api('GET', 'workstations/feedback/')).json['count']).toBe(1);
		form.set('session', state.viewerSessions['reader']?.api_url ?? '');
		expect(await send(form)).toEqual([400, { session: ['Invalid hyperlink - Object does not exist.'] }]);
		const json = { session, user_comment: 'x', screenshot: 'screen.png' };
		expect((await sandbox.api('POST', 'workstations/feedback/', { body: json })).json).toEqual({
			screenshot: ['The submitted data was not a file. Check the encoding type on the form.'],
		});
	});
});

describe('endpoints and invocations', () => {
	const endpoint = (name: string, who: keyof Bench['tokens'] = 'main') =>
		sandbox.api('POST', 'algorithms/endpoints/', { ...as(who), body: { algorithm: state.algorithms[name]?.api_url } });
	const invoke = (url: unknown, inputs: unknown = [{ interface: 'clinical-information', value: { a: 1 } }]) =>
		sandbox.api('POST', 'algorithms/invocations/', { body: { endpoint: url, inputs } });

	it('are unknown to older servers', async () => {
		await sandbox.changeSettings({ drift: 'B' });
		expect((await sandbox.api('GET', 'algorithms/endpoints/')).status).toBe(404);
		expect((await sandbox.api('GET', 'algorithms/invocations/')).status).toBe(404);
	});

	it('need a permission of their own, a container image that can be invoked, and one endpoint per algorithm', async () => {
		expect((await endpoint('threshold', 'reader')).status).toBe(403);
		expect((await endpoint('viewOnly')).json).toEqual({ algorithm: ['Invalid hyperlink - Object does not exist.'] });
		expect((await endpoint('table')).json).toEqual({
			non_field_errors: ['Algorithm image does not implement the invoke API'],
		});
		expect((await endpoint('unready')).json).toEqual({
			non_field_errors: ['Algorithm image is not ready to be used'],
		});
		expect((await endpoint('echo')).status).toBe(201);
		expect((await endpoint('echo')).json).toEqual({
			non_field_errors: ['You already have an active endpoint for this algorithm'],
		});
		await sandbox.changeSettings({ maxActiveEndpoints: 1 });
		expect((await endpoint('threshold')).json).toEqual({ non_field_errors: ['You have too many active endpoints'] });
	});

	it('run until their time is over, unless they are kept alive', async () => {
		const made = await endpoint('echo');
		const path = `algorithms/endpoints/${String(made.json['pk'])}/`;
		expect(made.json).toMatchObject({
			status: 'Queued',
			remaining_lifetime: expect.stringMatching(/^P0DT00H(10|09)M/u),
		});
		const count = async (status: string) =>
			(await sandbox.api('GET', `algorithms/endpoints/?status=${status}`)).json['count'];
		expect([await count('Queued'), await count('nonsense')]).toEqual([1, 0]);
		await sandbox.advance(30_000);
		expect(await count('Running')).toBe(1);
		await sandbox.advance(500_000);
		expect((await sandbox.api('PATCH', `${path}keep_alive/`)).json).toEqual({ status: 'Endpoint lifetime extended' });
		await sandbox.advance(200_000);
		expect((await sandbox.api('GET', path)).json['status']).toBe('Running');
		await sandbox.advance(200_000);
		expect((await sandbox.api('GET', path)).json).toMatchObject({
			status: 'Stopped',
			remaining_lifetime: 'P0DT00H00M00S',
		});
		expect((await sandbox.api('GET', path, as('reader'))).status).toBe(404);
		expect((await sandbox.api('DELETE', path)).status).toBe(403);
		await sandbox.changeSettings({ credits: 0 });
		expect((await sandbox.api('PATCH', `${path}keep_alive/`)).json).toEqual({
			status: 'Endpoint duration limit reached',
		});
	});

	it('take invocations while they run, and compute their outputs', async () => {
		const made = await endpoint('echo');
		const unknown = { endpoint: ['Invalid hyperlink - Object does not exist.'] };
		expect((await invoke(made.json['api_url'])).json).toEqual(unknown);
		await sandbox.advance(30_000);
		await sandbox.advance(560_000);
		const started = await invoke(made.json['api_url']);
		expect(started.json).toMatchObject({
			status: 'Queued',
			inputs: [{ interface: 'clinical-information', value: { a: 1 }, image_name: null }],
		});
		await sandbox.advance(2_000);
		const path = `algorithms/invocations/${String(started.json['pk'])}/`;
		expect((await sandbox.api('GET', path)).json).toMatchObject({ status: 'Executing', outputs: [] });
		// An endpoint lives on for what it was asked for.
		await sandbox.advance(20_000);
		const url = `algorithms/endpoints/${String(made.json['pk'])}/`;
		expect((await sandbox.api('GET', url)).json['status']).toBe('Running');
		expect((await sandbox.api('GET', path)).json).toMatchObject({
			status: 'Succeeded',
			error_message: '',
			outputs: [{ socket: { slug: 'table-summary' }, value: { a: 1 } }],
		});
		expect((await sandbox.api('PATCH', path, { body: {} })).status).toBe(403);
		expect((await invoke(made.json['api_url'], [{ interface: 'patient-age', value: 4 }])).json).toHaveProperty(
			'non_field_errors',
		);
		await sandbox.changeSettings({ maxActiveInvocations: 0 });
		expect((await invoke(made.json['api_url'])).json).toEqual({
			non_field_errors: [
				'There are too many active invocations for this endpoint, please try again after they have completed',
			],
		});
	});
});
