/**
 * `A`: the server of 2025-11-14; `B`: December 2025; `C`: July 2026, as far as gcapi 0.16.1 shows it: `socket` in every
 * value, `score` in answers, endpoints and invocations (section 0.1 of the API sheet).
 */
export type Drift = 'A' | 'B' | 'C';

/** True for the name of a state of the server. */
export const isDrift = (text: string): text is Drift => ['A', 'B', 'C'].includes(text);

/** Everything that `PATCH /settings` can change. Times in ms of the platform's clock unless named otherwise. */
export interface Settings {
	drift: Drift;
	/** Extra key `socket` in socket values; follows `drift` unless set. */
	socketTwin: boolean | null;
	/** False: the API origin answers 301 to https when it is called by plain http. */
	allowHttp: boolean;
	/** Origin that `api_url`, `url` and media URLs are built from; null: the API origin. */
	siteOrigin: string | null;
	/** Real ms before each request to the platform is seen to, the way there and back. */
	latencyMs: number;
	/** Bandwidth of each connection to the platform, either way; null: as fast as it goes. */
	bytesPerSecond: number | null;
	/** Lists that the platform gives no order (items, sessions, uploads) come in another order per request. */
	shuffleLists: boolean;
	/** Uploads on record beyond which `POST uploads/` is refused. */
	maxUploads: number;
	/** Files per upload session (and, in drift B, per `user_uploads`). */
	maxSessionFiles: number;
	/** Bytes a user may hold in temporary storage; null: by verification of the account (2 GiB or 128 GiB). */
	temporaryBytes: number | null;
	uploadLifetimeSeconds: number;
	presignedLifetimeSeconds: number;
	/** Smallest part but the last, in bytes. */
	minimumPartBytes: number;
	/** Life of a media redirect target. */
	urlLifetimeSeconds: number;
	dicomLifetimeSeconds: number;
	maxActiveJobs: number;
	/** Active jobs of everybody: more stay in `Validating inputs`. */
	maxSystemJobs: number;
	maxPostProcessingTasks: number;
	/** Credits per user and rolling month. */
	credits: number;
	complimentaryJobs: number;
	importMs: number;
	fileCopyMs: number;
	/** Factor on the duration of every job. */
	jobDurationFactor: number;
	/** From a saved evaluation to the ranks of its phase. */
	rankMs: number;
	/** How long an external evaluation may be claimed. */
	externalEvaluationSeconds: number;
	/** How many evaluations an account may claim, in its life. */
	claimsPerAccount: number;
	/** How long a viewer session may live. */
	viewerSessionSeconds: number;
	maxActiveEndpoints: number;
	maxActiveInvocations: number;
	gcapiLatest: string;
	gcapiLowest: string;
}

/** The settings of a fresh sandbox: the platform's own limits. */
export const defaultSettings = (drift: Drift): Settings => ({
	drift,
	socketTwin: null,
	allowHttp: true,
	siteOrigin: null,
	latencyMs: 0,
	bytesPerSecond: null,
	shuffleLists: true,
	maxUploads: 2000,
	maxSessionFiles: drift === 'A' ? 100 : 2000,
	temporaryBytes: null,
	uploadLifetimeSeconds: 86_400,
	presignedLifetimeSeconds: 3600,
	minimumPartBytes: 5 * 1024 ** 2,
	urlLifetimeSeconds: 300,
	dicomLifetimeSeconds: 900,
	maxActiveJobs: 16,
	maxSystemJobs: 128,
	maxPostProcessingTasks: 16,
	credits: 1000,
	complimentaryJobs: 5,
	importMs: 15_000,
	fileCopyMs: 5_000,
	jobDurationFactor: 1,
	rankMs: 10_000,
	externalEvaluationSeconds: 86_400,
	claimsPerAccount: 1,
	viewerSessionSeconds: 10_000,
	maxActiveEndpoints: 2,
	maxActiveInvocations: 16,
	gcapiLatest: drift === 'C' ? '0.16.1' : '0.15.1',
	gcapiLowest: '0.13.0',
});
