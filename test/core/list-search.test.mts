// The lists in the editor's locators: searched on our side, page by page.
import type { INodeParameters } from 'n8n-workflow';
import { by, id, useWorld } from './fixtures/world.mts';

const world = useWorld();

const search = async (method: string, more: { filter?: string; paginationToken?: string; token?: string } = {}) => {
	const { token, ...call } = more;
	return await world.n8n.listSearch(method, {
		...call,
		credentials: world.credentials(token === undefined ? {} : { token }),
	});
};
const site = () => world.sandbox.origins.api;

it.each<[string, string, () => object]>([
	[
		'searchAlgorithms',
		'above',
		() => ({
			name: 'Lung Volume Above Threshold',
			value: 'lung-volume-above-threshold',
			url: `${site()}/algorithms/lung-volume-above-threshold/`,
		}),
	],
	[
		'searchAlgorithms',
		'LUNG-VOLUME-ABOVE',
		() => ({
			name: 'Lung Volume Above Threshold',
			value: 'lung-volume-above-threshold',
			url: `${site()}/algorithms/lung-volume-above-threshold/`,
		}),
	],
	[
		'searchArchives',
		'phantoms',
		() => ({ name: 'Lung Phantoms', value: world.state.archives.lung?.pk, url: `${site()}/archives/lung-phantoms/` }),
	],
	['searchArchiveItems', 'record 0777', () => ({ name: 'Record 0777', value: expect.any(String) as string })],
	['searchImages', 'XRAY', () => ({ name: 'chest-xray.tif', value: world.state.images.xray?.pk })],
	['searchSockets', 'threshold', () => ({ name: 'Segmentation Threshold (Float)', value: 'segmentation-threshold' })],
	['searchSockets', '(pdf file)', () => ({ name: 'Summary Report (PDF file)', value: 'summary-report' })],
])('%s finds %s', async (method, filter, expected) => {
	const { results } = await search(method, { filter });
	expect(results).toContainEqual(expected());
	expect(
		results.every(({ name, value }) => `${name} ${String(value)}`.toLowerCase().includes(filter.toLowerCase())),
	).toBe(true);
});

it('finds the evaluations that this account may claim', async () => {
	const values = async (more: { filter?: string; token?: string } = {}) => (await search('searchClaimableEvaluations', more)).results.map(({ value }) => value);
	const all = ['claimable3', 'claimable2', 'claimable1'].map((name) => world.state.evaluations[name]?.pk);
	expect(await values()).toEqual(all);
	expect(await values({ filter: '#0 READER' })).toEqual([all[1]]);
	expect(await values({ token: world.sandbox.tokens.reader })).toEqual([]);
});

it('finds jobs by their status', async () => {
	const { pk } = await world.api('/api/v1/algorithms/jobs/', 'POST', {
		algorithm: world.state.algorithms.echo?.api_url,
		inputs: [{ interface: 'clinical-information', value: 1 }],
	});
	await world.sandbox.settle();
	const { results } = await search('searchJobs', { filter: 'succeeded' });
	expect(results).toEqual([
		{ name: `clinical-echo, Succeeded, ${String(pk)}`, value: pk, url: `${site()}/algorithms/clinical-echo/jobs/${String(pk)}/` },
	]);
});

it('tells what has the same name apart', async () => {
	const archive = world.state.archives.empty?.api_url;
	const other = world.state.archives.lung?.api_url;
	const made = [];
	for (const url of [archive, other]) made.push(await world.api('/api/v1/archives/items/', 'POST', { archive: url, title: 'Twin case' }));
	const { results } = await search('searchArchiveItems', { filter: 'twin case' });
	expect(results.map(({ name }) => name).sort()).toEqual(made.map(({ pk }) => `Twin case (${String(pk)})`).sort());
});

it('goes on from page to page to the end', async () => {
	const first = await search('searchSockets');
	expect(first.paginationToken).toBeUndefined();
	expect(first.results).toHaveLength(Object.keys(world.state.sockets).length);

	const found: unknown[] = [];
	const asked: unknown[] = [];
	let paginationToken: string | undefined;
	do {
		const page = await search('searchArchiveItems', paginationToken === undefined ? {} : { paginationToken });
		asked.push(paginationToken);
		found.push(...page.results.map(({ value }) => value));
		paginationToken = typeof page.paginationToken === 'string' ? page.paginationToken : undefined;
	} while (paginationToken !== undefined && asked.length < 100);
	expect(asked.slice(0, 3)).toEqual([undefined, '100', '200']);
	// 1,234 of one archive, and those of the others that this account may see.
	expect(asked.length).toBe(Math.ceil(found.length / 100));
	expect(found.length).toBeGreaterThanOrEqual(1234 + 4 + 4 + 1 + 1);
});

it('finds all that match, though the list has several pages and no order', async () => {
	const { results, paginationToken } = await search('searchArchiveItems', { filter: 'record 12' });
	expect(results.map(({ name }) => name).sort()).toEqual(Array.from({ length: 35 }, (_, i) => `Record ${1200 + i}`));
	expect(paginationToken).toBeUndefined();
});

it('shows no more than can be looked through', async () => {
	const { results } = await search('searchArchiveItems', { filter: 'record' });
	expect(new Set(results.map(({ value }) => value)).size).toBe(100);
	expect(await world.requests()).toHaveLength(1);
});

it('says that there is nothing by an empty list', async () => {
	expect(await search('searchAlgorithms', { filter: 'no such thing' })).toEqual({
		results: [],
		paginationToken: undefined,
	});
	expect(await search('searchJobs', { token: world.sandbox.tokens.other })).toEqual({
		results: [],
		paginationToken: undefined,
	});
});

it('shows what this account may see', async () => {
	const { results } = await search('searchArchives', { token: world.sandbox.tokens.reader });
	expect(results.map(({ name }) => name).sort()).toEqual(['Lung Phantoms', 'Public Collection']);
});

const words = async (promise: Promise<unknown>) => {
	const error: unknown = await promise.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof Error)) throw new Error('It did not fail');
	return {
		message: error.message,
		description: 'description' in error ? String(error.description).replaceAll(site(), '<site>') : '',
	};
};

it.each<[string, { token?: string; fault?: object }, string, string]>([
	[
		'a wrong token',
		{ token: 'x'.repeat(64) },
		'Grand Challenge does not know this API token (Invalid token)',
		'Create a token at <site>/settings/api-tokens/create/ and put it into the credential',
	],
	[
		'no token',
		{ token: '' },
		'The API token is empty',
		"Put your token into the 'API Token' field of the Grand Challenge credential",
	],
	[
		'a refusal',
		{ fault: { status: 403, body: { detail: 'No.' } } },
		'This account has no permission for the list of archives: No.',
		'Ask its editors for the permission, or request access on its page at <site>',
	],
])('says in words what is wrong: %s', async (_, { token, fault }, message, description) => {
	if (fault) await world.sandbox.addFaults({ match: { path: '/archives/' }, action: fault });
	expect(await words(search('searchArchives', token === undefined ? {} : { token }))).toEqual({ message, description });
});

it('gets over a platform that is busy', async () => {
	await world.sandbox.addFaults({ match: { path: '/archives/' }, times: 2, action: { status: 503 } });
	expect((await search('searchArchives', { filter: 'phantoms' })).results).toHaveLength(1);
});

describe('of reader studies', () => {
	const names = async (method: string, parameters: INodeParameters, filter?: string) =>
		(await world.n8n.listSearch(method, { credentials: world.credentials(), parameters, filter })).results.map(({ name }) => name);
	const practice = ['Practice 1', expect.any(String), 'Empty'];

	it('cases and questions are those of the study that is chosen', async () => {
		const chosen = { readerStudy: by('list', 'practice-study') };
		expect(await names('searchDisplaySets', chosen)).toEqual(practice);
		expect(await names('searchQuestions', chosen)).toEqual(['Grade (Choice)', 'Remark (Text)', 'All nodules < 6 mm & calcified (Multiple points)', 'Region (Mask)']);
		expect(await names('searchQuestions', chosen, 'e')).not.toContain('Is there a nodule? (Choice)');
	});

	it('cases are those of the question that is chosen, and the other way round', async () => {
		expect(await names('searchDisplaySets', { question: id(world.state.questions.grade?.pk ?? '') })).toEqual(practice);
		expect(await names('searchQuestions', { displaySet: id(world.state.displaySets.shuffled1?.pk ?? '') })).toEqual(['Older than 50? (Bool)']);
	});

	it.each([
		['nothing', {}],
		['an expression', { readerStudy: id('={{ $json.study }}') }],
		['something wrong', { readerStudy: id('no-such-study') }],
	])('%s narrows nothing', async (_, parameters) => {
		expect((await names('searchQuestions', parameters)).length).toBe(14);
	});
});
