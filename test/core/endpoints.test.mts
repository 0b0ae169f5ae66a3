// Algorithm Endpoint and Algorithm Invocation, which only the newest servers have.
import type { IDataObject } from 'n8n-workflow';
import { id, json, useWorld } from './fixtures/world.mts';

const missing = '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0';

describe('a server of 2026', () => {
	const world = useWorld({ drift: 'C', clock: 'manual' });
	let endpoint: IDataObject;
	let invocation: IDataObject;
	beforeAll(async () => {
		endpoint = await world.api('/api/v1/algorithms/endpoints/', 'POST', { algorithm: world.state.algorithms.threshold?.api_url });
		await world.sandbox.advance(30_000);
		const inputs = [{ interface: 'ct-image', image: world.state.images.lung1?.api_url }];
		invocation = await world.api('/api/v1/algorithms/invocations/', 'POST', { endpoint: endpoint.api_url, inputs });
		await world.sandbox.settle();
	});
	const shownEndpoint = () => ({
		pk: endpoint.pk,
		status: 'Running',
		algorithm: world.state.algorithms.threshold?.pk,
		remaining_seconds: expect.any(Number) as number,
		api_url: endpoint.api_url,
	});
	const shownInvocation = () => ({
		pk: invocation.pk,
		status: 'Succeeded',
		error_message: '',
		endpoint: endpoint.pk,
		inputs: { 'ct-image': { image: world.state.images.lung1?.api_url, pk: world.state.images.lung1?.pk } },
		outputs: expect.objectContaining({ 'mean-intensity': expect.any(Number) as number }) as object,
	});

	it('shows its endpoints', async () => {
		const names = [String(endpoint.pk), String(endpoint.api_url)];
		for (const name of names) expect(json(await world.run('algorithmEndpoint.get', { algorithmEndpoint: id(name) }))).toEqual([shownEndpoint()]);
		const many = async (filters: object) => json(await world.run('algorithmEndpoint.getMany', { filters: { ...filters } }));
		expect(await many({})).toEqual([shownEndpoint()]);
		expect(await many({ algorithm: id('lung-volume-above-threshold'), status: 'Running' })).toEqual([shownEndpoint()]);
		expect(await many({ algorithm: id('clinical-echo') })).toEqual([]);
		expect(await many({ status: 'Stopped' })).toEqual([]);
	});

	it('shows its invocations', async () => {
		expect(json(await world.run('algorithmInvocation.get', { algorithmInvocation: id(String(invocation.pk)) }))).toEqual([shownInvocation()]);
		const many = async (filters: object) => json(await world.run('algorithmInvocation.getMany', { filters: { ...filters } }));
		expect(await many({ status: 'Succeeded' })).toEqual([shownInvocation()]);
		expect(await many({ status: 'Queued' })).toEqual([]);
	});

	it('shows them as they are where asked to', async () => {
		const [found] = json(await world.run('algorithmEndpoint.getMany', { simplify: false }));
		expect(found).toMatchObject({ remaining_lifetime: expect.stringMatching(/^P/) as string });
		expect(json(await world.run('algorithmInvocation.get', { algorithmInvocation: id(String(invocation.pk)), simplify: false }))).toEqual([
			await world.api(`/api/v1/algorithms/invocations/${String(invocation.pk)}/`),
		]);
	});

	it('offers them in lists', async () => {
		const offered = async (method: string) => (await world.n8n.listSearch(method, { credentials: world.credentials() })).results;
		expect(await offered('searchAlgorithmEndpoints')).toEqual([{ name: `Running, ${String(endpoint.pk)}`, value: endpoint.pk }]);
		expect(await offered('searchAlgorithmInvocations')).toEqual([{ name: `Succeeded, ${String(invocation.pk)}`, value: invocation.pk }]);
	});

	it('does not show one that is not there', async () => {
		const { error } = await world.run('algorithmEndpoint.get', { algorithmEndpoint: id(missing) });
		expect(error?.message).toBe(`Grand Challenge does not show algorithm endpoint '${missing}'`);
	});
});

describe('an older server', () => {
	const world = useWorld();

	it.each([
		['algorithmEndpoint.getMany', {}, 'endpoints'],
		['algorithmEndpoint.get', { algorithmEndpoint: id(missing) }, 'endpoints'],
		['algorithmInvocation.getMany', {}, 'invocations'],
		['algorithmInvocation.get', { algorithmInvocation: id(missing) }, 'invocations'],
	])('has none: %s', async (operation, parameters, what) => {
		const { error } = await world.run(operation, parameters);
		expect([error?.message, error?.description, error?.context?.data]).toEqual([
			`This Grand Challenge has no algorithm ${what}`,
			'They are newer than the version of Grand Challenge that it runs',
			{ reason: 'notFound' },
		]);
	});
});
