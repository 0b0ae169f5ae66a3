// What n8n-core reads when it is loaded: to be set before.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns the folder that n8n keeps its files in, to be removed at the end */
export const setEnvironment = (): string => {
	const folder = mkdtempSync(join(tmpdir(), 'n8n-core-'));
	Object.assign(process.env, {
		N8N_USER_FOLDER: folder,
		N8N_ENCRYPTION_KEY: 'a key for tests only',
		N8N_LOG_LEVEL: 'silent',
		N8N_DIAGNOSTICS_ENABLED: 'false',
	});
	return folder;
};
