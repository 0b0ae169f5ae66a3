import assert from 'node:assert/strict';

import type { LoggedRequest } from '../../sandbox/requestLog.mts';
import type { Checks } from './checks.mts';
import { itemsOf } from './session.mts';
import { byId, chain, grandChallenge, httpRequest } from './workflows.mts';
import type { World } from './world.mts';

/**
 * The token stays with the site of the credential, wherever a request is redirected to or sent to. The sandbox's download
 * origin, which is another origin than its API's, plays the foreign one.
 */
export const checkRedirects = async (world: World, { check }: Checks): Promise<void> => {
	const { sandbox, session } = world;
	const { api, download } = sandbox.origins;
	const image = (await sandbox.state()).images.lung1;
	const workflow = await session.createWorkflow(
		chain('Redirects', [
			grandChallenge('Download Image', 'image', 'download', { image: byId(image?.pk ?? '') }),
			httpRequest('Redirected Request', `${api}/api/v1/archives/?redirected`),
			httpRequest('Foreign Request', `${download}/foreign`),
		]),
	);
	await sandbox.addFaults(
		{ match: { origin: 'api', path: '\\?redirected$' }, action: { redirect: `${download}/redirected` } },
		{ match: { origin: 'download', path: '^/(redirected|foreign)$' }, times: -1, action: { body: { arrived: true } } },
	);
	await sandbox.clearRequests();
	const execution = await session.runManually(workflow, 'Start');
	await sandbox.clearFaults();
	const requests = await sandbox.requests();
	const from = (origin: string, path: RegExp) => requests.filter((one) => one.origin === origin && path.test(one.path));
	const isSigned = ({ headers }: LoggedRequest) => headers.authorization === `Bearer ${sandbox.tokens.main}`;
	const mentionsToken = (request: LoggedRequest) => JSON.stringify(request).includes(sandbox.tokens.main);

	/** Both hops took place: the first with the token, the second without it. */
	const assertHops = (first: LoggedRequest[], second: LoggedRequest[]) => {
		assert.deepEqual([first.map(isSigned), second.map(mentionsToken)], [[true], [false]]);
		assert.deepEqual([first, second].map((hop) => hop.map(({ status }) => status)), [[302], [200]]);
	};

	await check('redirects: the token does not follow the download of an image to another origin', async () => {
		assertHops(from('api', /^\/media\//), from('download', /^\/protected\//));
		const stored = await sandbox.file(image?.pk ?? '');
		assert.equal(itemsOf(execution, 'Download Image')[0]?.json.bytes, stored.bytes.length);
	});
	await check("redirects: nor a request of n8n's HTTP Request node", () => {
		assertHops(from('api', /\?redirected$/), from('download', /^\/redirected$/));
		assert.deepEqual(itemsOf(execution, 'Redirected Request')[0]?.json, { arrived: true });
	});
	await check('redirects: the HTTP Request node does not send the token to a foreign address', () => {
		assert.deepEqual(from('download', /^\/foreign$/).filter(mentionsToken), []);
		const [{ json } = { json: {} }] = itemsOf(execution, 'Foreign Request');
		const [elsewhere, home] = [download, api].map((origin) => new URL(origin).host);
		assert.match(JSON.stringify(json), new RegExp(`The address leads to ${elsewhere}, not to ${home}`));
	});
};
