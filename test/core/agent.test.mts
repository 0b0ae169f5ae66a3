// The node as a tool of an AI agent: what a model can do with algorithms, and what it gets to read.
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Agent } from './support/harness.mts';
import { id, useWorld } from './fixtures/world.mts';

const world = useWorld({ fresh: true });
beforeEach(async () => void (await world.sandbox.changeSettings({ jobDurationFactor: 0.01 })));

/** A parameter that the model fills. */
const fromAi = (key: string, description: string) => `={{ $fromAI('${key}', '${description}') }}`;
const tool = (operation: string, parameters: INodeParameters): INodeParameters => {
	const [resource = '', name = ''] = operation.split('.');
	return { resource, operation: name, ...parameters };
};
const job = id(fromAi('job', 'pk of the job'));
const tools = {
	list_algorithms: tool('algorithm.getMany', { returnAll: true }),
	start_job: tool('algorithmJob.start', {
		algorithm: id(fromAi('algorithm', 'slug of the algorithm')),
		values: { image: [{ socket: id(fromAi('socket', 'slug of the socket')), image: id(fromAi('image', 'pk of the image')) }] },
	}),
	wait_for_job: tool('algorithmJob.wait', { job }),
	read_job: tool('algorithmJob.get', { job }),
};

const withAgent = async (act: (agent: Agent) => Promise<void>) => await world.n8n.runAgent(tools, world.credentials(), act);
/** Texts that a model reads cost, and crowd out what it knows. */
const SHORT = 4000;

it('lists algorithms with their inputs, starts a job, waits, and reads its outputs, all as short JSON with references', async () => {
	await withAgent(async ({ use }) => {
		const listed = await use('list_algorithms', {});
		const algorithms = JSON.parse(listed) as Array<{ slug: string; interfaces: unknown }>;
		const chosen = algorithms.find(({ slug }) => slug === 'lung-volume-above-threshold');
		expect(JSON.stringify(chosen?.interfaces)).toContain('"ct-image"');
		const image = world.state.images.lung1?.pk ?? '';
		const started = await use('start_job', { algorithm: 'lung-volume-above-threshold', socket: 'ct-image', image });
		const [first] = JSON.parse(started) as [{ pk: string; status: string }];
		const waited = await use('wait_for_job', { job: first.pk });
		const [done] = JSON.parse(waited) as [{ pk: string; status: string; outputs: IDataObject }];
		expect([done.pk, done.status]).toEqual([first.pk, 'Succeeded']);
		expect(JSON.parse(await use('read_job', { job: first.pk }))).toEqual([done]);
		expect(done.outputs).toMatchObject({ 'mean-intensity': expect.any(Number) as number, 'lung-segmentation': { pk: expect.any(String) as string }, 'summary-report': { file: expect.stringContaining('/media/') as string } });
		expect([started, waited].map(({ length }) => length < SHORT)).toEqual([true, true]);
	});
});

it('tells the model what went wrong and what to do', async () => {
	await withAgent(async ({ use }) => {
		const said = use('start_job', { algorithm: 'table-summary', socket: 'ct-image', image: world.state.images.lung1?.pk ?? '' });
		await expect(said).rejects.toThrow(/^Table Summary does not take these inputs[^]*Give exactly the sockets of one interface: 1: 'measurements-csv', 'patient-age'/);
	});
});

it('describes its tools to the model', async () => {
	await withAgent(async ({ tools: given }) => {
		expect(given.map(({ name }) => name).sort()).toEqual(Object.keys(tools).sort());
		for (const { description } of given) expect(description.length).toBeGreaterThan(20);
	});
});
