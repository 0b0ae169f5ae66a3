import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { apiOrigin, largestBody } from './api.mts';
import { createClock, type ClockMode } from './clock.mts';
import { controlRoutes } from './control.mts';
import { dicomOrigin } from './dicom.mts';
import { downloadOrigin } from './download.mts';
import { createFaults, type FaultRule } from './faults.mts';
import { close, createApp, listen, type Tls } from './listen.mts';
import type { OriginName, Origins, Platform } from './platform.mts';
import { createRandom } from './random.mts';
import { createRequestLog } from './requestLog.mts';
import { seed } from './seed.mts';
import { defaultSettings, type Drift } from './settings.mts';
import { createStore } from './store.mts';
import { uploadOrigin } from './upload.mts';

/** How to start a sandbox. Everything has a default. */
export interface SandboxOptions {
	/** Self-signed certificates for the four platform origins. Default: plain http. */
	https?: boolean;
	/** The same seed gives the same pks, tokens and bytes. Default 1. */
	seed?: number;
	/** Where files live. Default: a temporary folder, removed at the end. */
	folder?: string;
	/** Ports by origin. Default: free ones. */
	ports?: Partial<Record<OriginName | 'control', number>>;
	clock?: ClockMode;
	/** Platform ms per real ms of the worker in clock mode `auto`. Default 100: an import takes 150 ms, a job 400 ms. */
	speed?: number;
	drift?: Drift;
	faults?: FaultRule[];
}

/** A running sandbox. */
export interface Sandbox {
	/** Origins without path; the API is at `<api>/api/v1/`. */
	origins: Origins;
	/** API tokens by user. */
	tokens: Record<string, string>;
	/** Certificate (PEM) that clients must trust, with https. */
	ca?: string;
	platform: Platform;
	stop(): Promise<void>;
}

/** Starts the sandbox in this process. Throws if a port is taken. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
	const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'grand-challenge-sandbox-')));
	await mkdir(folder, { recursive: true });
	const tls = options.https === true ? await certificate() : undefined;
	const log = createRequestLog();
	const faults = createFaults(options.faults);
	const drift = options.drift ?? 'B';
	const number = options.seed ?? 1;
	const platform: Platform = {
		store: createStore(),
		settings: defaultSettings(drift),
		random: createRandom(number),
		shuffler: createRandom(number + 1),
		clock: createClock({ mode: options.clock ?? 'auto', speed: options.speed ?? 100 }),
		downloads: new Map(),
		folder,
		origins: { api: '', upload: '', download: '', dicom: '', control: '' },
		secret: createHash('sha256').update(`sandbox ${number}`).digest('hex'),
	};
	const reset = async () => {
		await platform.clock.reset();
		await Promise.all(['stored', 'parts'].map((part) => rm(join(folder, part), { recursive: true, force: true })));
		platform.store = createStore();
		platform.settings = defaultSettings(drift);
		platform.random = createRandom(number);
		platform.shuffler = createRandom(number + 1);
		platform.downloads.clear();
		faults.clear();
		log.clear();
		await seed(platform);
	};
	await seed(platform);

	const gated = (origin: OriginName, bodyLimit?: number) =>
		createApp({
			gate: { origin, log, faults, platform },
			...(tls === undefined ? {} : { tls }),
			...(bodyLimit === undefined ? {} : { bodyLimit }),
		});
	const apps: Record<OriginName | 'control', FastifyInstance> = {
		api: gated('api', largestBody),
		upload: gated('upload'),
		download: gated('download'),
		dicom: gated('dicom'),
		control: createApp({}),
	};
	apiOrigin(apps.api, platform, log);
	uploadOrigin(apps.upload, platform, log);
	downloadOrigin(apps.download, platform);
	dicomOrigin(apps.dicom, platform);
	controlRoutes(apps.control, { platform, log, faults, reset });

	const stop = async () => {
		await platform.clock.reset();
		await Promise.all(Object.values(apps).map(close));
		if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
	};
	try {
		for (const origin of ['api', 'upload', 'download', 'dicom', 'control'] as const) {
			const port = await listen(apps[origin], options.ports?.[origin] ?? 0);
			const scheme = tls === undefined || origin === 'control' ? 'http' : 'https';
			platform.origins[origin] = `${scheme}://127.0.0.1:${port}`;
		}
	} catch (error) {
		await stop();
		throw error;
	}
	const tokens = Object.fromEntries(platform.store.users.map((user) => [user.username, user.token]));
	return { origins: platform.origins, tokens, ...(tls === undefined ? {} : { ca: tls.cert }), platform, stop };
};

const certificate = async (): Promise<Tls> => {
	// Loaded only when it is needed: it takes as long as everything else together.
	const { generate } = await import('selfsigned');
	const made = await generate([{ name: 'commonName', value: 'Grand Challenge sandbox' }], {
		keyType: 'ec',
		algorithm: 'sha256',
		extensions: [
			// Its own authority, so that a client can trust exactly this certificate.
			{ name: 'basicConstraints', cA: true, critical: true },
			{ name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
			{ name: 'extKeyUsage', serverAuth: true },
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: 'localhost' },
					{ type: 7, ip: '127.0.0.1' },
				],
			},
		],
	});
	return { key: made.private, cert: made.cert };
};
