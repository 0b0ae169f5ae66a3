// Finds the Chromium or Chrome that the tests and the screenshots drive, and brings Debian's where there is none.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { runOrThrow } from '../test/n8n/process.mts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where installers put it outside of PATH. */
const installed: Partial<Record<NodeJS.Platform, string[]>> = {
	darwin: [
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
	],
	win32: [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA]
		.filter((folder) => folder !== undefined)
		.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
};

const isProgram = (path: string): boolean => {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

const inPath = (names: string[]): string[] =>
	(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));

const find = (): string | undefined => [...inPath(names), ...(installed[process.platform] ?? [])].find(isProgram);

const canInstall = () => process.getuid?.() === 0 && inPath(['apt-get']).some(isProgram);

const install = async () => {
	console.log('Installing Chromium with apt ...');
	const apt = (...args: string[]) =>
		runOrThrow('apt-get', args, { cwd: '/', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
	await apt('update');
	await apt('install', '-y', '--no-install-recommends', 'chromium');
};

/**
 * @returns path of the browser: CHROME_PATH where that is set, else what is found, else Debian's, which this installs
 * @throws Error that says what to install where that cannot be done
 */
export const ensureBrowser = async (): Promise<string> => {
	const { CHROME_PATH: chosen } = process.env;
	if (chosen) {
		if (!isProgram(chosen)) throw new Error(`CHROME_PATH is ${chosen}, which is no program`);
		return chosen;
	}
	const found = find();
	if (found) return found;
	if (canInstall()) await install();
	const brought = find();
	if (brought) return brought;
	throw new Error(
		'The browser tests need Chromium or Chrome: install it (on Debian: apt-get install chromium), or name its program in CHROME_PATH',
	);
};
