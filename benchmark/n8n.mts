import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { spawnSandbox, type SpawnedSandbox, type SpawnOptions } from '../sandbox/client.mts';
import type * as harness from '../test/core/support/harness.mts';

/** n8n-core with the built package, and a sandbox for it to work with. */
export interface Bench {
	n8n: harness.Harness;
	sandbox: SpawnedSandbox;
	credentials: { token: string; baseUrl: string; allowHttp: true; ignoreSslIssues: boolean };
	makeBinary: typeof harness.makeBinary;
	streamBinary: typeof harness.streamBinary;
}

/** What n8n-core reads when it is loaded. @param folder where it keeps its files */
export const n8nEnvironment = (folder: string) => ({
	N8N_USER_FOLDER: folder,
	N8N_ENCRYPTION_KEY: 'a key for the benchmark only',
	N8N_LOG_LEVEL: 'silent',
	N8N_DIAGNOSTICS_ENABLED: 'false',
});

/** Starts both, and ends them after the work. */
export const withN8n = async <T,>(options: SpawnOptions, work: (bench: Bench) => Promise<T>): Promise<T> => {
	const folder = mkdtempSync(join(tmpdir(), 'bench-'));
	Object.assign(process.env, n8nEnvironment(folder));
	// Only now: n8n reads its environment on loading.
	const { makeBinary, streamBinary, startHarness } = await import('../test/core/support/harness.mts');
	const sandbox = await spawnSandbox(options);
	const n8n = await startHarness();
	try {
		const credentials = { token: sandbox.tokens.main, baseUrl: sandbox.origins.api, allowHttp: true as const, ignoreSslIssues: options.https ?? false };
		return await work({ n8n, sandbox, credentials, makeBinary, streamBinary });
	} finally {
		n8n.stop();
		await sandbox.stop();
		rmSync(folder, { recursive: true, force: true });
	}
};
