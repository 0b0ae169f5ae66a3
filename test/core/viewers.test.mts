// Viewer Session: Keep Alive.
import { id, json, useWorld } from './fixtures/world.mts';

const world = useWorld({ fresh: true });

const running = () => world.state.viewerSessions.running?.pk ?? '';

it('a viewer session lives longer', async () => {
	expect(json(await world.run('viewerSession.keepAlive', { viewerSession: id(running()) }))).toEqual([{ pk: running(), status: 'Running' }]);
	expect(await world.writes()).toEqual(['PATCH /api/v1/workstations/sessions/<pk>/keep_alive/']);
});

it('a viewer session does not live for ever', async () => {
	await world.sandbox.changeSettings({ viewerSessionSeconds: 0 });
	const { error } = await world.run('viewerSession.keepAlive', { viewerSession: id(running()) });
	expect([error?.message, error?.description, error?.context?.data]).toEqual([
		`Grand Challenge did not accept the extension of viewer session '${running()}': session duration limit reached`,
		'A viewer session lives for less than three hours. Open a new one on the site',
		{ reason: 'limit' },
	]);
});
