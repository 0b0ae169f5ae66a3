// Runs cases against a sandbox that each of them finds the same, and tells what a run has given, asked for and left behind.
import { createHash } from 'node:crypto';
import type { INodeExecutionData } from 'n8n-workflow';
import type { FaultRule } from '../../../sandbox/faults.mts';
import type { LoggedRequest } from '../../../sandbox/requestLog.mts';
import type { SandboxState } from '../../../sandbox/client.mts';
import { id, makeBinary, readBinary, values, type More, type NodeResult, type World } from '../../core/fixtures/world.mts';
import type { StartedNode } from '../../core/support/harness.mts';
import { testVolume } from '../../n8n/volume.mts';
import type { Case } from '../operations.mts';

/** Lists come in the same order, so that what comes can be compared, and nothing runs into a limit. */
const STEADY = { shuffleLists: false, maxActiveJobs: 1e6, credits: 1e9, complimentaryJobs: 1e6, maxUploads: 1e6, claimsPerAccount: 1e6, externalEvaluationSeconds: 1e9, rankMs: 1e12 };

// In ms of the sandbox's clock, which runs a million times as fast here. The node's waits follow the average duration of jobs.
const FAST = { jobDurationFactor: 0.001, importMs: 15_000, fileCopyMs: 5000 };
const SLOW = { jobDurationFactor: 4000, importMs: 160_000_000, fileCopyMs: 160_000_000 };

/** What a run has given and left behind. */
export interface Run {
	result: NodeResult;
	requests: LoggedRequest[];
	/** `items` are those of archives and the display sets. */
	made: { answers: number; items: number; jobs: number; openUploads: number };
	/** Secrets in what people can read of it. */
	leaks: string[];
}

export interface RunOptions extends Omit<More, 'items' | 'credentials'> {
	/** How many input items. */
	count?: number;
	/** Instead of that of the case's account. */
	token?: string;
	fault?: FaultRule;
}

export interface Runs {
	/** Sets the platform up for a case. */
	prepare(of: Case): Promise<void>;
	/** Whether what the platform does in the background takes so long that it has to be looked at several times, or no time. */
	pace(pace: 'slow' | 'fast'): Promise<void>;
	/** Starts the node, with the request log empty. */
	start(of: Case, options?: RunOptions): Promise<StartedNode & { before: SandboxState }>;
	run(of: Case, options?: RunOptions): Promise<Run>;
}

const casesOf = ({ counts }: SandboxState): number => counts.items + counts.displaySets;

export const openUploads = ({ uploads }: SandboxState): number => uploads.filter(({ status }) => status === 'Initialized').length;

export const createRuns = (world: World): Runs => {
	let runs = 0;
	/** The sandbox's state, which only runs change. */
	let latest: SandboxState;

	const pace: Runs['pace'] = async (wanted) => void (await world.sandbox.changeSettings(wanted === 'slow' ? SLOW : FAST));

	/** The seed, and besides a job that has finished, an upload that was aborted, and an upload session. */
	const prepare = async ({ still, drift = 'B' }: Case) => {
		await world.sandbox.reset();
		await world.sandbox.changeSettings({ ...STEADY, ...FAST, drift });
		const { algorithms, images } = await world.sandbox.state();
		await world.api('/api/v1/algorithms/jobs/', 'POST', {
			algorithm: algorithms.threshold?.api_url,
			inputs: [{ interface: 'ct-image', image: images.lung1?.api_url }],
		});
		const upload = await world.api('/api/v1/uploads/', 'POST', { filename: 'never-used.mha' });
		await world.api(`/api/v1/uploads/${String(upload.pk)}/${String(upload.s3_upload_id)}/abort-multipart-upload/`, 'PATCH', {});
		const binary = { data: await makeBinary(testVolume(4).bytes, 'scan.mha') };
		const item = { archive: id('incoming-cases'), values: values({ binary: [['ct-image', 'data']] }), options: { waitForImport: false } };
		await world.run('archiveItem.create', item, { items: [{ json: {}, binary }] });
		await world.sandbox.settle();
		if (still) await world.sandbox.setClock({ mode: 'manual' });
		latest = await world.sandbox.state();
	};

	const start = async (of: Case, { count = 1, fault, token = world.sandbox.tokens[of.user ?? 'main'], ...more }: RunOptions = {}) => {
		await world.sandbox.clearFaults();
		// What a run before has not waited for would seem to be made by this one.
		if (of.looks) await world.sandbox.settle();
		const item = (await of.item?.(latest)) ?? { json: {} };
		const run = ++runs;
		const items: INodeExecutionData[] = [];
		for (let i = 0; i < count; i++) items.push({ ...item, json: { ...item.json, ...(await of.given?.(world)), unique: `run-${run}-${i}` } });
		if (of.given || of.looks) latest = await world.sandbox.state();
		const before = latest;
		if (fault) await world.sandbox.addFaults(fault);
		await world.sandbox.clearRequests();
		world.n8n.clearTranscript();
		// One request comes after the other, so that it is known which one meets the fault, and which item.
		const given = of.parameters(before);
		const options = typeof given.options === 'object' ? given.options : {};
		// A job that is only started need not end.
		const mostJobs = of.operation === 'algorithmJob.start' ? 1000 : 1;
		const parameters = { ...given, options: { connections: 1, mostJobs, ...options } };
		return { before, ...world.start(of.operation, parameters, { ...more, items, credentials: world.credentials({ token }) }) };
	};

	const run = async (of: Case, options: RunOptions = {}): Promise<Run> => {
		const { before, finished } = await start(of, options);
		const result = await finished;
		const requests = await world.sandbox.requests();
		const after = await world.sandbox.state();
		latest = after;
		return {
			result,
			requests,
			leaks: world.leaks(),
			made: {
				answers: after.counts.answers - before.counts.answers,
				items: casesOf(after) - casesOf(before),
				jobs: after.counts.jobs - before.counts.jobs,
				openUploads: openUploads(after) - openUploads(before),
			},
		};
	};

	return { prepare, pace, start, run };
};

export const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;

/** An item with the bytes of its files, without what is new in each run. */
const contentOf = async ({ json, binary }: INodeExecutionData): Promise<string> => {
	const files: Record<string, string> = {};
	for (const field of Object.keys(binary ?? {}).sort()) {
		files[field] = createHash('md5').update(await readBinary({ json, binary }, field)).digest('hex');
	}
	return JSON.stringify({ json, files }, null, 1)
		.replaceAll(new RegExp(UUID, 'g'), '<pk>')
		.replace(/run-\d+/g, 'run-<n>')
		.replace(/(\/media\/[^"]*?\/)[0-9a-f]{2}\/[0-9a-f]{2}\/(\d+|<pk>)\//g, '$1')
		.replace(/"(created|modified)": "[^"]*"/g, '"$1": "<time>"')
		.replace(/"(exec|remaining)_seconds": \d+(\.\d+)?/g, '"$1_seconds": 0')
		.replace(/"(valuePk|pk)": \d+/g, '"$1": 0');
};

export const contentsOf = (items: INodeExecutionData[]): Promise<string[]> => Promise.all(items.map(contentOf));

/** What differs first between what was wanted and what came, in a line; nothing where they are the same. */
export const differenceOf = (wanted: string[], given: string[]): string | undefined => {
	const [wantedLines, givenLines] = [wanted, given].map((contents) => contents.join('\n').split('\n'));
	const other = wantedLines?.findIndex((line, i) => line !== givenLines?.[i]) ?? -1;
	if (other >= 0) return `gave ${givenLines?.[other] ?? 'less'}, not ${wantedLines?.[other]}`;
	return givenLines?.length === wantedLines?.length ? undefined : 'gave more';
};
