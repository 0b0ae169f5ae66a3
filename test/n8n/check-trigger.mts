import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';

import type { Checks } from './checks.mts';
import { example, withParameters } from './examples.mts';
import { emptyFolder } from './files.mts';
import { platform } from './platform.mts';
import { until } from './process.mts';
import { itemsOf } from './session.mts';
import { withCredential } from './workflows.mts';
import type { World } from './world.mts';

/** n8n refuses more than one poll a minute by one rule, not by several. */
const oftenInAMinute = { item: Array.from({ length: 20 }, (_, i) => ({ mode: 'custom', cronExpression: `${3 * i} * * * * *` })) };

/**
 * Cases arrive while n8n runs, is dead, and starts without a platform: each is told once.
 * @param withoutPlatform whether to try the last of these
 */
export const checkTrigger = async (world: World, { check }: Checks, { withoutPlatform = true } = {}): Promise<void> => {
	const { sandbox, session, instance } = world;
	const { archives, images } = await sandbox.reset();
	const call = platform(sandbox);
	const arrived: string[] = [];
	const arrive = async (title: string) => {
		const { pk } = await call<{ pk: string }>('POST', 'archives/items/', { archive: archives.empty?.api_url, title });
		await call('PATCH', `archives/items/${pk}/`, { values: [{ interface: 'ct-image', image: images.lung1?.api_url }] });
		arrived.push(pk);
	};
	let workflow = '';
	const told = async (): Promise<string[]> => {
		const ended = (await session.executions(workflow)).filter(({ status }) => status === 'success');
		const executions = await Promise.all(ended.map(({ id }) => session.execution(id)));
		return executions.flatMap((execution) => itemsOf(execution, 'Case Arrived').map(({ json }) => String(json.pk)));
	};
	const assertToldOnce = async () => {
		await until('the case to be told', async () => ((await told()).length >= arrived.length ? true : undefined));
		await sandbox.clearRequests();
		await until('another poll', async () => ((await sandbox.requests()).some(({ path }) => path.includes('/archives/items/?')) ? true : undefined));
		assert.deepEqual((await told()).sort(), [...arrived].sort());
		assert.deepEqual([...new Set((await session.executions(workflow)).map(({ status }) => status))], ['success']);
	};

	await check('trigger: a case that arrives is downloaded, once', async () => {
		await emptyFolder(instance.files);
		const quick = withParameters(example('downloadOnArrival', instance.files), 'Case Arrived', { pollTimes: oftenInAMinute });
		workflow = await session.createWorkflow(withCredential(quick));
		await session.activate(workflow);
		await arrive('Case 1');
		await assertToldOnce();
		assert.match((await readdir(instance.files)).join(), /lung-1\.mha/);
	});
	await check('trigger: killed while a case arrives, n8n tells it after its start', async () => {
		assert.equal(await world.server.end('SIGKILL'), 'SIGKILL');
		await arrive('Case 2');
		await world.restart();
		await assertToldOnce();
	});
	if (withoutPlatform) {
		await check('trigger: lives through a start of n8n without a platform', async () => {
			await world.server.end('SIGTERM');
			await arrive('Case 3');
			await sandbox.addFaults({ match: { origin: 'api' }, times: -1, action: { status: 503 } });
			await world.restart();
			await until('the first poll to be warned of', async () => (/The trigger tries again/.test(await world.server.log()) ? true : undefined));
			await sandbox.clearFaults();
			await until('the case to be told', async () => ((await told()).length >= arrived.length ? true : undefined));
			assert.deepEqual((await told()).sort(), [...arrived].sort());
		});
	}
	await session.deactivate(workflow);
};
