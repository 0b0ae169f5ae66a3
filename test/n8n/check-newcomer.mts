import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Locator, Page } from 'playwright-core';

import { spawnSandbox } from '../../sandbox/client.mts';
import { editorOf, openBrowser, typed } from './browser-editor.mts';
import type { Checks } from './checks.mts';
import { createInstance } from './instance.mts';
import { installPackage } from './package.mts';
import { startServer } from './server.mts';
import { ownerSession } from './session.mts';
import type { World } from './world.mts';

const MOST_CLICKS = 10;

/** Somebody who has just installed the package: from the empty n8n after signing in to a first result, with every click counted. */
export const checkNewcomer = async ({ instance: { installation, folder: above }, tarball }: World, line: string, { check }: Checks): Promise<void> => {
	const folder = join(above, 'newcomer');
	// As the platform: https, by a certificate that n8n trusts, so that only the address has to be another one.
	const sandbox = await spawnSandbox({ https: true });
	const certificate = join(above, 'newcomer.pem');
	await writeFile(certificate, sandbox.ca ?? '');
	const instance = await createInstance({ installation, folder, env: { NODE_EXTRA_CA_CERTS: certificate } });
	await installPackage(instance, tarball);
	const server = await startServer(instance);
	await ownerSession(server);
	const browser = await openBrowser({ url: server.url, profile: join(folder, 'browser') });
	const editor = editorOf(browser.page, server.url);
	await editor.signIn();
	const { done, ...hands } = handsOn(browser.page);
	const start = performance.now();
	await check(`newcomer: a first result after at most ${MOST_CLICKS} clicks in an n8n that is new`, async () => {
		const { at } = editor;
		const offered = (name: string) => at('node-creator-item-name').getByText(name, { exact: true });
		await hands.click(at('new-workflow-card'));
		await hands.click(at('canvas-plus-button'));
		await at('node-creator-search-bar').waitFor();
		await hands.type('Grand Challenge');
		await hands.click(offered('Grand Challenge'));
		await hands.click(editor.kind('Actions'));
		await hands.click(offered('Get many archives'));

		// n8n 1 has a list of credentials here already, in which nothing is yet.
		const [connect, list] = [at('node-credentials-empty-state').getByRole('button'), at('node-credentials-select')];
		await hands.click(connect.or(list));
		const isListed = await list.isVisible();
		if (isListed) await hands.click(at('node-credentials-select-item-new'));
		await hands.click(at('parameter-input-token').locator('input'));
		await hands.type(sandbox.tokens.main);
		await hands.moveTo(at('parameter-input-baseUrl').locator('input'));
		await hands.type(sandbox.origins.api);
		await hands.click(at('credential-save-button'));
		// n8n 1 shows that the test has succeeded, n8n 2 closes the dialog by itself then.
		if (isListed) {
			await at('credentials-config-container-test-success').waitFor();
			await hands.press('Escape');
		}
		await at('credential-edit-dialog').waitFor({ state: 'hidden' });
		const tested = (await sandbox.requests()).map(({ path, status }) => `${path} ${status}`);
		assert.deepEqual(tested, ['/api/v1/profiles/users/self/ 200']);

		await hands.click(at('node-execute-button'));
		await at('output-panel').getByText('Lung Phantoms').first().waitFor();
		assert(done.clicks <= MOST_CLICKS, `${done.clicks} clicks`);
		assert.deepEqual(browser.complaints, []);
	});
	const seconds = Math.round((performance.now() - start) / 1000);
	console.log(`newcomer on ${line}: ${done.clicks} clicks, ${done.texts} texts typed, ${done.keys} keys, ${seconds} s`);
	await browser.close();
	await server.stop();
	await sandbox.stop();
};

/** What a person does with mouse and keyboard, counted. */
const handsOn = (page: Page) => {
	const done = { clicks: 0, texts: 0, keys: 0 };
	const press = async (key: string) => {
		done.keys += 1;
		await page.keyboard.press(key);
	};
	return {
		done,
		click: async (what: Locator) => {
			done.clicks += 1;
			await what.click();
		},
		/** Where the focus is. */
		type: async (text: string) => {
			done.texts += 1;
			await page.keyboard.type(text);
			await typed(page);
		},
		press,
		/** Goes on to a field further down, by the Tab key; what is in it is then selected. */
		moveTo: async (field: Locator) => {
			for (const limit = done.keys + 20; !(await field.evaluate((input) => input.matches(':focus'))); ) {
				assert(done.keys < limit, 'The Tab key does not lead to the next field');
				await press('Tab');
			}
		},
	};
};
