// The official client, used as its documentation shows it.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

import { findPython } from '../../test/gcapi/client.mts';
import { converse } from '../../test/support/conversation.mts';
import type { Arena, Contender } from './contender.mts';

/** @returns nothing where there is no Python that could run it */
export const gcapi = ({ sandbox, folder, certificate }: Arena): Contender | undefined => {
	const python = findPython();
	if (python === undefined) return undefined;
	const { stdout } = spawnSync(python, ['-c', 'import platform; from importlib.metadata import version; print("gcapi", version("gcapi"), "on Python", platform.python_version())'], { encoding: 'utf8' });
	return {
		name: 'gcapi',
		version: stdout.trim(),
		takes: () => true,
		open: async (task) => {
			const process = converse(python, ['-u', join(import.meta.dirname, 'client.py')], { env: { ...globalThis.process.env, SSL_CERT_FILE: certificate } });
			await process.ask({ api: `${sandbox.origins.api}/api/v1/`, token: sandbox.tokens.main, folder: join(folder, 'gcapi') });
			return {
				pid: process.pid,
				go: async () => Number((await process.ask({ ...task })).seconds),
				received: async () => {
					const { hashes } = await process.ask('received');
					return Array.isArray(hashes) ? hashes.map(String) : [];
				},
				close: () => process.end(),
			};
		},
	};
};
