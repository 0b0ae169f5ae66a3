import { Readable } from 'node:stream';

import type { NodeResult } from '../test/core/support/harness.mts';
import type { SpawnedSandbox } from '../sandbox/client.mts';
import { sha256, volume } from './files.mts';
import { withN8n } from './n8n.mts';
import { peakOver } from './peak.mts';

/** What a file of any size may cost over the idle process, in MiB. */
const LIMIT = 256;

/**
 * Sends a large file up and brings it down through the built node in the real n8n-core, against the sandbox, and prints
 * what that costs in memory.
 * @param args the size in MiB, 1024 by default
 * @returns whether both stayed within the limit, and the bytes came back as they were
 */
export const memory = async ([size = '1024']: string[]): Promise<boolean> => {
	const mib = Number(size);
	// Encryption takes memory too.
	return withN8n({ https: true }, async ({ n8n, sandbox, credentials, makeBinary, streamBinary }) => {
		const state = await sandbox.state();
		const scan = await makeBinary(Readable.from(volume(mib), { objectMode: false }), 'large.mha', 'application/octet-stream');
		const archive = { __rl: true, mode: 'slug', value: state.archives.empty?.slug ?? '' };
		const socket = { __rl: true, mode: 'slug', value: 'ct-image' };

		const up = await peakOver(() =>
			n8n.runNode({
				credentials,
				items: [{ json: {}, binary: { data: scan } }],
				parameters: {
					resource: 'archiveItem',
					operation: 'create',
					archive,
					title: 'large',
					values: { binary: [{ socket, field: 'data' }] },
				},
			}),
		);
		const sent = succeeded('Upload', up.value);
		print('up', mib, up);

		const down = await peakOver(() =>
			n8n.runNode({
				credentials,
				parameters: { resource: 'archiveItem', operation: 'download', archiveItem: { __rl: true, mode: 'id', value: String(sent.pk) } },
			}),
		);
		const got = succeeded('Download', down.value);
		print('down', mib, down);

		const same = await sameBytes(sandbox, mib, String(got.image), await streamBinary(down.value.items[0]));
		console.log(`bytes: ${same ? 'as sent' : 'NOT as sent'}`);
		return same && up.peak <= LIMIT && down.peak <= LIMIT;
	});
};

const succeeded = (what: string, result: NodeResult) => {
	const json = result.items[0]?.json;
	if (result.status !== 'success' || json === undefined) throw new Error(`${what}: ${result.error?.message ?? result.status}`);
	return json;
};

const print = (direction: string, mib: number, { idle, peak, seconds }: { idle: number; peak: number; seconds: number }) => {
	const rate = (mib / seconds).toFixed(0);
	console.log(
		`${direction}: ${mib} MiB in ${seconds.toFixed(1)} s (${rate} MiB/s), peak ${peak.toFixed(0)} MiB over ${idle.toFixed(0)} MiB idle (limit ${LIMIT})`,
	);
};

/** Whether the platform's copy and the downloaded file are both the volume, made once more. */
const sameBytes = async (sandbox: SpawnedSandbox, mib: number, image: string, downloaded: Readable): Promise<boolean> => {
	const made = await sha256(volume(mib));
	const response = await fetch(`${sandbox.origins.control}/files/${image}`);
	return (await sha256(response.body ?? [])) === made && (await sha256(downloaded)) === made;
};
