import assert from 'node:assert/strict';
import { join } from 'node:path';

import { editorOf, openBrowser, shows, type Editor } from './browser-editor.mts';
import { checkErrors } from './check-errors.mts';
import type { Checks } from './checks.mts';
import { jsonOf } from './http.mts';
import { platform, type PlatformJob } from './platform.mts';
import { until } from './process.mts';
import { credentialFor, type World } from './world.mts';

/** What a person sees of the package in n8n's editor, from the credential to the result, in a real browser. */
export const checkBrowser = async (world: World, line: string, checks: Checks): Promise<void> => {
	const { server, instance, sandbox } = world;
	// The platform runs nothing twice, and the examples have run much.
	await sandbox.reset();
	const browser = await openBrowser({ url: server.url, profile: join(instance.folder, 'browser') });
	const editor = editorOf(browser.page, server.url);
	await checkCredential(world, editor, checks);
	await checkPanel(world, editor, checks);
	await checkRun(world, editor, checks);
	await checkFields(world, editor, checks);
	await checkRefusals(world, editor, checks);
	await checkTrial(world, editor, checks);
	await checkErrors(world, editor, line, checks);
	await checks.check('browser: nothing went wrong on the pages but what was provoked', () => {
		assert.deepEqual(browser.complaints, [
			'POST /rest/dynamic-node-parameters/resource-locator-results was answered 500',
		]);
	});
	await browser.close();
};

const credentialName = 'Grand Challenge account';

const checkCredential = async ({ sandbox }: World, editor: Editor, { check }: Checks) => {
	const { at } = editor;
	const { token, baseUrl } = credentialFor(sandbox).data;
	const save = async (withToken: unknown) => {
		await at('parameter-input-token').locator('input').fill(String(withToken));
		await at('credential-save-button').click();
	};

	await check('browser: the owner logs in and finds the credential among those to add', async () => {
		await editor.signIn();
		await editor.open('/home/credentials');
		await at('add-resource-credential').click();
		await at('new-credential-type-select').locator('input').fill('Grand Challenge');
		await at('new-credential-type-select-option').filter({ hasText: 'Grand Challenge API' }).click();
		await at('new-credential-type-button').click();
		await at('credential-edit-dialog').waitFor();
	});
	await check('browser: the test of the credential says in words what is wrong with a token', async () => {
		await at('parameter-input-baseUrl').locator('input').fill(String(baseUrl));
		await at('parameter-input-allowHttp').locator('.el-switch').click();
		await save('f'.repeat(64));
		const dialog = at('credential-edit-dialog');
		await dialog.getByText('More details').click();
		await dialog.getByText('Grand Challenge does not know this API token').waitFor();
	});
	await check('browser: the test of the credential succeeds', async () => {
		await save(token);
		await at('credentials-config-container-test-success').waitFor();
		await shows(() => at('credential-name').innerText(), credentialName);
	});
};

interface Description {
	name: string;
	properties: Array<{ name: string; options?: Array<{ action?: string }> }>;
}

/** The sentences of the node's operations. */
const actionsOf = async ({ server, session }: World): Promise<string[]> => {
	const answer = await fetch(`${server.url}/types/nodes.json`, { headers: { cookie: session.cookie } });
	const nodes = await jsonOf<Description[]>(answer);
	const { properties = [] } = nodes.find(({ name }) => name === 'n8n-nodes-grand-challenge.grandChallenge') ?? {};
	const options = properties.filter(({ name }) => name === 'operation').flatMap((property) => property.options ?? []);
	return options.flatMap(({ action }) => action ?? []);
};

/** Opens what the package has, in the node panel of a new workflow. */
const openPackage = async (editor: Editor) => {
	await editor.searchNode('Grand Challenge');
	await editor.at('node-creator-item-name').getByText('Grand Challenge', { exact: true }).click();
};

const startAndWait = 'Start algorithm job and wait for its result';

const checkPanel = async (world: World, editor: Editor, { check }: Checks) => {
	const { at } = editor;
	await check('browser: the panel finds the node and lists all its operations', async () => {
		const actions = await actionsOf(world);
		assert(actions.includes(startAndWait), `operations: ${actions.join(', ')}`);
		await openPackage(editor);
		await editor.showKind('Actions');
		const missing = async () => {
			const listed = await at('node-creator-item-name').allInnerTexts();
			return actions.filter((action) => !listed.includes(action));
		};
		await shows(missing, []);
	});
	await check('browser: an operation is added, and named in words on the canvas', async () => {
		await at('node-creator-item-name').getByText(startAndWait, { exact: true }).click();
		await at('node-execute-button').waitFor();
		await editor.closeNode();
		await editor.node(startAndWait).getByText('Algorithm Job: Start and Wait', { exact: true }).waitFor();
	});
};

const checkRun = async ({ sandbox }: World, editor: Editor, { check }: Checks) => {
	const call = platform(sandbox);
	await check('browser: an algorithm is picked from the searchable list', async () => {
		await editor.openNode(startAndWait);
		await editor.chooseCredential(credentialName);
		const algorithm = editor.locator('algorithm');
		const { results } = await call<{ results: Array<{ title: string }> }>('GET', 'algorithms/');
		await algorithm.openList();
		await shows(
			algorithm.entries,
			results.map(({ title }) => title),
		);
		await algorithm.search('lung');
		await shows(algorithm.entries, ['Lung Volume Above Threshold', 'Slow Lung Volume']);
		await algorithm.pick('Lung Volume Above Threshold');
	});
	await check('browser: the node runs, and shows the result of the job', async () => {
		const rows = await editor.addRow('values', 'Existing Image');
		for (const [field, entry] of [
			['socket', 'CT Image (Image)'],
			['image', 'lung-1.mha'],
		] as const) {
			const locator = editor.locator(field, rows);
			await locator.openList();
			await locator.pick(entry);
		}
		await editor.execute();
		const succeeded = /"pk":"([0-9a-f-]{36})","status":"Succeeded"/;
		const pk = await until('the job', async () => succeeded.exec(await editor.output())?.[1]);
		const output = await editor.output();
		const { outputs } = await call<PlatformJob>('GET', `algorithms/jobs/${pk}/`);
		const values = outputs.filter(({ value }) => typeof value === 'number');
		assert.equal(values.length, 2);
		for (const { value, interface: socket } of values) assert(output.includes(`"${socket.slug}":${value}`), output);
	});
};

const checkFields = async ({ sandbox }: World, editor: Editor, { check }: Checks) => {
	const fields = editor.at('mapping-fields-container');
	const shown = async (...names: string[]) => {
		for (const name of names) await fields.getByText(name, { exact: true }).waitFor();
	};
	const chooseAlgorithm = async (title: string) => {
		const algorithm = editor.locator('algorithm');
		await algorithm.openList();
		await algorithm.pick(title);
	};
	await check('browser: the sockets of the algorithm are fields, which change with it', async () => {
		await editor.choose('inputsFrom', 'Fields');
		await shown('CT Image (Image)');
		await chooseAlgorithm('Table Summary');
		await shown('Measurements (CSV file)', 'Patient Age (Integer)');
		await chooseAlgorithm('Slice Counter');
		await shown('CT DICOM Series (DICOM Image Set)', 'CT DICOM Series: Image Name', 'CT DICOM Series: Files Are Already De-Identified');
		await chooseAlgorithm('Lung Volume Above Threshold');
		await shown('CT Image (Image)');
		assert.equal(await fields.getByText('Patient Age (Integer)').count(), 0);
	});
	await check('browser: the node runs with an image in a field', async () => {
		const { images } = await sandbox.state();
		await editor.fill(fields.locator('input').first(), images.lung2?.pk ?? '');
		await editor.execute();
		await until('the job', async () => ((await editor.output()).includes(`"pk":"${images.lung2?.pk ?? ''}"`) ? true : undefined));
		assert.match(await editor.output(), /"status":"Succeeded"/);
	});
};

const checkRefusals = async ({ sandbox }: World, editor: Editor, { check }: Checks) => {
	const { at } = editor;
	const archive = editor.locator('archive');
	await check('browser: another operation is chosen, and its archive named by hand', async () => {
		await editor.choose('resource', 'Archive');
		await editor.choose('operation', 'Download');
		for (const mode of ['By URL', 'By Slug']) {
			await archive.mode(mode);
			assert(await archive.modeIsWhole(), `'${mode}' is cut off`);
		}
		await archive.type('no-such-archive');
	});
	await check('browser: an error says what happened and what to do', async () => {
		await editor.execute();
		await shows(() => at('node-error-message').innerText(), "Grand Challenge does not show archive 'no-such-archive'");
		assert.match(await at('node-error-description').innerText(), /^Either it does not exist, or this account has no access/);
	});
	await check('browser: a list that cannot be had says why', async () => {
		const refused = { status: 401, body: { detail: 'Invalid token.' } };
		await sandbox.addFaults({ match: { path: '/archives/' }, times: -1, action: refused });
		try {
			await archive.mode('From list');
			await archive.openList();
			const said = await at('rlc-error-container').innerText();
			assert.match(said, /Grand Challenge does not know this API token/);
			assert.match(said, /Create a token at /);
		} finally {
			await sandbox.clearFaults();
		}
	});
};

const checkTrial = async ({ sandbox }: World, editor: Editor, { check }: Checks) => {
	const { at } = editor;
	await check('browser: a trigger is added for its event, and a trial shows what has happened', async () => {
		await openPackage(editor);
		await at('node-creator-item-name').getByText('On archive item added', { exact: true }).click();
		await editor.chooseCredential(credentialName);
		const archive = editor.locator('archive');
		await archive.openList();
		await archive.pick('Lung Phantoms');
		await editor.execute();
		const { items } = await sandbox.state();
		const pks = Object.values(items).map(({ pk }) => pk);
		const shown = async () => {
			const output = await editor.output();
			return pks.some((pk) => output.includes(`"pk":"${pk}"`)) ? output : undefined;
		};
		await until('an archive item', shown);
	});
};
