import { bench, flatMha, type Bench } from './support.mts';

let sandbox: Bench;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.setClock({ mode: 'manual' });
});
afterAll(() => sandbox.stop());

const start = async (name: string, inputs: unknown[]) => {
	const { algorithms } = await sandbox.state();
	const reply = await sandbox.api('POST', 'algorithms/jobs/', {
		body: { algorithm: algorithms[name]?.api_url, inputs },
	});
	const show = async () => (await sandbox.api('GET', `algorithms/jobs/${String(reply.json['pk'])}/`)).json;
	return { reply, show };
};
const lung = async () => ({ interface: 'ct-image', image: (await sandbox.state()).images['lung1']?.api_url });
const problem = async (name: string, inputs: unknown[]) => (await start(name, inputs)).reply.json['non_field_errors'];

describe('jobs', () => {
	it('walks through its statuses, and brings all outputs with the last one', async () => {
		const { reply, show } = await start('threshold', [await lung()]);
		expect(Object.keys(reply.json).sort()).toEqual(['inputs', 'pk', 'status']);
		const seen = [String(reply.json['status'])];
		let last = await show();
		for (let i = 0; i < 30; i += 1) {
			if (last['status'] !== seen.at(-1)) seen.push(String(last['status']));
			if (last['status'] !== 'Succeeded') expect(last['outputs']).toEqual([]);
			await sandbox.advance(2_000);
			last = await show();
		}
		expect(seen).toEqual(['Validating inputs', 'Queued', 'Provisioned', 'Executing', 'Executed', 'Succeeded']);
		expect((last['outputs'] as Array<{ interface: { slug: string } }>).map((value) => value.interface.slug)).toEqual([
			'mean-intensity',
			'volume-above-threshold',
			'summary-report',
			'threshold-report',
			'lung-segmentation',
		]);
		expect(last['exec_duration']).toBe('P0DT00H00M24S');
	});

	it('really computes: a cube of 4 mm above the threshold is 0.064 ml', async () => {
		const image = await sandbox.upload('cube.mha', flatMha(7));
		const { show } = await start('threshold', [
			{ interface: 'ct-image', user_uploads: [image] },
			{ interface: 'segmentation-threshold', value: 6.5 },
		]);
		await sandbox.settle();
		const outputs = (await show())['outputs'] as Array<{ pk: number; value: unknown; interface: { slug: string } }>;
		expect(outputs.slice(0, 2).map((output) => output.value)).toEqual([7, 0.064]);
		const mask = await sandbox.file(outputs.find((output) => output.interface.slug === 'lung-segmentation')?.pk ?? 0);
		expect([...mask.bytes.subarray(-64)]).toEqual(new Array(64).fill(1));
	});

	it('names the accepted combinations when the inputs match none', async () => {
		expect(await problem('threshold', [{ interface: 'segmentation-threshold', value: 1 }])).toEqual([
			"The set of inputs provided does not match any of the algorithm's interfaces. This algorithm supports the following input combinations: Interface 1: CT Image (Image), Interface 2: CT Image (Image) and Segmentation Threshold (Float)",
		]);
	});

	it('refuses a repeat of existing inputs, even of a failed job, but never of an upload', async () => {
		const { show } = await start('failing', [{ interface: 'patient-age', value: 61 }]);
		await sandbox.settle();
		expect((await show())['status']).toBe('Failed');
		expect(await problem('failing', [{ interface: 'patient-age', value: 61 }])).toEqual([
			'A result for these inputs with the current image and model already exists.',
		]);
		const upload = async () =>
			start('threshold', [{ interface: 'ct-image', user_uploads: [await sandbox.upload('a.mha', flatMha(1))] }]);
		expect([(await upload()).reply.status, (await upload()).reply.status]).toEqual([201, 201]);
	});

	it('cancels a job whose input cannot be imported', async () => {
		const { reply, show } = await start('threshold', [
			{ interface: 'ct-image', user_uploads: [await sandbox.upload('a.mha', 'nonsense')] },
		]);
		expect([reply.status, reply.json['inputs']]).toEqual([201, []]);
		await sandbox.settle();
		expect((await show())['status']).toBe('Cancelled');
	});

	it('limits active jobs and credits', async () => {
		await sandbox.changeSettings({ maxActiveJobs: 1 });
		await start('slow', [await lung()]);
		expect(await problem('threshold', [await lung()])).toEqual([
			'You have too many active jobs, please try again after they have completed',
		]);
		await sandbox.changeSettings({ maxActiveJobs: 16, credits: 10, complimentaryJobs: 0 });
		expect(await problem('threshold', [await lung()])).toEqual(['You have run out of algorithm credits']);
		expect(await problem('unready', [await lung()])).toEqual(['Algorithm image is not ready to be used']);
	});

	it('shows a job to its creator only, and finds it by its image', async () => {
		const { reply } = await start('threshold', [await lung()]);
		const { images } = await sandbox.state();
		expect((await sandbox.api('GET', `algorithms/jobs/?input_image=${images['lung1']?.pk}`)).json['count']).toBe(1);
		expect((await sandbox.api('GET', `algorithms/jobs/?input_image=${images['lung2']?.pk}`)).json['count']).toBe(0);
		expect(
			(await sandbox.api('GET', `algorithms/jobs/${String(reply.json['pk'])}/`, { token: sandbox.tokens.reader })).json,
		).toEqual({ detail: 'No Job matches the given query.' });
	});
});
