// Get and Get Many: whatever names an object finds it, and lists are complete.
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { by, id, items, json, makeBinary, useWorld, values } from './fixtures/world.mts';

const world = useWorld();

let job: IDataObject;
/** An upload session, and the image that came of it. */
let session: { pk: string; image: string };
let upload: IDataObject;
beforeAll(async () => {
	const image = world.state.images.lung1?.pk ?? '';
	const started = await world.run('algorithmJob.startAndWait', {
		algorithm: id('lung-volume-above-threshold'),
		values: values({ image: [['ct-image', image]] }),
	});
	job = started.items[0]?.json ?? {};
	const binary = { data: await makeBinary((await world.sandbox.file(image)).bytes, 'case.mha') };
	await world.run(
		'archiveItem.create',
		{ archive: id('incoming-cases'), values: values({ binary: [['ct-image', 'data']] }) },
		{ items: [{ json: {}, binary }] },
	);
	const [{ pk, images } = { pk: '', images: [] }] = (await world.sandbox.state()).sessions;
	session = { pk, image: images[0] ?? '' };
	upload = await world.api('/api/v1/uploads/', 'POST', { filename: 'scan.mha' });
});

const site = () => world.sandbox.origins.api;
const outputImage = () => (job.outputs as Record<string, IDataObject>)['lung-segmentation']?.pk as string;

interface Named {
	resource: string;
	/** The API's path and pk of the object. */
	path: string;
	pk: () => string | number;
	/** Everything that names the object. */
	names: () => Array<string | number>;
	/** What the list is for. */
	scope?: INodeParameters;
	/** What Simplify shows. */
	simple: () => IDataObject;
}

const resources: Named[] = [
	{
		resource: 'algorithm',
		path: 'algorithms',
		pk: () => world.state.algorithms.threshold?.pk ?? '',
		names: () => [
			'lung-volume-above-threshold',
			' lung-volume-above-threshold ',
			`${site()}/algorithms/lung-volume-above-threshold/`,
			`${site()}/algorithms/lung-volume-above-threshold/jobs/create/?x=1#top`,
			'/algorithms/lung-volume-above-threshold',
		],
		simple: () => {
			const outputs = [
				'mean-intensity',
				'volume-above-threshold',
				'lung-segmentation',
				'threshold-report',
				'summary-report',
			];
			return {
				pk: world.state.algorithms.threshold?.pk,
				slug: 'lung-volume-above-threshold',
				title: 'Lung Volume Above Threshold',
				description: 'Mean intensity and volume above a threshold of a CT image',
				url: `${site()}/algorithms/lung-volume-above-threshold/`,
				api_url: world.state.algorithms.threshold?.api_url,
				average_duration: 24,
				interfaces: [
					{ inputs: ['ct-image'], outputs },
					{ inputs: ['ct-image', 'segmentation-threshold'], outputs },
				],
			};
		},
	},
	{
		resource: 'algorithmJob',
		path: 'algorithms/jobs',
		pk: () => String(job.pk),
		names: () => [
			`${site()}/algorithms/lung-volume-above-threshold/jobs/${String(job.pk)}/`,
			String(job.pk).toUpperCase(),
		],
		simple: () => job,
	},
	{
		resource: 'archive',
		path: 'archives',
		pk: () => world.state.archives.lung?.pk ?? '',
		names: () => ['lung-phantoms', `${site()}/archives/lung-phantoms/`, `${site()}/archives/lung-phantoms/items/`],
		simple: () => ({
			pk: world.state.archives.lung?.pk,
			title: 'Lung Phantoms',
			description: 'Small synthetic CT volumes with what belongs to them',
			url: `${site()}/archives/lung-phantoms/`,
			api_url: world.state.archives.lung?.api_url,
		}),
	},
	{
		resource: 'archiveItem',
		path: 'archives/items',
		pk: () => world.state.items.lung4?.pk ?? '',
		names: () => [`${site()}/archives/lung-phantoms/items/${world.state.items.lung4?.pk}/edit/`],
		scope: { archive: id('lung-phantoms') },
		simple: () => ({
			pk: world.state.items.lung4?.pk,
			title: 'Case 4',
			archive: world.state.archives.lung?.pk,
			values: {
				'ct-image': { image: world.state.images.lung4?.api_url, pk: world.state.images.lung4?.pk },
				'patient-age': 45,
				'patient-sex': 'O',
				'is-smoker': true,
				'clinical-information': { history: ['cough', 'fever'], score: 1.5 },
				'nodule-location': { name: 'nodule', type: 'Point', point: [16.4, 24, 24], version: { major: 1, minor: 0 } },
			},
		}),
	},
	{
		resource: 'image',
		path: 'cases/images',
		pk: () => world.state.images.legacy?.pk ?? '',
		names: () => [`${site()}/cases/images/${world.state.images.legacy?.pk}/`],
		simple: () => ({
			pk: world.state.images.legacy?.pk,
			name: 'legacy.mhd',
			api_url: world.state.images.legacy?.api_url,
			width: 32,
			height: 32,
			depth: 16,
			color_space: 'GRAY',
			voxel_size_mm: [1.5, 1.5, 3],
			files: 2,
		}),
	},
	{
		resource: 'socket',
		path: 'components/interfaces',
		pk: () => world.state.sockets['segmentation-threshold']?.pk ?? 0,
		names: () => ['segmentation-threshold', `${site()}/components/interfaces/algorithms/segmentation-threshold/`],
		simple: () => ({
			pk: world.state.sockets['segmentation-threshold']?.pk,
			slug: 'segmentation-threshold',
			title: 'Segmentation Threshold',
			description: 'In Hounsfield units',
			kind: 'Float',
			super_kind: 'Value',
			relative_path: 'segmentation-threshold.json',
			default_value: -500,
		}),
	},
	{
		resource: 'answer',
		path: 'reader-studies/answers',
		pk: () => world.state.answers.truthPresent1?.pk ?? '',
		names: () => [],
		scope: { readerStudy: id('nodule-reading') },
		simple: () => ({
			pk: world.state.answers.truthPresent1?.pk,
			answer: 501,
			question: world.state.questions.present?.pk,
			display_set: world.state.displaySets.nodules1?.pk,
			creator: 'main',
			modified: '2025-04-06T09:30:00.250000Z',
			is_ground_truth: true,
			answer_image: null,
			last_edit_seconds: null,
			total_edit_seconds: null,
		}),
	},
	{
		resource: 'challenge',
		path: 'challenges',
		pk: () => world.state.challenges.nodules?.pk ?? '',
		names: () => [],
		simple: () => ({
			slug: 'nodules26',
			title: 'Nodules 2026',
			description: 'Find the nodules in the lung phantoms',
			url: expect.stringContaining('nodules26.') as string,
			api_url: world.state.challenges.nodules?.api_url,
			status: 'OPEN',
			public: true,
			start_date: '2025-05-06T09:30:00.250000Z',
			end_date: '2026-06-10T09:30:00.250000Z',
			modified: '2025-04-17T09:30:00.250000Z',
		}),
	},
	{
		resource: 'containerImage',
		path: 'algorithms/images',
		pk: () => world.state.algorithmImages.threshold?.pk ?? '',
		names: () => [`${site()}/algorithms/lung-volume-above-threshold/images/${world.state.algorithmImages.threshold?.pk}/`],
		simple: () => ({
			pk: world.state.algorithmImages.threshold?.pk,
			algorithm: world.state.algorithms.threshold?.pk,
			import_status: 'Completed',
			created: '2025-01-06T09:30:01.250000Z',
			url: `${site()}/algorithms/lung-volume-above-threshold/images/${world.state.algorithmImages.threshold?.pk}/`,
			api_url: `${site()}/api/v1/algorithms/images/${world.state.algorithmImages.threshold?.pk}/`,
		}),
	},
	{
		resource: 'displaySet',
		path: 'reader-studies/display-sets',
		pk: () => world.state.displaySets.nodules1?.pk ?? '',
		names: () => [],
		scope: { readerStudy: by('url', '/reader-studies/nodule-reading/') },
		simple: () => ({
			pk: world.state.displaySets.nodules1?.pk,
			api_url: world.state.displaySets.nodules1?.api_url,
			title: 'Patient 1',
			order: 10,
			reader_study: world.state.readerStudies.nodules?.pk,
			values: {
				'ct-image': { image: world.state.images.lung1?.api_url, pk: world.state.images.lung1?.pk },
				'patient-age': 61,
			},
		}),
	},
	{
		resource: 'evaluation',
		path: 'evaluations',
		pk: () => world.state.evaluations.main?.pk ?? '',
		names: () => [],
		simple: () => ({
			pk: world.state.evaluations.main?.pk,
			status: 'Succeeded',
			rank: 3,
			rank_score: expect.any(Number) as number,
			created: expect.any(String) as string,
			challenge: 'nodules26',
			phase: 'preliminary-test-phase',
			submission: expect.any(String) as string,
			creator: 'main',
			metrics: expect.any(Object) as object,
		}),
	},
	{
		resource: 'question',
		path: 'reader-studies/questions',
		pk: () => world.state.questions.present?.pk ?? '',
		names: () => [],
		scope: { readerStudy: id('nodule-reading') },
		simple: () => ({
			pk: world.state.questions.present?.pk,
			api_url: world.state.questions.present?.api_url,
			question_text: 'Is there a nodule?',
			help_text: '',
			answer_type: 'Choice',
			required: true,
			options: [
				{ id: 501, title: 'Yes' },
				{ id: 502, title: 'No' },
				{ id: 503, title: 'Unsure' },
			],
			reader_study: world.state.readerStudies.nodules?.pk,
		}),
	},
	{
		resource: 'readerStudy',
		path: 'reader-studies',
		pk: () => world.state.readerStudies.nodules?.pk ?? '',
		names: () => ['nodule-reading', `${site()}/reader-studies/nodule-reading/statistics/`],
		simple: () => ({
			pk: world.state.readerStudies.nodules?.pk,
			slug: 'nodule-reading',
			title: 'Nodule Reading',
			description: expect.any(String) as string,
			url: `${site()}/reader-studies/nodule-reading/`,
			api_url: world.state.readerStudies.nodules?.api_url,
			questions: 9,
			is_educational: true,
			has_ground_truth: true,
			allow_answer_modification: expect.any(Boolean) as boolean,
		}),
	},
	{
		resource: 'upload',
		path: 'uploads',
		pk: () => String(upload.pk),
		names: () => [],
		simple: () => ({
			pk: upload.pk,
			filename: 'scan.mha',
			status: 'Initialized',
			created: upload.created,
			api_url: upload.api_url,
		}),
	},
	{
		resource: 'uploadSession',
		path: 'cases/upload-sessions',
		pk: () => session.pk,
		names: () => [],
		simple: () => ({
			pk: session.pk,
			status: 'Succeeded',
			error_message: '',
			images: [session.image],
			api_url: `${site()}/api/v1/cases/upload-sessions/${session.pk}/`,
		}),
	},
	{
		resource: 'viewer',
		path: 'workstations',
		pk: () => world.state.workstations.main?.pk ?? '',
		names: () => ['cirrus-core', `${site()}/viewers/cirrus-core/`],
		simple: () => ({
			pk: world.state.workstations.main?.pk,
			slug: 'cirrus-core',
			title: 'CIRRUS Core',
			url: `${site()}/viewers/cirrus-core/`,
		}),
	},
	{
		resource: 'viewerConfiguration',
		path: 'workstations/configs',
		pk: () => world.state.workstationConfigs.chest?.pk ?? '',
		names: () => [],
		simple: () => ({
			pk: world.state.workstationConfigs.chest?.pk,
			slug: 'chest-ct',
			title: 'Chest CT',
			description: 'Settings for Chest CT',
			created: '2025-07-25T09:30:00.250000Z',
			modified: '2025-07-25T09:30:00.250000Z',
			creator: 'other',
		}),
	},
	{
		resource: 'viewerSession',
		path: 'workstations/sessions',
		pk: () => world.state.viewerSessions.running?.pk ?? '',
		names: () => [],
		simple: () => ({ pk: world.state.viewerSessions.running?.pk, status: 'Running' }),
	},
];

/** What tells one from the others: a challenge has no pk but its slug. */
const keyOf = ({ pk, slug }: IDataObject) => pk ?? slug;

describe.each(resources)('$resource', ({ resource, path, pk, names, scope = {}, simple }) => {
	const field = resource === 'algorithmJob' ? 'job' : resource;
	const apiUrl = () => `${site()}/api/v1/${path}/${pk()}/`;

	it.each(['list', 'id', 'url'] as const)('is found by whatever is pasted in mode %s', async (mode) => {
		const all = [pk(), apiUrl(), `/api/v1/${path}/${pk()}/`, ...names()];
		const result = await world.run(
			`${resource}.get`,
			{ [field]: by(mode, '={{ $json.name }}') },
			{ items: items(...all.map((name) => ({ name }))) },
		);
		expect(result.error?.message).toBeUndefined();
		expect(json(result).map(keyOf)).toEqual(all.map(() => pk()));
	});

	it('is shown simple', async () => {
		const [shown = {}, ...more] = json(await world.run(`${resource}.get`, { [field]: id(String(pk())) }));
		expect([shown, ...more]).toEqual([simple()]);
		// n8n's guideline for Simplify.
		expect(Object.keys(shown).length).toBeLessThanOrEqual(10);
	});

	it('is shown as the platform gives it', async () => {
		expect(json(await world.run(`${resource}.get`, { [field]: id(String(pk())), simplify: false }))).toEqual([
			await world.api(apiUrl()),
		]);
	});

	it('is listed, simple or not', async () => {
		const many = async (simplify: boolean) => {
			const all = json(await world.run(`${resource}.getMany`, { ...scope, returnAll: true, simplify }));
			return all.filter((entry) => keyOf(entry) === pk());
		};
		expect(await many(true)).toEqual([simple()]);
		expect(await many(false)).toEqual([await world.api(apiUrl())]);
	});
});

describe('account', () => {
	it('is shown simple', async () => {
		const account = {
			username: 'main',
			institution: 'Example Hospital',
			department: 'Radiology',
			location: 'NL',
			website: '',
		};
		expect(json(await world.run('account.get'))).toEqual([account]);
	});

	it('is shown as the platform gives it', async () => {
		expect(json(await world.run('account.get', { simplify: false }))).toEqual([
			await world.api('/api/v1/profiles/users/self/'),
		]);
	});

	it('is not what another site answers', async () => {
		await world.sandbox.addFaults({ match: { origin: 'api' }, action: { body: { hello: 'world' } } });
		const { error } = await world.run('account.get');
		expect(error).toMatchObject({
			message: 'Grand Challenge answered with something else than the account',
			description: "Check the 'Base URL' of the credential; it may not be a Grand Challenge site",
		});
	});

	it('is not that of a token that did not get through', async () => {
		await world.sandbox.addFaults({
			match: { origin: 'api' },
			action: { body: { user: { username: 'AnonymousUser' } } },
		});
		const { error } = await world.run('account.get');
		expect(error).toMatchObject({
			message: 'Grand Challenge took this for the request of an anonymous visitor',
			description: 'The API token did not arrive. Check the credential, and any proxy in between',
		});
	});
});

describe('lists', () => {
	const registry = { archive: id('large-registry') };

	it('are complete and without repeats, though the platform gives them no order', async () => {
		const all = json(await world.run('archiveItem.getMany', { ...registry, returnAll: true }));
		const titles = all.map(({ title }) => String(title)).sort();
		expect(titles).toEqual(Array.from({ length: 1234 }, (_, i) => `Record ${String(i + 1).padStart(4, '0')}`));
		expect(new Set(all.map(({ pk }) => pk)).size).toBe(1234);
	});

	it.each([
		[undefined, 50, 'limit=50'],
		[7, 7, 'limit=7'],
		[1000, 1000, 'limit=1000'],
	])('with Limit %s hold %s, and no more is asked for', async (limit, count, asked) => {
		const found = json(
			await world.run('archiveItem.getMany', { ...registry, ...(limit === undefined ? {} : { limit }) }),
		);
		expect(new Set(found.map(({ pk }) => pk)).size).toBe(count);
		expect(await world.requests()).toEqual([
			'GET /api/v1/archives/?slug=large-registry&limit=2',
			`GET /api/v1/archives/items/?archive=<pk>&${asked}`,
		]);
	});

	it('with a Limit beyond one page hold that many different entries', async () => {
		const found = json(await world.run('archiveItem.getMany', { ...registry, limit: 1100 }));
		expect(new Set(found.map(({ pk }) => pk)).size).toBe(1100);
	});

	it('with a Limit beyond their end are complete', async () => {
		expect(json(await world.run('archiveItem.getMany', { archive: id('lung-phantoms'), limit: 100 }))).toHaveLength(4);
	});

	it('may be empty', async () => {
		const result = await world.run('archiveItem.getMany', { archive: id('public-collection') });
		expect([result.status, result.items]).toEqual(['success', []]);
		// Public, and its items are for members: the platform says nothing of that.
		expect(result.hints.map(({ message }) => message)).toEqual([expect.stringContaining('to members only')]);
	});
});

describe('filters', () => {
	const lung = () => [1, 2, 3, 4].map((i) => world.state.images[`lung${i}`]?.pk).sort();

	it.each<[string, string, () => INodeParameters, () => Array<string | undefined>]>([
		['archive by slug', 'image', () => ({ archive: id('lung-phantoms') }), lung],
		['archive by address', 'image', () => ({ archive: by('url', `${site()}/archives/lung-phantoms/`) }), lung],
		['archive by an expression', 'image', () => ({ archive: by('list', '={{ $json.archive }}') }), lung],
		['name', 'image', () => ({ name: 'lung-2.mha' }), () => [world.state.images.lung2?.pk]],
		['archive and name', 'image', () => ({ archive: id('legacy-and-dicom'), name: 'lung-2.mha' }), () => []],
		['input of a job', 'image', () => ({ jobInput: id(String(job.pk)) }), () => [world.state.images.lung1?.pk]],
		['output of a job', 'image', () => ({ jobOutput: by('url', String(job.url)) }), () => [outputImage()]],
		[
			'upload session',
			'image',
			() => ({ uploadSession: `/api/v1/cases/upload-sessions/${session.pk}/` }),
			() => [session.image],
		],
		[
			'nothing',
			'image',
			() => ({ archive: id(''), name: ' ' }),
			() =>
				[
					...lung(),
					outputImage(),
					session.image,
					...['legacy', 'dicom', 'multiFrame', 'xray', 'mask'].map((name) => world.state.images[name]?.pk),
				].sort(),
		],
		['algorithm', 'algorithmJob', () => ({ algorithm: id('lung-volume-above-threshold') }), () => [String(job.pk)]],
		['another algorithm', 'algorithmJob', () => ({ algorithm: id('clinical-echo') }), () => []],
		[
			'input image',
			'algorithmJob',
			() => ({ inputImage: id(world.state.images.lung1?.pk ?? '') }),
			() => [String(job.pk)],
		],
		['another input image', 'algorithmJob', () => ({ inputImage: id(world.state.images.lung2?.pk ?? '') }), () => []],
		[
			'output image',
			'algorithmJob',
			() => ({ outputImage: by('url', `${site()}/cases/images/${outputImage()}/`) }),
			() => [String(job.pk)],
		],
		['reader study', 'image', () => ({ readerStudy: id('nodule-reading') }), () => lung()],
		['algorithm', 'containerImage', () => ({ algorithm: id('clinical-echo') }), () => [world.state.algorithmImages.echo?.pk]],
		[
			'phase',
			'evaluation',
			() => ({ phase: String(world.state.phases.preliminary?.pk).toUpperCase() }),
			() => ['main', 'reader', 'failed', 'algorithm'].map((name) => world.state.evaluations[name]?.pk).sort(),
		],
	])('by %s (%s)', async (_, resource, filters, expected) => {
		const found = await world.run(
			`${resource}.getMany`,
			{ returnAll: true, filters: filters() },
			{ items: items({ archive: world.state.archives.lung?.pk }) },
		);
		expect(found.error?.message).toBeUndefined();
		expect(
			json(found)
				.map(({ pk }) => pk)
				.sort(),
		).toEqual(expected());
	});
});

describe('of a reader study', () => {
	const nodules = { readerStudy: id('nodule-reading'), returnAll: true };
	const all = async (operation: string, filters: IDataObject = {}) => {
		const { error, items: found } = await world.run(operation, { ...nodules, filters: filters as INodeParameters });
		expect(error?.message).toBeUndefined();
		return found.map(({ json: entry }) => entry);
	};

	it('answers come by reader, display set and as ground truth or not', async () => {
		const answers = await all('answer.getMany');
		const truth = answers.filter(({ is_ground_truth }) => is_ground_truth);
		const first = world.state.displaySets.nodules1?.pk;
		expect(truth.length).toBeGreaterThan(0);
		expect(truth.length).toBeLessThan(answers.length);
		expect(await all('answer.getMany', { groundTruth: true })).toEqual(truth);
		expect(await all('answer.getMany', { groundTruth: false })).toEqual(answers.filter(({ is_ground_truth }) => !is_ground_truth));
		expect(await all('answer.getMany', { reader: 'reader2' })).toEqual(answers.filter(({ creator }) => creator === 'reader2'));
		expect(await all('answer.getMany', { displaySet: id(first ?? '') })).toEqual(answers.filter(({ display_set }) => display_set === first));
	});

	it('display sets come by whether they are unanswered', async () => {
		const sets = await all('displaySet.getMany');
		const asReader = { credentials: world.credentials({ token: world.sandbox.tokens.reader }) };
		const unanswered = await world.run('displaySet.getMany', { ...nodules, filters: { unanswered: true } }, asReader);
		expect([sets.length, json(unanswered).length]).toEqual([4, 3]);
		expect(await all('displaySet.getMany', { unanswered: false })).toEqual(sets);
	});
});
