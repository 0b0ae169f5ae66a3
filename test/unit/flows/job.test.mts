import { readSocketValues, startJob, waitForJob, type Assignment, type NewJob, type StartedJob } from '../../../client';
import { spawnSandbox, type SandboxState, type SpawnedSandbox } from '../../../sandbox/client.mts';
import type { FaultAction } from '../../../sandbox/faults.mts';
import type { JsonObject } from '../../../sandbox/json.mts';
import { failureOf, fileOf, testClient, type TestClient } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
let state: SandboxState;
beforeAll(async () => {
	// A job takes 40 ms.
	sandbox = await spawnSandbox({ speed: 1000 });
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const json = (socket: string, value: unknown): Assignment => ({ socket, source: { from: 'json', value } });
const files = (socket: string, ...sources: ReturnType<typeof fileOf>[]): Assignment => ({ socket, source: { from: 'files', files: sources } });
const ct = (): Assignment => ({ socket: 'ct-image', source: { from: 'image', image: state.images.lung1?.pk ?? '' } });
const threshold = (...inputs: Assignment[]): NewJob => ({ algorithm: 'lung-volume-above-threshold', inputs });
const echo: NewJob = { algorithm: 'clinical-echo', inputs: [json('clinical-information', { history: ['cough'] })] };

const writes = async () => (await sandbox.requests()).filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
const jobs = async () => (await sandbox.state()).jobs;
const outputs = (job: unknown) => Object.fromEntries(readSocketValues(job, 'outputs').map(({ socket, value, file, image }) => [socket.slug, image ? 'an image' : file ? 'a file' : value]));

describe('a job', () => {
	const all = { 'mean-intensity': expect.any(Number), 'volume-above-threshold': expect.any(Number), 'lung-segmentation': 'an image', 'threshold-report': 'a file', 'summary-report': 'a file' };

	it.each<[string, () => NewJob | Promise<NewJob>, Record<string, unknown>]>([
		['one interface', () => threshold(ct()), all],
		['the other, in any order', () => threshold(json('segmentation-threshold', -300), ct()), all],
		['a fresh image', async () => threshold(files('ct-image', fileOf('scan.mha', (await sandbox.file(state.images.lung2?.pk ?? '')).bytes))), all],
		['a fresh file and a number', () => ({ algorithm: 'table-summary', inputs: [files('measurements-csv', fileOf('m.csv', 'a,b\n1,2\n3,4\n')), json('patient-age', 61)] }), { 'row-count': 2, 'table-summary': expect.anything() }],
		['an object', () => echo, { 'table-summary': expect.anything() }],
		['an algorithm by pk, sockets by pk', () => ({ algorithm: state.algorithms.echo?.pk ?? '', inputs: [json(String(state.sockets['clinical-information']?.pk), {})] }), { 'table-summary': expect.anything() }],
		['an algorithm by the URL of its page', () => ({ ...echo, algorithm: `${sandbox.origins.api}/algorithms/clinical-echo/` }), { 'table-summary': expect.anything() }],
	])('with %s runs, and gives its outputs', async (_what, wanted, expected) => {
		const { gc } = testClient(sandbox);
		const started = await startJob(gc, await wanted());
		expect(started.job).toMatchObject({ pk: expect.any(String), status: expect.any(String), url: expect.stringContaining('/jobs/') });
		const job = await waitForJob(gc, started, 20_000);
		expect(job).toMatchObject({ pk: started.job.pk, status: 'Succeeded' });
		expect(outputs(job)).toEqual(expected);
		expect(await jobs()).toHaveLength(1);
	});

	it('tells how long its algorithm usually takes', async () => {
		const { gc } = testClient(sandbox);
		expect(await startJob(gc, { algorithm: 'slow-lung-volume', inputs: [ct()] })).toMatchObject({ averageDuration: 600, sessions: [] });
		expect((await startJob(gc, echo)).averageDuration).toBeUndefined();
	});
});

describe('wrong inputs are refused, and nothing is sent', () => {
	it.each<[string, () => NewJob, RegExp]>([
		['none', () => threshold(), /takes 'ct-image' \(missing: 'ct-image'\)/],
		['one too few', () => threshold(json('segmentation-threshold', 1)), /takes 'ct-image', 'segmentation-threshold' \(missing: 'ct-image'\)/],
		['one too many', () => threshold(ct(), json('patient-age', 1)), /not taken: 'patient-age'/],
		['one that is on no socket', () => threshold(ct(), json('no-such', 1)), /socket 'no-such'/],
		['one twice', () => threshold(ct(), ct()), /'ct-image' is given twice/],
		['JSON for an image', () => threshold(json('ct-image', 1)), /takes an image, not a JSON value/],
		['a file for a number', () => threshold(ct(), files('segmentation-threshold', fileOf('a', 'b'))), /takes a JSON value, and the file holds none/],
		['an image that is not there', () => threshold({ socket: 'ct-image', source: { from: 'image', image: '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0' } }), /image '0d11fc7b/],
		['an algorithm that is not there', () => ({ ...echo, algorithm: 'no-such' }), /algorithm 'no-such'/],
		['no algorithm', () => ({ ...echo, algorithm: ' ' }), /No algorithm is chosen/],
	])('%s', async (_what, wanted, message) => {
		expect((await failureOf(startJob(testClient(sandbox).gc, wanted()))).message).toMatch(message);
		expect(await writes()).toEqual([]);
	});

	it('an image that is not there, beside a file: the file is not sent up for nothing', async () => {
		const inputs = [files('measurements-csv', fileOf('m.csv', 'a\n1\n')), { socket: 'patient-age', source: { from: 'image' as const, image: 'x' } }];
		await failureOf(startJob(testClient(sandbox).gc, { algorithm: 'table-summary', inputs }));
		expect(await writes()).toEqual([]);
	});
});

describe('an answer that is lost', () => {
	const lost: Array<[string, FaultAction]> = [
		['502 after it was started', { statusAfterApply: 502 }],
		['broken off after it was started', { resetAfterApply: true }],
		['cut off', { cutAfter: 5 }],
		['502 before', { status: 502 }],
		['504 before', { status: 504 }],
	];
	const scan = async () => threshold(files('ct-image', fileOf('scan.mha', (await sandbox.file(state.images.lung2?.pk ?? '')).bytes)));
	const inputs: Array<[string, () => Promise<NewJob>]> = [
		['a fresh image', scan],
		['an image that is there', async () => threshold(ct())],
		['a value', async () => echo],
	];

	it.each(inputs.flatMap(([what, wanted]) => lost.map(([how, action]) => [what, how, action, wanted] as const)))('%s, %s: the job is found, or started again, and there is one', async (_what, _how, action, wanted) => {
		await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, action });
		const { job } = await startJob(testClient(sandbox).gc, await wanted());
		expect((await jobs()).map(({ pk }) => pk)).toEqual([job.pk]);
	});

	it.each(inputs)('%s, and never an answer: the job is found', async (_what, wanted) => {
		await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, times: -1, action: { cutAfter: 0 } });
		const { job } = await startJob(testClient(sandbox).gc, await wanted());
		expect((await jobs()).map(({ pk }) => pk)).toEqual([job.pk]);
	});

	it('the same inputs had a result before: it is not taken for the new one', async () => {
		await startJob(testClient(sandbox).gc, threshold(ct()));
		await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, action: { statusAfterApply: 502 } });
		expect(await failureOf(startJob(testClient(sandbox).gc, threshold(ct())))).toMatchObject({ reason: 'resultExists' });
	});

	describe('of a job with files only', () => {
		const table = (age = 61): NewJob => ({ algorithm: 'table-summary', inputs: [files('measurements-csv', fileOf('m.csv', 'a,b\n1,2\n')), json('patient-age', age)] });

		it('is found when its file was taken', async () => {
			await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, action: { statusAfterApply: 502 } });
			const { job } = await startJob(testClient(sandbox, { realTime: true }).gc, table());
			expect((await jobs()).map(({ pk }) => pk)).toEqual([job.pk]);
		});

		it('is in doubt when several can be it: all of them are named, and none is added', async () => {
			await sandbox.setClock({ mode: 'manual' });
			await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, times: 2, action: { statusAfterApply: 502 } });
			const { gc } = testClient(sandbox, { shortTime: true });
			const errors = await Promise.all([failureOf(startJob(gc, table())), failureOf(startJob(gc, table()))]);
			const started = (await jobs()).map(({ pk }) => pk);
			expect(started).toHaveLength(2);
			for (const { reason, advice } of errors) {
				expect(reason).toBe('outcomeUnknown');
				for (const pk of started) expect(advice).toContain(pk);
			}
			await sandbox.setClock({ mode: 'auto' });
		});

		it('is not repeated when none is seen', async () => {
			await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, action: { status: 504 } });
			const error = await failureOf(startJob(testClient(sandbox, { shortTime: true }).gc, table()));
			expect([error.reason, error.advice]).toEqual(['outcomeUnknown', expect.stringMatching(/^So far Grand Challenge shows no job of it\. Look on Grand Challenge/)]);
			expect(await jobs()).toEqual([]);
		});
	});

	it.each<[string, FaultAction]>([
		['turned away (503)', { status: 503 }],
		['rolled back (500)', { status: 500 }],
		['asked to slow down', { status: 429, headers: { 'retry-after': '1' } }],
	])('%s is none: started again, once', async (_how, action) => {
		await sandbox.addFaults({ match: { method: 'POST', path: '/algorithms/jobs/' }, action });
		await startJob(testClient(sandbox).gc, threshold(ct()));
		expect([(await jobs()).length, (await writes()).length]).toEqual([1, 2]);
	});

	it('when the started job is read: the error names the job', async () => {
		await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/[0-9a-f]' }, times: -1, action: { status: 500 } });
		const error = await failureOf(startJob(testClient(sandbox).gc, threshold(ct())));
		const [job] = await jobs();
		expect(error).toMatchObject({ status: 500, left: { job: job?.pk }, advice: expect.stringContaining(String(job?.pk)) });
	});
});

describe('waiting for a job', () => {
	const wait = async (client: TestClient, wanted: NewJob, limitMs = 20_000): Promise<[StartedJob, Promise<unknown>]> => {
		const started = await startJob(client.gc, wanted);
		return [started, waitForJob(client.gc, started, limitMs)];
	};

	it.each<[string, () => Assignment]>([
		['at once', () => json('patient-age', 3)],
		['on an image', ct],
	])('that fails %s: the page that shows why', async (_when, input) => {
		const [{ job }, ended] = await wait(testClient(sandbox), { algorithm: 'always-failing', inputs: [input()] });
		const error = await failureOf(ended);
		expect(error).toMatchObject({ reason: 'failedThere', message: `The job ${String(job.pk)} failed`, left: { job: job.pk } });
		expect(error.advice).toContain(`${sandbox.origins.api}/algorithms/always-failing/jobs/${String(job.pk)}/`);
	});

	it('that is cancelled for a bad image: the reason of the import', async () => {
		const [{ job }, ended] = await wait(testClient(sandbox), threshold(files('ct-image', fileOf('notes.mha', 'These are only notes.'))));
		expect(await failureOf(ended)).toMatchObject({
			reason: 'failedThere',
			message: `The job ${String(job.pk)} was cancelled: 1 file could not be imported`,
			left: { job: job.pk },
			advice: expect.stringContaining('/jobs/'),
		});
	});

	it('that is cancelled for a bad file: without a reason, since the platform gives none', async () => {
		const inputs = [files('measurements-csv', fileOf('m.csv', Buffer.from([0, 1, 2]))), json('patient-age', 61)];
		const [{ job }, ended] = await wait(testClient(sandbox), { algorithm: 'table-summary', inputs });
		expect(await failureOf(ended)).toMatchObject({ reason: 'failedThere', message: `The job ${String(job.pk)} was cancelled` });
	});

	it('that takes longer than the limit: gives the job as it is then', async () => {
		await sandbox.setClock({ mode: 'manual' });
		const [started, ended] = await wait(testClient(sandbox), threshold(ct()), 100);
		expect(await ended).toMatchObject({ pk: started.job.pk, status: 'Validating inputs' });
		await sandbox.setClock({ mode: 'auto' });
	});

	it('with a limit of 0 does not wait at all', async () => {
		const client = testClient(sandbox);
		const [, ended] = await wait(client, threshold(ct()), 0);
		await ended;
		expect(client.waits).toEqual([]);
	});


	it('that stays at "Validating inputs" since its image could not be imported: the reason of the import', async () => {
		const client = testClient(sandbox);
		const started = await startJob(client.gc, threshold(files('ct-image', fileOf('notes.mha', 'These are only notes.'))));
		await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/' }, times: -1, action: { status: 200, body: { ...started.job, status: 'Validating inputs' } as JsonObject } });
		expect(await failureOf(waitForJob(client.gc, started, 3_600_000))).toMatchObject({
			reason: 'failedThere',
			message: `The job ${String(started.job.pk)} does not start, since its inputs could not be imported: 1 file could not be imported`,
			left: { job: started.job.pk },
		});
	});

	it.each(['Queued', 'Started', 'Re-Queued', 'Provisioning', 'Provisioned', 'Executing', 'Executed', 'Parsing Outputs', 'Executing Algorithm', 'Validating inputs', 'Something New'])(
		'that is at "%s" goes on, until the time is over',
		async (status) => {
			const client = testClient(sandbox);
			const started = await startJob(client.gc, echo);
			await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/' }, times: -1, action: { status: 200, body: { ...started.job, status } as JsonObject } });
			expect(await waitForJob(client.gc, started, 20)).toMatchObject({ pk: started.job.pk, status, url: expect.stringContaining('/jobs/') });
			await sandbox.clearFaults();
			expect(await waitForJob(client.gc, started, 20_000)).toMatchObject({ status: 'Succeeded' });
		},
	);

	it.each(['Failed', 'FAILED', 'Cancelled'])('that is at "%s" has ended', async (status) => {
		const client = testClient(sandbox);
		const started = await startJob(client.gc, echo);
		await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/' }, times: -1, action: { status: 200, body: { ...started.job, status } as JsonObject } });
		expect(await failureOf(waitForJob(client.gc, started, 20_000))).toMatchObject({ reason: 'failedThere', left: { job: started.job.pk } });
	});

	it('survives an outage in between', async () => {
		const client = testClient(sandbox);
		const started = await startJob(client.gc, threshold(ct()));
		await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/' }, times: 5, action: { status: 503 } });
		expect(await waitForJob(client.gc, started, 20_000)).toMatchObject({ status: 'Succeeded' });
	});

	it('when the platform stays away: the job is given back as it was seen last, and not lost', async () => {
		await sandbox.setClock({ mode: 'manual' });
		const client = testClient(sandbox);
		const started = await startJob(client.gc, threshold(ct()));
		await sandbox.advance(4_500);
		await sandbox.addFaults({ match: { method: 'GET', path: '/algorithms/jobs/' }, skip: 1, times: -1, action: { status: 503 } });
		expect(await waitForJob(client.gc, started, 200)).toMatchObject({ pk: started.job.pk, status: 'Queued' });
		await sandbox.setClock({ mode: 'auto' });
	});
});
