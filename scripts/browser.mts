// Finds the Chromium or Chrome that the tests and the screenshots drive, and brings Debian's where there is none.
import { join } from 'node:path';

import { ensureProgram, inPath, isProgram } from './apt.mts';

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

const find = (): string | undefined => [...inPath(names), ...(installed[process.platform] ?? [])].find(isProgram);

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
	const found = await ensureProgram(find, 'chromium');
	if (found) return found;
	throw new Error(
		'The browser tests need Chromium or Chrome: install it (on Debian: apt-get install chromium), or name its program in CHROME_PATH',
	);
};
