import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

import { MIB } from '../files.mts';
import type { Move } from './moves.mts';
import type { Usage } from './watch.mts';

/** One run of one contender. */
export interface Measured {
	move: string;
	contender: string;
	version: string;
	seconds: number;
	usage: Usage | undefined;
	requests: number;
	/** Where parts were made to fail. */
	failing?: { parts: number; failed: number; bytes: number; refused: number };
}

export interface Report {
	date: string;
	machine: string;
	/** Of the last 15 minutes, per core: 1 is a busy machine. */
	load: number;
	versions: Record<string, string>;
	settings: Record<string, number>;
	moves: Array<{ name: string; title: string; results: Result[] }>;
	/** `sent` and `refused` in times the bytes of the files. */
	failing: Array<{ title: string; contender: string; parts: number; failed: number; sent: number; refused: number }>;
	missed: string[];
}

interface Result {
	contender: string;
	/** Each round. */
	seconds: number[];
	median: number;
	/** How many times that of ours, rounded as it is shown. */
	ratio: number;
	memory: number | null;
	/** Seconds. */
	processor: number | null;
	requests: number;
}

/** MiB over idle. */
const MEMORY_LIMIT = 256;
/** Times the bytes of the file; more where the parts that failed are more of a small one. */
const SENT_LIMIT = 1.1;

const median = (values: number[]): number => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
};

const round = (value: number) => Number(value.toFixed(2));

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

const unique = (values: string[]) => [...new Set(values)];

export const reportOf = (measured: Measured[], moves: Move[], settings: Record<string, number>): Report => {
	const shown = moves.map(({ name, title }) => {
		const runs = measured.filter((one) => one.move === name && one.failing === undefined);
		const medianOf = (contender: string, pick: (one: Measured) => number) => median(runs.filter((one) => one.contender === contender).map(pick));
		const results = unique(runs.map(({ contender }) => contender)).map((contender): Result => {
			const used = (key: keyof Usage) => medianOf(contender, ({ usage }) => usage?.[key] ?? NaN);
			return {
				contender,
				seconds: runs.filter((one) => one.contender === contender).map(({ seconds }) => round(seconds)),
				median: round(medianOf(contender, ({ seconds }) => seconds)),
				ratio: round(medianOf(contender, ({ seconds }) => seconds) / medianOf('ours', ({ seconds }) => seconds)),
				memory: orNull(Math.round(used('memory'))),
				processor: orNull(round(used('processor'))),
				requests: medianOf(contender, ({ requests }) => requests),
			};
		});
		return { name, title, results };
	});
	const failing = measured.flatMap(({ move, contender, failing: parts }) => {
		const of = moves.find(({ name }) => name === move);
		if (parts === undefined || of === undefined) return [];
		const size = of.files.count * of.files.mib * MIB;
		return [{ title: of.title, contender, parts: parts.parts, failed: parts.failed, sent: round(parts.bytes / size), refused: round(parts.refused / size) }];
	});
	return {
		date: new Date().toISOString().slice(0, 10),
		machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${platform()} ${release()} ${arch()}`,
		load: round((loadavg()[2] ?? 0) / availableParallelism()),
		versions: Object.fromEntries(measured.map(({ contender, version }) => [contender, version])),
		settings,
		moves: shown,
		failing,
		missed: [...missedGoals(moves, shown), ...missedLimits(shown, failing)],
	};
};

const missedGoals = (moves: Move[], shown: Report['moves']): string[] =>
	shown.flatMap(({ name, title, results }) => {
		const goals = moves.find((move) => move.name === name)?.goals ?? {};
		return results.flatMap(({ contender, ratio }) => {
			const goal = goals[contender];
			return goal !== undefined && ratio < goal ? [`${title}: ${ratio} × ${contender}, ${goal} × wanted`] : [];
		});
	});

const missedLimits = (shown: Report['moves'], failing: Report['failing']): string[] => [
	...shown.flatMap(({ title, results }) =>
		results.flatMap(({ contender, memory }) => (contender === 'ours' && memory !== null && memory > MEMORY_LIMIT ? [`${title}: ${memory} MiB over idle, ${MEMORY_LIMIT} allowed`] : [])),
	),
	...failing.flatMap(({ title, contender, sent, refused }) => {
		const limit = Math.max(SENT_LIMIT, round(1 + refused));
		return contender === 'ours' && sent > limit ? [`${title}, with failing parts: ${sent} × the bytes, ${limit} × allowed`] : [];
	}),
];

/** The report in Markdown. */
export const show = ({ date, machine, load, versions, settings, moves, failing, missed }: Report): string => {
	const contenders = unique(moves.flatMap(({ results }) => results.map(({ contender }) => contender)));
	const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
	const table = (what: string, cell: (result: Result) => string) => [
		row([what, ...contenders]),
		row(['---', ...contenders.map(() => '---:')]),
		...moves.map(({ title, results }) => row([title, ...contenders.map((name) => results.filter(({ contender }) => contender === name).map(cell).join() || '–')])),
		'',
	];
	const time = ({ contender, median: seconds, ratio }: Result) => `${seconds.toFixed(1)} s${contender === 'ours' ? '' : ` (${ratio.toFixed(2)} ×)`}`;
	return [
		...table('median time (and how many times that of ours)', time),
		...table('peak memory over idle, MiB', ({ memory }) => String(memory ?? '–')),
		...table('processor time, s', ({ processor }) => processor?.toFixed(1) ?? '–'),
		...table('requests', ({ requests }) => String(requests)),
		...failing.map(({ title, contender, parts, failed, sent }) => `${title}, ${failed} of ${parts} parts failing: ${contender} sends ${sent} × the bytes`),
		'',
		`${settings.rounds} rounds, ${settings.connections} connections of ours, ${settings.latencyMs} ms for each request, ${(settings.bytesPerSecond ?? 0) / 1e6} MB/s for each connection`,
		`${machine}; load per core ${load}; ${date}`,
		...Object.entries(versions).map(([contender, version]) => `${contender}: ${version}`),
		'',
		missed.length === 0 ? 'All goals are met.' : `Missed: ${missed.join('; ')}`,
	].join('\n');
};
