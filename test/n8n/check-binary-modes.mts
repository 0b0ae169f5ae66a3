import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, writeFile as write } from 'node:fs/promises';
import { join } from 'node:path';

import type { Checks } from './checks.mts';
import { assertFiles, emptyFolder } from './files.mts';
import { n8n, withEnv } from './instance.mts';
import { failureOf, itemsOf } from './session.mts';
import { byId, chain, grandChallenge, readFile, writeFile } from './workflows.mts';
import type { World } from './world.mts';

/** n8n's ways to keep binary data, with what the ids of such data start with; data in memory has no id. */
const modes = [
	{ mode: 'filesystem', id: /^filesystem/ },
	{ mode: 'default', id: /^none$/ },
	{ mode: 'database', id: /^database/ },
];

// n8n 1 stores nothing in a mode that is not among those available, n8n 2 has them all.
const envOf = (mode: string) => ({
	N8N_DEFAULT_BINARY_DATA_MODE: mode,
	N8N_AVAILABLE_BINARY_DATA_MODES: 'filesystem,database',
});

/** A file goes to the platform and comes back the same, in every mode. The command line takes another mode in seconds. */
export const checkBinaryModes = async (world: World, { check }: Checks): Promise<void> => {
	const { sandbox, instance, session } = world;
	const [sent, back] = [join(instance.files, 'sent.pdf'), join(instance.files, 'back.pdf')];
	const archive = (await sandbox.state()).archives.empty?.pk ?? '';
	const workflow = await session.createWorkflow(
		chain('There and back', [
			readFile('Read File', sent),
			grandChallenge('Add Case', 'archiveItem', 'create', {
				archive: byId(archive),
				title: '',
				values: { binary: [{ socket: byId('radiology-report'), field: 'data' }] },
			}),
			grandChallenge('Download Case', 'archiveItem', 'download', { archiveItem: byId('={{ $json.pk }}') }),
			writeFile('Write File', back),
		]),
	);
	// More than one of the pieces in which files are read and sent.
	const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000_001)]);
	await emptyFolder(instance.files);
	await write(sent, bytes);
	for (const { mode, id } of modes) {
		await check(`binary data, mode ${mode}: a file comes back from the platform as it was sent`, async () => {
			await rm(back, { force: true });
			await n8n(withEnv(instance, envOf(mode)), 'execute', `--id=${workflow}`);
			const [newest] = await session.executions(workflow);
			const execution = await session.execution(newest?.id ?? '');
			assert.equal(failureOf(execution), undefined);
			for (const node of ['Read File', 'Download Case'])
				assert.match(itemsOf(execution, node)[0]?.binary?.data?.id ?? 'none', id, `data of ${node}`);
			const stored = await sandbox.file(Number(itemsOf(execution, 'Download Case')[0]?.json.valuePk));
			assert(stored.bytes.equals(bytes), 'the platform has other bytes');
			await assertFiles(
				instance.files,
				['sent.pdf', 'back.pdf'].map((name) => ({ name, content: { bytes } })),
			);
		});
	}
};
