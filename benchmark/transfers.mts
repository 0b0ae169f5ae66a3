import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { spawnSandbox, type SpawnedSandbox } from '../sandbox/client.mts';
import type { FaultRule } from '../sandbox/faults.mts';
import type { LoggedRequest } from '../sandbox/requestLog.mts';
import type { Settings } from '../sandbox/settings.mts';
import { ensureN8n } from '../scripts/setup.mjs';
import { exitOnSignals, temporaryFolder } from '../test/n8n/process.mts';
import { MIB } from './files.mts';
import type { Arena, Contender, Task } from './transfers/contender.mts';
import { gcapi } from './transfers/gcapi.mts';
import { httpRequestNodes } from './transfers/httpRequest.mts';
import { FILE_MIB, fileMaker, movesOf, type MadeFiles, type Move } from './transfers/moves.mts';
import { nodes } from './transfers/ours.mts';
import { reportOf, show, type Measured } from './transfers/report.mts';
import { watch } from './transfers/watch.mts';

/** The line to the platform. */
type Line = Pick<Settings, 'latencyMs'> & { bytesPerSecond: number };

const ARCHIVE = 'incoming-cases';
const SOCKETS = { image: 'ct-image', report: 'radiology-report' };

const options = {
	mib: { type: 'string', default: '1024' },
	files: { type: 'string', default: '200' },
	rounds: { type: 'string', default: '3' },
	connections: { type: 'string', default: '8' },
	latency: { type: 'string', default: '40' },
	bandwidth: { type: 'string', default: '25' },
	only: { type: 'string' },
	json: { type: 'boolean', default: false },
} as const;

/**
 * Moves files up and down with ours, gcapi and n8n's HTTP Request nodes in turn, and prints what that takes.
 *
 * `--mib N` size of the large file, `--files N` number of small ones, `--rounds N`, `--connections N` of ours, `--latency N` ms
 * of each request, `--bandwidth N` MB/s of each connection, `--only a,c` some of the moves, `--json`. Needs ten times the large
 * file on the disk.
 * @returns whether everything arrived as it was sent and all goals are met
 */
export const transfers = async (args: string[]): Promise<boolean> => {
	const { values } = parseArgs({ args, options });
	const numberOf = (name: 'mib' | 'files' | 'rounds' | 'connections' | 'latency' | 'bandwidth') => {
		const number = Number(values[name]);
		if (!(number > 0)) throw new Error(`--${name} is a number above 0`);
		return number;
	};
	const [mib, count, rounds, connections] = [numberOf('mib'), numberOf('files'), numberOf('rounds'), numberOf('connections')];
	const line = { latencyMs: numberOf('latency'), bytesPerSecond: numberOf('bandwidth') * 1e6 };
	const moves = movesOf(mib, count, connections).filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
	exitOnSignals();
	const folder = temporaryFolder(tmpdir(), 'transfers-');
	await ensureN8n();
	// The importer works between the runs only, so that it takes nothing from them.
	const sandbox = await spawnSandbox({ https: true, drift: 'C', clock: 'manual', folder: join(folder, 'platform') });
	try {
		const arena = { sandbox, connections, folder, certificate: join(folder, 'ca.pem') };
		writeFileSync(arena.certificate, sandbox.ca ?? '');
		const measured = await measureAll(arena, moves, rounds, line);
		const report = reportOf(measured, moves, { mib, files: count, rounds, connections, ...line });
		console.log(values.json ? JSON.stringify(report, null, 2) : show(report));
		return report.missed.length === 0;
	} finally {
		await sandbox.stop();
	}
};

const measureAll = async (arena: Arena, moves: Move[], rounds: number, line: Line): Promise<Measured[]> => {
	const measured: Measured[] = [];
	const [mine, alone] = nodes(arena);
	const others = [alone, gcapi(arena)].filter((found) => found !== undefined);
	const workflows = moves.some(({ direction }) => direction === 'down') ? await httpRequestNodes(arena, 2 * line.latencyMs + (FILE_MIB * MIB * 1000) / line.bytesPerSecond) : undefined;
	const contenders = [mine, ...others, ...(workflows?.contenders ?? [])];
	const { folder, sandbox } = arena;
	mkdirSync(join(folder, 'files'));
	const filesOf = fileMaker(join(folder, 'files'));
	try {
		for (const move of moves) {
			const files = await filesOf(move.files);
			const task = await prepare(sandbox, move, files, mine);
			const run = async (contender: Contender, faults?: FaultRule[]) => measured.push(await measure(sandbox, line, move, files, task, contender, faults));
			const able = contenders.filter((contender) => contender.takes(task));
			for (let round = 1; round <= rounds; round++) {
				for (const contender of able) await run(contender);
			}
			if (move.fails) for (const contender of able) await run(contender, FAILING_PARTS);
		}
	} finally {
		await workflows?.stop();
	}
	return measured;
};

/** Brings what is to be fetched to the platform. */
const prepare = async (sandbox: SpawnedSandbox, { direction, files: { content, count }, together }: Move, { paths }: MadeFiles, mine: Contender): Promise<Task> => {
	const up: Task = { kind: 'up', archive: ARCHIVE, socket: SOCKETS[content], groups: together ? [paths] : paths.map((path) => [path]) };
	if (direction === 'up') return up;
	await sandbox.reset();
	const ready = await mine.open(up);
	await ready.go();
	await ready.close();
	await sandbox.settle();
	const { archives, sessions } = await sandbox.state();
	const archive = archives.empty;
	if (archive === undefined) throw new Error('The archive is gone');
	return count === 1 ? { kind: 'imageDown', image: sessions.at(-1)?.images[0] ?? '' } : { kind: 'archiveDown', archive, holds: content === 'image' ? 'images' : 'files' };
};

/** One part in twenty is refused after it was sent, from the second on. A rule does not see what one before it has taken. */
const FAILING_PARTS = Array.from({ length: 100 }, (_, i): FaultRule => ({ match: { origin: 'upload', method: 'PUT' }, skip: 1 + 19 * i, action: { status: 503 } }));

const measure = async (sandbox: SpawnedSandbox, line: Line, move: Move, files: MadeFiles, task: Task, contender: Contender, faults: FaultRule[] = []): Promise<Measured> => {
	if (move.direction === 'up') await sandbox.reset();
	const ready = await contender.open(task);
	try {
		// Over a list that comes in another order with each page gcapi misses some items and fetches others twice, which it refuses.
		await sandbox.changeSettings({ ...line, shuffleLists: false });
		await sandbox.addFaults(...faults);
		await sandbox.clearRequests();
		const used = watch(ready.pid);
		const seconds = await ready.go();
		const usage = used();
		const requests = await sandbox.requests();
		await sandbox.changeSettings({ latencyMs: 0, bytesPerSecond: null });
		await sandbox.clearFaults();
		const hashes = move.direction === 'up' ? await storedHashes(sandbox) : await ready.received();
		const lost = files.hashes.filter((hash) => !hashes.includes(hash));
		if (lost.length > 0 || (move.direction === 'down' && hashes.length !== files.hashes.length)) {
			throw new Error(`${move.title}, ${contender.name}: ${lost.length} of ${files.hashes.length} files have not arrived as they were sent`);
		}
		const parts = requests.filter(({ origin, method }) => origin === 'upload' && method === 'PUT');
		const refused = parts.filter(({ status }) => status !== 200);
		const result = {
			move: move.name,
			contender: contender.name,
			version: contender.version,
			seconds,
			usage,
			requests: requests.length,
			...(faults.length > 0 ? { failing: { parts: parts.length, failed: refused.length, bytes: bytesOf(parts), refused: bytesOf(refused) } } : {}),
		};
		console.error(`${move.title}, ${contender.name}${faults.length > 0 ? ', with failing parts' : ''}: ${seconds.toFixed(2)} s`);
		return result;
	} finally {
		await ready.close();
	}
};

const bytesOf = (requests: LoggedRequest[]): number => requests.reduce((sum, { bytesIn }) => sum + bytesIn, 0);

/** Of all files that the platform has, after it has imported what was sent. */
const storedHashes = async (sandbox: SpawnedSandbox): Promise<string[]> => {
	await sandbox.settle();
	return [...JSON.stringify(await sandbox.dump()).matchAll(/"sha256":"(\w+)"/g)].map(([, hash = '']) => hash);
};
