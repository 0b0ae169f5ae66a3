// npm run screenshots: makes the pictures of the README and the docs anew, in docs/images, each in light and in dark. Made-up data of the
// local Grand Challenge only.
import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Locator } from 'playwright-core';

import { editorOf, openBrowser } from '../test/n8n/browser-editor.mts';
import { example, withParameters } from '../test/n8n/examples.mts';
import type { Workflow } from '../test/n8n/instance.mts';
import { exitOnSignals, temporaryFolder } from '../test/n8n/process.mts';
import { withCredential } from '../test/n8n/workflows.mts';
import { startWorld, type World } from '../test/n8n/world.mts';
import { ensureBuilt, ensureN8n } from './setup.mjs';

const images = join(import.meta.dirname, '..', 'docs', 'images');

/** Bytes of a picture. */
const LARGEST = 200_000;

/** The pipeline without its notes, and with what was chosen from lists. */
const pipeline = (files: string): Workflow => {
	const workflow = withCredential(example('pipeline', files));
	const chosen = (value: string, cachedResultName: string) => ({ __rl: true, mode: 'list', value, cachedResultName });
	const withoutNotes = { ...workflow, nodes: workflow.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote') };
	return withParameters(withoutNotes, 'Run Algorithm', {
		algorithm: chosen('lung-volume-above-threshold', 'Lung Volume Above Threshold'),
		values: {
			image: [
				{
					socket: chosen('ct-image', 'CT Image (Image)'),
					image: { __rl: true, mode: 'id', value: "={{ $json.values['ct-image'].pk }}" },
				},
			],
		},
	});
};

interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

type Theme = 'light' | 'dark';

const makePictures = async ({ server, instance, sandbox, session }: World, theme: Theme) => {
	// The platform runs nothing twice.
	await sandbox.reset();
	const browser = await openBrowser({
		url: server.url,
		profile: join(instance.folder, `browser-${theme}`),
		size: { width: 1360, height: 960 },
		scale: 1.5,
		theme,
	});
	const { page } = browser;
	const editor = editorOf(page, server.url);
	const { at } = editor;

	const boxOf = async (part: Locator): Promise<Box> => {
		const box = await part.boundingBox();
		if (!box) throw new Error(`The page does not show ${String(part)}`);
		return box;
	};
	const picture = async (name: string, clip: Box) => {
		const path = join(images, `${name}${theme === 'dark' ? '-dark' : ''}.png`);
		await page.mouse.move(0, 0);
		// What the mouse has left fades out.
		await page.screenshot({ path, clip, animations: 'disabled' });
		const { size } = statSync(path);
		if (size > LARGEST) throw new Error(`${path} has ${size} bytes, more than ${LARGEST}: show less of the page`);
		console.log(`${path}: ${Math.round(size / 1000)} kB`);
	};

	await editor.signIn();
	// A new one each time: n8n keeps what is changed below, and lets one browser only edit a workflow.
	await editor.open(`/workflow/${await session.createWorkflow(pipeline(instance.files))}`);
	await at('execute-workflow-button').click();
	await editor.node('Save to Disk').getByTestId('canvas-node-status-success').waitFor();
	// It says that the workflow was executed, and lies over a corner of the page.
	const notification = page.locator('.el-notification');
	await notification.waitFor();
	await notification.waitFor({ state: 'detached' });
	const [first, last] = [await boxOf(editor.node('Start')), await boxOf(editor.node('Save to Disk'))];
	await picture('workflow', { x: first.x - 60, y: first.y - 40, width: last.x - first.x + 240, height: 190 });

	await editor.openNode('Run Algorithm');
	await at('output-panel').getByTestId('radio-button-schema').click();
	// They lead to the nodes before and behind this one, and lie over its edges.
	await page.addStyleTag({ content: '[data-test-id="floating-nodes"] { display: none }' });
	const [fields, output] = [await boxOf(at('node-parameters')), await boxOf(at('output-panel'))];
	const below = await boxOf(at('collection-parameter-add'));
	await picture('node', {
		x: fields.x,
		y: output.y,
		width: output.x + output.width - fields.x - 2,
		height: below.y + below.height + 28 - output.y,
	});

	await editor.locator('algorithm').openList();
	await at('rlc-item').nth(1).waitFor();
	const lowest = await boxOf(at('rlc-item').last());
	await picture('algorithms', { ...fields, width: fields.width - 2, height: lowest.y + lowest.height + 4 - fields.y });

	await editor.locator('algorithm').pick('Lung Volume Above Threshold');
	await editor.choose('inputsFrom', 'Fields');
	const interfaces = editor.locator('interface');
	await interfaces.openList();
	await interfaces.pick('Segmentation Threshold');
	const sockets = await boxOf(at('mapping-fields-container'));
	await picture('job-fields', { ...fields, width: fields.width - 2, height: sockets.y + sockets.height + 8 - fields.y });
	await browser.close();
};

await ensureBuilt();
await ensureN8n();
exitOnSignals();
mkdirSync(images, { recursive: true });
const world = await startWorld({ folder: temporaryFolder(tmpdir(), 'screenshots-'), say: console.log });
for (const theme of ['light', 'dark'] as const) await makePictures(world, theme);
await world.stop();
