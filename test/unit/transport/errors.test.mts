import { ARCHIVE_ITEMS, createCase, filesOfValue, imageFiles, readSocketValues, startJob, uploadFile, type GrandChallenge, type HttpPort, type NewCase, type Reason } from '../../../client';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultRule } from '../../../sandbox/faults.mts';
import type { Settings } from '../../../sandbox/settings.mts';
import { collect, everythingOf, failureOf, fileOf, testClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	sandbox = await spawnSandbox();
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const NOWHERE = '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0';
const SIGNED = /Signature=|X-Amz-|Key-Pair-Id|Credential=/i;

/** An error must give away neither the token nor a signed address, not even in what hangs on it. */
const secretsOf = (error: unknown): string[] => {
	const all = everythingOf(error) + JSON.stringify(error) + String(error);
	return Object.values(sandbox.tokens).filter((token) => all.includes(token)).concat(SIGNED.exec(all) ?? []);
};

interface Refusal {
	as?: 'main' | 'reader' | 'other' | 'deactivated';
	token?: string;
	settings?: Partial<Settings>;
	faults?: FaultRule[];
	ask: (gc: GrandChallenge) => Promise<unknown>;
	reason: Reason;
	message: RegExp;
	advice: RegExp;
}

const item = (gc: GrandChallenge, more: Partial<NewCase> = {}) =>
	createCase(gc, ARCHIVE_ITEMS, { parent: 'incoming-cases', title: '', values: [], waitMs: 0, ...more });
const json = (socket: string, value: unknown) => ({ socket, source: { from: 'json' as const, value } });
const upload = (gc: GrandChallenge) => uploadFile(gc.transport, fileOf('scan.mha', 'bytes'));
const download = async (gc: GrandChallenge) => {
	const [file] = await imageFiles(gc.transport, await gc.images.get(state.images.lung1?.pk ?? ''));
	return file?.fetch(collect);
};

const refusals: Record<string, Refusal> = {
	'a token that nobody has': { token: 'f'.repeat(64), ask: (gc) => gc.account(), reason: 'tokenRefused', message: /does not know this API token/, advice: /api-tokens\/create/ },
	'a token of two words': { token: 'Bearer bad', ask: (gc) => gc.account(), reason: 'tokenRefused', message: /does not know this API token/, advice: /credential/ },
	'a deactivated account': { as: 'deactivated', ask: (gc) => gc.account(), reason: 'tokenRefused', message: /account of this API token is not active/, advice: /active account/ },
	'an archive by pk that is not there': { ask: (gc) => gc.archives.get(NOWHERE), reason: 'notFound', message: /archive '0d11fc7b/, advice: /does not exist, or this account has no access/ },
	'an archive by slug that is not there': { ask: (gc) => gc.archives.get('no-such'), reason: 'notFound', message: /archive 'no-such'/, advice: /case-sensitive/ },
	"somebody else's item": { as: 'other', ask: (gc) => gc.archiveItems.get(state.items.lung1?.pk ?? ''), reason: 'notFound', message: /archive item '/, advice: /no access/ },
	'an item in an archive that may only be read': { ask: (gc) => item(gc, { parent: 'read-only-cases' }), reason: 'noPermission', message: /the archive item: archive: Invalid hyperlink/, advice: /one of its uploaders or editors/ },
	'a title that is taken': { ask: async (gc) => (await item(gc, { title: 'One' }), item(gc, { title: 'One' })), reason: 'notAccepted', message: /'One'.*unique set/, advice: /Change 'Title'/ },
	'a value against the schema': { ask: (gc) => item(gc, { values: [json('patient-sex', 'X')] }), reason: 'notAccepted', message: /values, patient-sex: JSON does not fulfill schema/, advice: /made and is empty/ },
	'a socket that the archive does not take': { ask: (gc) => item(gc, { parent: 'phase-test-cases', values: [json('patient-age', 3)] }), reason: 'notAccepted', message: /'patient-age' is not allowed/, advice: /belongs to a challenge/ },
	'too many uploads': { settings: { maxUploads: -1 }, ask: upload, reason: 'limit', message: /the upload of 'scan\.mha'.*too many uploads/, advice: /after a day/ },
	'too many bytes': { settings: { temporaryBytes: -1 }, ask: upload, reason: 'limit', message: /Upload limit reached/, advice: /128 GiB/ },
	'no credits': { settings: { credits: 0, complimentaryJobs: 0 }, ask: (gc) => startJob(gc, { algorithm: 'clinical-echo', inputs: [json('clinical-information', { a: 1 })] }), reason: 'outOfCredits', message: /the job of Clinical Echo.*credits/, advice: /per month/ },
	'too many jobs': { settings: { maxActiveJobs: 0 }, ask: (gc) => startJob(gc, { algorithm: 'clinical-echo', inputs: [json('clinical-information', { a: 1 })] }), reason: 'limit', message: /too many active jobs/, advice: /16/ },
	'a job that was run': {
		ask: async (gc) => {
			const job = { algorithm: 'clinical-echo', inputs: [json('clinical-information', { a: 1 })] };
			await startJob(gc, job);
			return startJob(gc, job);
		},
		reason: 'resultExists',
		message: /already exists/,
		advice: /'If a Result Exists'/,
	},
	'an algorithm that may only be seen': {
		ask: (gc) => startJob(gc, { algorithm: 'nodule-detector', inputs: [{ socket: 'ct-image', source: { from: 'image', image: state.images.lung1?.pk ?? '' } }] }),
		reason: 'noPermission',
		message: /the job of Nodule Detector: algorithm: Invalid hyperlink/,
		advice: /one of its users or editors/,
	},
	'an algorithm without container': {
		ask: (gc) => startJob(gc, { algorithm: 'not-ready', inputs: [{ socket: 'ct-image', source: { from: 'image', image: state.images.lung1?.pk ?? '' } }] }),
		reason: 'notAccepted',
		message: /not ready/,
		advice: /editors/,
	},
	'an overloaded platform': { faults: [{ match: {}, times: -1, action: { status: 503 } }], ask: (gc) => gc.account(), reason: 'unavailable', message: /503.*the account/, advice: /later/ },
	'a page in front of the API': { faults: [{ match: {}, times: -1, action: { status: 403 } }], ask: (gc) => gc.account(), reason: 'noPermission', message: /the account/, advice: /permission/ },
	'a platform that breaks off': { faults: [{ match: {}, times: -1, action: { reset: true } }], ask: (gc) => gc.account(), reason: 'notReachable', message: /broke the connection off.*the account/, advice: /later/ },
	'a job start that breaks off': {
		faults: [{ match: { method: 'POST', path: '/jobs/' }, times: -1, action: { reset: true } }],
		ask: (gc) => startJob(gc, { algorithm: 'table-summary', inputs: [{ socket: 'measurements-csv', source: { from: 'files', files: [fileOf('a.csv', Buffer.from('a,b\n1,2\n'))] } }, json('patient-age', 42)] }),
		reason: 'outcomeUnknown',
		message: /whether Grand Challenge has taken the job of Table Summary: it broke the connection off/,
		advice: /So far Grand Challenge shows no job of it\. .*nothing is made twice/,
	},
	'an item whose title has a number, and that breaks off': {
		faults: [{ match: { method: 'POST' }, times: -1, action: { reset: true } }],
		ask: (gc) => item(gc, { title: 'Case (404)' }),
		reason: 'outcomeUnknown',
		message: /'Case \(404\)': it broke the connection off/,
		advice: /nothing is made twice/,
	},
	'a storage that refuses a part': { faults: [{ match: { origin: 'upload' }, times: -1, action: { status: 403, body: '<Error/>' } }], ask: upload, reason: 'unexpectedAnswer', message: /storage.*the upload of 'scan\.mha'.*\(403\)/, advice: /later/ },
	'a storage that breaks off': { faults: [{ match: { origin: 'upload' }, times: -1, action: { reset: true } }], ask: upload, reason: 'notReachable', message: /the upload of 'scan\.mha'/, advice: /later/ },
	'a storage that quotes the address': {
		faults: [{ match: { origin: 'upload' }, times: -1, action: { status: 400, body: { detail: 'Bad request: https://s3.example/a?X-Amz-Signature=abc&X-Amz-Date=1' } } }],
		ask: upload,
		reason: 'unexpectedAnswer',
		message: /storage.*the upload of 'scan\.mha'.*\(400\)/,
		advice: /later/,
	},
	'a download host that refuses': { faults: [{ match: { origin: 'download' }, times: -1, action: { status: 403 } }], ask: download, reason: 'noPermission', message: /the file 'lung-1\.mha'/, advice: /./ },
	'a download host that is away': { faults: [{ match: { origin: 'download' }, times: -1, action: { reset: true } }], ask: download, reason: 'notReachable', message: /the file 'lung-1\.mha'/, advice: /later/ },
	'a download host that cuts off': { faults: [{ match: { origin: 'download' }, times: -1, action: { cutAfter: 100 } }], ask: download, reason: 'notReachable', message: /broke the connection off.*the file 'lung-1\.mha'/, advice: /later/ },
	"a file of somebody else's": {
		as: 'other',
		ask: (gc) => gc.transport.open(`/media/images/aa/bb/${state.images.lung1?.pk}/${state.images.lung1?.files[0]}/lung-1.mha`, "the file 'lung-1.mha'"),
		reason: 'notFound',
		message: /the file 'lung-1\.mha'/,
		advice: /no access/,
	},
	'a DICOM host that refuses': {
		faults: [{ match: { origin: 'dicom' }, times: -1, action: { status: 403, body: { message: 'Signature expired' } } }],
		ask: async (gc) => {
			const [value] = readSocketValues(await gc.archiveItems.get(state.items.dicom?.pk ?? ''), 'values');
			if (!value) throw new Error('The item holds nothing');
			return (await filesOfValue(gc.transport, value))[0]?.fetch(collect);
		},
		reason: 'unexpectedAnswer',
		message: /storage.*the file '[\d.]+\.dcm'.*\(403\)/,
		advice: /./,
	},
};

it.each(Object.entries(refusals))('%s: says what, what to do, and no secret', async (_name, refusal) => {
	if (refusal.settings) await sandbox.changeSettings(refusal.settings);
	await sandbox.addFaults(...(refusal.faults ?? []));
	const { gc, logs } = testClient(sandbox, { token: refusal.token ?? sandbox.tokens[refusal.as ?? 'main'] });
	const error = await failureOf(refusal.ask(gc));
	expect(error).toMatchObject({ reason: refusal.reason, message: expect.stringMatching(refusal.message), advice: expect.stringMatching(refusal.advice) });
	expect(secretsOf(error)).toEqual([]);
	expect(secretsOf(logs)).toEqual([]);
});

describe('what nobody foresaw', () => {
	const nasty = (sandboxToken: string) =>
		Object.assign(new Error(`Oops at https://s3.example/part?X-Amz-Signature=abc with Bearer ${sandboxToken}`), {
			code: 'EWEIRD',
			config: { url: 'https://s3.example/part?X-Amz-Signature=abc', headers: { authorization: `Bearer ${sandboxToken}` } },
		});

	const failsLater = async function* (): AsyncGenerator<Uint8Array> {
		yield Buffer.from('{');
		throw nasty(sandbox.tokens.main);
	};
	it.each<[string, HttpPort['send'], (gc: GrandChallenge) => Promise<unknown>]>([
		['when data is asked for', () => Promise.reject(nasty(sandbox.tokens.main)), (gc) => gc.account()],
		['when a file is asked for', () => Promise.reject(nasty(sandbox.tokens.main)), (gc) => gc.transport.open('/media/x', 'a file')],
		['while data is read', async () => ({ status: 200, headers: {}, body: failsLater() }), (gc) => gc.account()],
	])('an error of the http library %s: its words go on, what hangs on it does not', async (_when, send, ask) => {
		const { gc, waits } = testClient(sandbox, { http: () => ({ send }) });
		const error = await failureOf(ask(gc));
		expect(error.message).toMatch(/could not be asked for (the account|a file): Oops at https:\/\/s3\.example\/part with Bearer …/);
		expect([secretsOf(error), waits]).toEqual([[], []]);
	});

	it('the search for secrets finds one that is planted', () => {
		const planted = Object.assign(new Error('x'), { cause: { response: { request: { path: '/a?Signature=1' }, token: sandbox.tokens.reader } } });
		expect(secretsOf(planted)).toEqual([sandbox.tokens.reader, 'Signature=']);
	});
});

it('the log tells of a retry without names of patients or files, and without queries', async () => {
	await sandbox.addFaults(
		{ match: { path: '/uploads/$' }, action: { status: 503 } },
		{ match: { origin: 'upload' }, action: { status: 503 } },
		{ match: { method: 'POST', path: '/items/' }, action: { status: 503 } },
		{ match: { method: 'GET', path: '/items/' }, action: { status: 503 } },
		{ match: { origin: 'download' }, action: { cutAfter: 10 } },
	);
	const { gc, logs } = testClient(sandbox);
	await uploadFile(gc.transport, fileOf('Jane Doe.mha', 'x'));
	await item(gc, { title: 'Jane Doe' });
	await download(gc);
	for await (const found of gc.archiveItems.iterate({ archive: state.archives.lung?.pk })) expect(found.title).toMatch(/^Case/);
	expect(logs).toHaveLength(5);
	expect(logs.join('\n')).not.toMatch(/Jane|\.mha|\?|Signature/);
});

it('says so when the platform took the request for an anonymous one', async () => {
	const { gc } = testClient(sandbox, { http: (port) => ({ send: (request) => port.send({ ...request, signed: false }) }) });
	expect(await failureOf(gc.account())).toMatchObject({ reason: 'tokenRefused', message: expect.stringContaining('anonymous') });
});
