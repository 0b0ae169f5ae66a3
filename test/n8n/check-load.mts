import assert from 'node:assert/strict';

import type { Checks } from './checks.mts';
import { jsonOf } from './http.mts';
import { credentialFor, saidOfPackage, type World } from './world.mts';

interface Described {
	name: string;
	displayName: string;
	iconUrl?: string | { light: string; dark: string };
	properties: Array<{ name: string }>;
}

const nodeType = 'n8n-nodes-grand-challenge.grandChallenge';
const credentialType = 'grandChallengeApi';

/** What n8n knows of the installed package, and what its credential test says. */
export const checkLoad = async (world: World, { check }: Checks): Promise<void> => {
	const { server, session, sandbox } = world;
	const { cookie } = session;
	const get = async (path: string) => {
		const ask = () => fetch(server.url + path, { headers: { cookie } });
		// On a busy machine the connection may be one that n8n has just closed, idle since it was ready.
		const answer = await ask().catch(ask);
		assert(answer.ok, `${path} was answered ${answer.status}`);
		return answer;
	};
	const described = async (kind: 'nodes' | 'credentials', name: string): Promise<Described> => {
		const all = await jsonOf<Described[]>(await get(`/types/${kind}.json`));
		const found = all.find((one) => one.name === name);
		assert(found, `${name} is not among the ${all.length} ${kind} of n8n`);
		return found;
	};
	const assertIcons = async ({ iconUrl }: Described) => {
		assert(typeof iconUrl === 'object', `one icon for both themes: ${String(iconUrl)}`);
		assert.notEqual(iconUrl.light, iconUrl.dark);
		for (const url of Object.values(iconUrl)) {
			const answer = await get(`/${url}`);
			assert.match(answer.headers.get('content-type') ?? '', /^image\/svg\+xml/);
			assert.match(await answer.text(), /<svg/);
		}
	};

	await check('the node is there with its icons', async () => {
		const node = await described('nodes', nodeType);
		assert.equal(node.displayName, 'Grand Challenge');
		await assertIcons(node);
	});
	await check('the trigger is there with its icons', async () => {
		const node = await described('nodes', `${nodeType}Trigger`);
		assert.equal(node.displayName, 'Grand Challenge Trigger');
		assert(node.properties.some(({ name }) => name === 'pollTimes'));
		await assertIcons(node);
	});
	await check('the node is there as a tool of agents', async () => {
		await described('nodes', `${nodeType}Tool`);
	});
	await check('the credential is there with its icons', async () => {
		const credential = await described('credentials', credentialType);
		assert(credential.properties.some(({ name }) => name === 'token'));
		await assertIcons(credential);
	});
	await check('n8n reported nothing about the package while it started', async () => {
		assert.deepEqual(await saidOfPackage(world), []);
	});

	const test = (data: Record<string, unknown>) => {
		const credential = credentialFor(sandbox);
		return session.testCredential({ ...credential, data: { ...credential.data, ...data } });
	};
	await check('credential test: right token', async () => {
		const { status, message } = await test({});
		assert.equal(status, 'OK', message);
	});
	const refused = (title: string, data: Record<string, unknown>, words: RegExp) =>
		check(`credential test: ${title}`, async () => {
			const { status, message } = await test(data);
			assert.equal(status, 'Error');
			assert.match(message, words);
		});
	await refused('wrong token', { token: 'f'.repeat(64) }, /does not know this API token/);
	await refused('token of an account that was closed', { token: sandbox.tokens.deactivated }, /not active/);
	await refused('plain http that nobody allowed', { allowHttp: false }, /not encrypted/);
	await refused('a site that is no Grand Challenge', { baseUrl: server.url }, /no Grand Challenge at this base URL/i);
};
