import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';

import type { FaultRule } from './faults.mts';
import type { Json, JsonObject } from './json.mts';
import type { LoggedRequest } from './requestLog.mts';
import type { Drift, Settings } from './settings.mts';

/** How to spawn a sandbox for a test. */
export interface SpawnOptions {
	https?: boolean;
	seed?: number;
	drift?: Drift;
	clock?: 'auto' | 'manual';
	/** Platform time per real time in clock mode `auto`; default 100. */
	speed?: number;
	folder?: string;
	/** The sandbox's own folder; default: `sandbox` in the working directory. */
	sandboxFolder?: string;
}

/** Origins without path: the API is at `<api>/api/v1/`. */
export interface SandboxOrigins {
	api: string;
	upload: string;
	download: string;
	dicom: string;
	control: string;
}

/** The users of the seed. */
export type UserName = 'main' | 'reader' | 'other' | 'deactivated' | 'reader2' | 'organizer' | 'evaluator';

/** A named object of `GET /state`. */
export type Named = { pk: string; slug: string; title: string; api_url: string };

/** What `GET /state` tells. */
export interface SandboxState {
	counts: Record<
		| 'archives'
		| 'items'
		| 'images'
		| 'values'
		| 'uploads'
		| 'sessions'
		| 'algorithms'
		| 'jobs'
		| 'displaySets'
		| 'answers'
		| 'evaluations'
		| 'endpoints'
		| 'invocations'
		| 'feedback',
		number
	>;
	users: Record<string, { id: number; username: string; token: string }>;
	archives: Record<string, Named>;
	algorithms: Record<string, Named>;
	algorithmImages: Record<string, { pk: string }>;
	/** `values`: socket slug → value pk. */
	items: Record<string, { pk: string; title: string; archive: string; values: Record<string, number> }>;
	/** `files`: pks of the image files. */
	images: Record<string, { pk: string; name: string; api_url: string; files: string[] }>;
	algorithmModels: Record<string, { pk: string }>;
	readerStudies: Record<string, Named>;
	/** `options`: title → id. */
	questions: Record<
		string,
		{
			pk: string;
			text: string;
			options: Record<string, number>;
			api_url: string;
		}
	>;
	displaySets: Record<
		string,
		{
			pk: string;
			title: string;
			reader_study: string;
			values: Record<string, number>;
			api_url: string;
		}
	>;
	answers: Record<string, { pk: string; answer: Json; api_url: string }>;
	/** `pk` is the slug. */
	challenges: Record<string, { pk: string; api_url: string }>;
	/** `challenge`: slug. */
	phases: Record<string, { pk: string; slug: string; challenge: string }>;
	/** `phase`: pk. */
	evaluations: Record<string, { pk: string; status: string; rank: number; phase: string }>;
	/** Jobs that the platform ran for evaluations. */
	systemJobs: Record<string, { pk: string }>;
	workstations: Record<string, { pk: string }>;
	workstationConfigs: Record<string, { pk: string }>;
	viewerSessions: Record<string, { pk: string; api_url: string }>;
	notifications: Record<string, { pk: string }>;
	subscriptions: Record<string, { pk: string }>;
	sockets: Record<string, { pk: number; kind: string; super_kind: string }>;
	uploads: Array<{ pk: string; filename: string; status: string }>;
	sessions: Array<{ pk: string; status: string; error_message: string; images: string[] }>;
	/** Jobs that users started. */
	jobs: Array<{ pk: string; status: string; algorithm: string }>;
	clock: ClockState;
}

/** What the clock shows. */
export interface ClockState {
	mode: 'auto' | 'manual';
	speed: number;
	/** Background tasks that wait for their time. */
	pending: number;
	wall: string;
}

/** A sandbox in a process of its own, and its control port. */
export interface SpawnedSandbox {
	origins: SandboxOrigins;
	tokens: Record<UserName, string>;
	/** Certificate (PEM) to trust, with https. */
	ca: string | undefined;
	addFaults(...rules: FaultRule[]): Promise<void>;
	clearFaults(): Promise<void>;
	/** Every request that the four platform origins saw, in order. */
	requests(): Promise<LoggedRequest[]>;
	clearRequests(): Promise<void>;
	/** Moves the worker's clock on by so many ms of platform time, and runs what falls due. */
	advance(ms: number): Promise<ClockState>;
	/** Runs all background work there is. */
	settle(): Promise<ClockState>;
	setClock(change: { mode?: 'auto' | 'manual'; speed?: number }): Promise<ClockState>;
	state(): Promise<SandboxState>;
	/** What is stored, without pks and times: the same wherever the same was done. */
	dump(): Promise<Record<string, Json>>;
	settings(): Promise<Settings>;
	changeSettings(change: Partial<Settings>): Promise<Settings>;
	/** Submits to a phase, by name or pk; without metrics and error nothing evaluates it. */
	submit(submission: {
		phase: string;
		creator?: UserName;
		metrics?: Json;
		error?: string;
	}): Promise<{ pk: string; submission: string }>;
	/** Uploads a container image of an algorithm, by name or pk: its import ends with that status, Completed unless given. */
	addContainer(container: { algorithm: string; ends?: string }): Promise<{ pk: string }>;
	/** Changes a challenge, by its slug: a title counts as a modification, a status does not. */
	changeChallenge(change: { challenge: string; title?: string; status?: 'OPEN' | 'CLOSED' }): Promise<void>;
	/** Adds empty items to an archive, by name or pk. */
	addItems(items: { archive: string; count: number }): Promise<void>;
	/** Back to the seed: data, settings, clock, faults and request log. */
	reset(): Promise<SandboxState>;
	/** Stored bytes by pk of an image file, image, socket value or SOP instance UID. */
	file(pk: string | number): Promise<{ bytes: Buffer; sha256: string; name: string }>;
	stop(): Promise<void>;
}

/** Starts a sandbox process and waits until it is ready. It ends with `stop()`, or when this process ends. */
export const spawnSandbox = async (options: SpawnOptions = {}): Promise<SpawnedSandbox> => {
	const folder = options.sandboxFolder ?? resolve('sandbox');
	const flags = [
		...(options.https === true ? ['--https'] : []),
		...flag('--seed', options.seed),
		...flag('--drift', options.drift),
		...flag('--clock', options.clock),
		...flag('--speed', options.speed),
		...flag('--folder', options.folder),
	];
	const child = spawn(
		process.execPath,
		['--import', 'tsx', resolve(folder, 'main.mts'), '--json', '--until-stdin-closes', ...flags],
		{
			cwd: resolve(folder, '..'),
			stdio: ['pipe', 'pipe', 'inherit'],
			// A test's own loader flags are not for the sandbox.
			env: { ...process.env, NODE_OPTIONS: '' },
		},
	);
	const ready: JsonObject = JSON.parse(await firstLine(child));
	const text = (key: string, from: JsonObject = ready) => String(from[key] ?? '');
	const control = text('control');
	const tokens = ready['tokens'];
	const token = (key: string) =>
		typeof tokens === 'object' && tokens !== null && !Array.isArray(tokens) ? text(key, tokens) : '';
	const call = async <Result,>(method: string, path: string, body?: unknown): Promise<Result> => {
		const response = await fetch(control + path, {
			method,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
		const answer: Result = JSON.parse(await response.text());
		return answer;
	};
	return {
		origins: { api: text('api'), upload: text('upload'), download: text('download'), dicom: text('dicom'), control },
		tokens: {
			main: token('main'),
			reader: token('reader'),
			other: token('other'),
			deactivated: token('deactivated'),
			reader2: token('reader2'),
			organizer: token('organizer'),
			evaluator: token('evaluator'),
		},
		ca: ready['ca'] === undefined ? undefined : text('ca'),
		addFaults: async (...rules) => {
			await call<Json>('POST', '/faults', rules);
		},
		clearFaults: async () => {
			await call<Json>('DELETE', '/faults');
		},
		requests: () => call('GET', '/requests'),
		clearRequests: async () => {
			await call<Json>('DELETE', '/requests');
		},
		advance: (ms) => call('POST', '/clock', { advance: ms }),
		settle: () => call('POST', '/clock', { settle: true }),
		setClock: (change) => call('POST', '/clock', change),
		state: () => call('GET', '/state'),
		dump: () => call('GET', '/dump'),
		settings: () => call('GET', '/settings'),
		changeSettings: (change) => call('PATCH', '/settings', change),
		submit: (submission) => call('POST', '/submissions', submission),
		addContainer: (container) => call('POST', '/containers', container),
		changeChallenge: async (change) => {
			await call<Json>('POST', '/challenges', change);
		},
		addItems: async (items) => {
			await call<Json>('POST', '/items', items);
		},
		reset: () => call('POST', '/reset'),
		file: async (pk) => {
			const response = await fetch(`${control}/files/${pk}`);
			if (!response.ok) throw new Error(`No stored file ${pk}`);
			const bytes = Buffer.from(await response.arrayBuffer());
			return {
				bytes,
				sha256: createHash('sha256').update(bytes).digest('hex'),
				name: decodeURIComponent(response.headers.get('x-name') ?? ''),
			};
		},
		stop: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const ended = new Promise<void>((done) => {
				child.once('exit', () => done());
			});
			child.stdin?.end();
			await ended;
		},
	};
};

const flag = (name: string, value: string | number | undefined): string[] =>
	value === undefined ? [] : [name, String(value)];

const firstLine = (child: ChildProcess): Promise<string> =>
	new Promise((done, fail) => {
		let text = '';
		child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
			text += chunk;
			const end = text.indexOf('\n');
			if (end >= 0) done(text.slice(0, end));
		});
		child.once('error', fail);
		child.once('exit', (code) => fail(new Error(`The sandbox ended with ${String(code)} before it was ready`)));
	});
