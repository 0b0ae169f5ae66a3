import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { chromium, selectors, type Locator, type Page } from 'playwright-core';

import { ensureBrowser } from '../../scripts/browser.mts';
import { until } from './process.mts';
import { owner } from './session.mts';

export interface BrowserOptions {
	/** Of n8n; nothing else is reached. */
	url: string;
	/** An empty folder for the browser's own files. */
	profile: string;
	/** Of the window, in CSS pixels. */
	size?: { width: number; height: number };
	/** Pixels of a picture per CSS pixel. */
	scale?: number;
	/** n8n follows it. */
	theme?: 'light' | 'dark';
}

export interface Browser {
	page: Page;
	/** What the page reported as wrong: exceptions, errors on its console, answers of n8n that failed. */
	complaints: string[];
	close: () => Promise<void>;
}

const RUN = /^\/rest\/workflows\/\w+\/run$/;

// What n8n does without us. It asks whether somebody is logged in, and for samples of output that only its own nodes have.
const ofN8n = [
	/^GET \/rest\/login was answered 401$/,
	/^GET \/schemas\/\S+ was answered 404$/,
	// n8n 1 asks for things that its licence does not have, and stumbles over looking for no new versions.
	/^GET \/rest\/external-secrets\/secrets was answered 404$/,
	/^GET \/rest\/workflows\/\w+\/executions\/last-successful was answered 404$/,
	/^POST \/rest\/ai\/sessions\/metadata was answered 403$/,
	/^Failed to fetch sessions metadata/,
	/ at Proxy\.checkForNewVersions /,
	// n8n 2, on the way from an empty list of workflows to the first one.
	/^Error: injectNDVStore\(\) was accessed without an active workflow/,
];

/** Starts a browser of its own; it ends with `close()`, or when this process ends. */
export const openBrowser = async (options: BrowserOptions): Promise<Browser> => {
	const { url, profile, size = { width: 1280, height: 800 }, scale = 1, theme = 'light' } = options;
	selectors.setTestIdAttribute('data-test-id');
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: await ensureBrowser(),
		headless: true,
		viewport: size,
		deviceScaleFactor: scale,
		colorScheme: theme,
		locale: 'en-US',
		timezoneId: 'UTC',
		// This process ends in order by itself (exitOnSignals), and the browser with it.
		handleSIGINT: false,
		handleSIGTERM: false,
		handleSIGHUP: false,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(url).hostname}`,
		],
	});
	const page = context.pages()[0] ?? (await context.newPage());
	page.setDefaultTimeout(30_000);
	const complaints: string[] = [];
	const complain = (text: string) => {
		if (!ofN8n.some((pattern) => pattern.test(text))) complaints.push(text);
	};
	page.on('pageerror', (error) => complain(error.stack ?? error.message));
	page.on('console', (message) => {
		// Failed requests are seen below, with their status.
		if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complain(message.text());
	});
	page.on('response', (answer) => {
		const { origin, pathname } = new URL(answer.url());
		if (answer.status() >= 400 && origin === url) {
			complain(`${answer.request().method()} ${pathname} was answered ${answer.status()}`);
		}
	});
	return { page, complaints, close: () => context.close() };
};

/** A field that names one object, from a list or by hand. */
export interface ResourceLocator {
	/** Chooses how it is filled in, e.g. "By URL". */
	mode: (name: string) => Promise<void>;
	/** Whether the chosen way can be read, or is cut off. */
	modeIsWhole: () => Promise<boolean>;
	/** Fills it in by hand. */
	type: (value: string) => Promise<void>;
	/** Before the list is there, it may show what was chosen before. */
	openList: () => Promise<void>;
	/** Types into the search of the open list. */
	search: (text: string) => Promise<void>;
	/** What the open list shows. */
	entries: () => Promise<string[]>;
	/** Picks an entry of the open list. */
	pick: (entry: string) => Promise<void>;
}

/** What a person does in n8n's editor. Fields go by the names of their parameters. */
export interface Editor {
	/** Part of the page by n8n's own id for tests. */
	at: (id: string) => Locator;
	/** Opens a page of n8n. */
	open: (path: string) => Promise<void>;
	signIn: () => Promise<void>;
	/** Searches in the node panel of a new workflow. */
	searchNode: (text: string) => Promise<void>;
	/** The heading of what the package has of a kind, in the node panel: a package with a trigger shows its triggers first. */
	kind: (kind: 'Actions' | 'Triggers') => Locator;
	/** Opens what the package has of a kind. */
	showKind: (kind: 'Actions' | 'Triggers') => Promise<void>;
	/** A node on the canvas. */
	node: (name: string) => Locator;
	/** Opens a node of the workflow on the page. */
	openNode: (name: string) => Promise<void>;
	closeNode: () => Promise<void>;
	chooseCredential: (name: string) => Promise<void>;
	/** Chooses an entry of a drop-down list. */
	choose: (field: string, entry: string) => Promise<void>;
	/** @param within part of the page where the field is, if there are several of that name */
	locator: (field: string, within?: Locator) => ResourceLocator;
	/** Adds a row to a list of values, and gives the list. */
	addRow: (field: string, kind: string) => Promise<Locator>;
	/** Types into a field of the open node. */
	fill: (input: Locator, value: string) => Promise<void>;
	/** Runs the open node. */
	execute: () => Promise<void>;
	/** Shows the output of the open node as JSON, and gives what is seen of it, without blanks. */
	output: () => Promise<string>;
}

/** Waits until the page shows this, and fails with what it shows instead. */
export const shows = async <T,>(read: () => Promise<T>, expected: T) => {
	const seen = async () => (isDeepStrictEqual(await read(), expected) ? true : undefined);
	await until('the page', seen, { limit: 30_000 }).catch(async () => assert.deepEqual(await read(), expected));
};

/**
 * n8n takes what was typed a moment later (100 ms), and shows nothing of that; who runs the node or saves the credential before is told
 * that the field is empty. What was picked, or added as a row, was lost in the same way. The page's own clock counts: its timers keep their order, however busy the machine is.
 */
export const typed = async (page: Page): Promise<void> => {
	await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
};

export const editorOf = (page: Page, url: string): Editor => {
	const at = (id: string) => page.getByTestId(id);
	const open = async (path: string) => {
		await page.goto(url + path);
	};
	// An option may have a description below its name.
	const pickOption = (name: string) =>
		page.getByRole('option').filter({ has: page.getByText(name, { exact: true }) }).click();
	const fill = async (input: Locator, value: string) => {
		await input.fill(value);
		await input.blur();
		await typed(page);
	};
	const kind = (name: string) => at('node-creator').getByText(new RegExp(`^${name} \\(\\d+\\)$`));
	const node = (name: string) => page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	return {
		at,
		open,
		signIn: async () => {
			await open('/signin');
			await page.locator('input[type=email]').fill(owner.email);
			await page.locator('input[type=password]').fill(owner.password);
			await at('form-submit-button').click();
			await page.waitForURL(({ pathname }) => pathname.startsWith('/home'));
		},
		searchNode: async (text) => {
			await open('/workflow/new');
			await at('canvas-plus-button').click();
			await at('node-creator-search-bar').fill(text);
		},
		kind,
		showKind: async (name) => {
			await kind(name).click();
			await at('node-creator-item-name').first().waitFor();
		},
		node,
		openNode: async (name) => {
			await node(name).dblclick();
			await at('node-execute-button').waitFor();
		},
		closeNode: async () => {
			await page.keyboard.press('Escape');
			await at('node-execute-button').waitFor({ state: 'hidden' });
		},
		chooseCredential: async (name) => {
			await at('node-credentials-select').click();
			await pickOption(name);
		},
		choose: async (field, entry) => {
			await at(`parameter-input-${field}`).click();
			await pickOption(entry);
		},
		locator: (field, within) => {
			const here = (within ?? page).getByTestId(`resource-locator-${field}`);
			return {
				mode: async (name) => {
					await here.getByTestId('rlc-mode-selector').click();
					await pickOption(name);
				},
				modeIsWhole: () =>
					here
						.getByTestId('rlc-mode-selector')
						.locator('input')
						.evaluate((input) => input.scrollWidth <= input.clientWidth),
				type: (value) => fill(here.getByTestId('rlc-input'), value),
				openList: () => here.getByTestId('rlc-input').click(),
				search: (text) => at('rlc-search').fill(text),
				entries: () => at('rlc-item').allInnerTexts(),
				pick: async (entry) => {
					const input = here.getByTestId('rlc-input');
					const pickIt = async () => {
						await at('rlc-item').filter({ hasText: entry }).click();
						await typed(page);
						return (await input.inputValue()) !== '';
					};
					// On a busy machine n8n 1 loses a pick now and then, perhaps since it empties fields whose lists depend on one that has changed.
					for (let tries = 1; !(await pickIt()); tries++) {
						if (tries === 3) throw new Error(`'${entry}' was picked three times, and the field is empty`);
						await input.click();
					}
				},
			};
		},
		addRow: async (field, kind) => {
			const rows = at(`fixed-collection-${field}`);
			await rows.getByPlaceholder('Add value').click();
			await pickOption(kind);
			await typed(page);
			return rows;
		},
		fill,
		execute: async () => {
			const answered = page.waitForResponse((answer) => answer.request().method() === 'POST' && RUN.test(new URL(answer.url()).pathname));
			const [answer] = await Promise.all([answered, at('node-execute-button').click()]);
			if (answer.status() >= 400) throw new Error(`n8n did not start the node: ${await answer.text()}`);
		},
		output: async () => {
			await at('output-panel').getByTestId('radio-button-json').click();
			return (await at('output-panel').getByTestId('ndv-data-container').innerText()).replaceAll(/\s/g, '');
		},
	};
};
