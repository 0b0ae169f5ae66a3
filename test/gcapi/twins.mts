// What the recipes of gcapi's documentation do, done with our node: page → the nodes of a workflow, one after the other. Each gives
// what it has read, in the form in which the recipe gives it.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { SandboxState, UserName } from '../../sandbox/client.mts';
import type { FaultRule } from '../../sandbox/faults.mts';
import { by, id, readBinary, values } from '../core/fixtures/world.mts';
import { type makeBinaryFromFile } from '../core/support/harness.mts';

export interface Workflow {
	seed: SandboxState;
	/** Runs our node: `operation` is "resource.operation". @throws what stops it */
	node(operation: string, parameters?: INodeParameters, options?: { items?: INodeExecutionData[]; user?: UserName }): Promise<INodeExecutionData[]>;
	/** The file of that name of those that the recipes upload, as an earlier step would give it. */
	file(name: string): ReturnType<typeof makeBinaryFromFile>;
	addFault(rule: FaultRule): Promise<void>;
}

export type Twin = (workflow: Workflow) => Promise<unknown>;

const jsonOf = (items: INodeExecutionData[]) => items.map(({ json }) => json);

/** The raw data of one object or of a list. */
const RAW = { simplify: false };
const ALL = { returnAll: true, ...RAW };

const lungs = id('lung-phantoms');
const incoming = id('incoming-cases');
const practice = id('practice-study');
const lungVolume = id('lung-volume-above-threshold');

const refused = async (attempt: Promise<unknown>, message: RegExp) => {
	const error = await attempt.then(
		() => new Error('It was not refused'),
		(reason: Error) => reason,
	);
	if (!message.test(error.message)) throw error;
};

const stem = (name: unknown) => String(name).replace(/\.[^.]*$/, '');

/** Files by their path below a folder, as the recipes tell them: hashes, and what JSON files say. */
const tree = async (items: INodeExecutionData[], folderOf: (item: INodeExecutionData) => string) => {
	const files = new Map<string, unknown>();
	for (const item of items) {
		const bytes = await readBinary(item);
		const { path: given, image, socket } = item.json;
		// Our paths start with the pk of the case or image. In it gcapi names the files of an image by its pk, we keep their names.
		const [, ...steps] = String(given).split('/');
		if (socket !== undefined && image !== undefined) steps.push(String(steps.pop()).replace(/.*(?=\.)/, '<pk>'));
		const path = join(folderOf(item), ...steps);
		files.set(path, path.endsWith('.json') ? JSON.parse(bytes.toString()) : createHash('sha256').update(bytes).digest('hex'));
	}
	return Object.fromEntries(files);
};

/** Two cases of three sockets: the items of a step that has read the folders of the patients. */
const patients = async ({ file }: Workflow): Promise<INodeExecutionData[]> =>
	Promise.all(
		[1, 2].map(async (n) => ({
			json: { score: n === 1 ? 2.1 : 7.9 },
			binary: { header: await file(`patient${n}/ct.mhd`), voxels: await file(`patient${n}/ct.raw`), lung: await file(`patient${n}/lung.mha`) },
		})),
	);

const threeSockets = values({
	binary: [
		['ct-image', 'header, voxels'],
		['lung-segmentation', 'lung'],
	],
	json: [['segmentation-threshold', '={{ $json.score }}']],
});

/** The client takes the title away when it replaces the values and none is given; our node keeps it. */
const NO_TITLE = { title: '' };

const tooMany = { non_field_errors: ['You have created too many uploads. Please try again later.'] };
const customRetries = (statuses: string) => ({
	retryStrategy: 'custom',
	customRetries: { values: { tries: 8, firstDelay: 100, longestDelay: 100, statuses } },
});

export const twins: Record<string, Twin> = {
	'getting-started': async ({ node }) => {
		const [algorithm] = await node('algorithm.get', { algorithm: lungVolume, ...RAW });
		for (const chosen of [id(String(algorithm?.json.pk)), by('url', String(algorithm?.json.api_url))]) {
			const [same] = await node('algorithm.get', { algorithm: chosen, ...RAW });
			if (JSON.stringify(same?.json) !== JSON.stringify(algorithm?.json)) throw new Error('It is another one');
		}
		await refused(node('archive.get', { archive: id('no-such-archive') }), /does not show/);
		await refused(node('archive.get', { archive: lungs }, { user: 'other' }), /does not show/);
		const [archive] = await node('archive.get', { archive: lungs, ...RAW });
		const [study] = await node('readerStudy.get', { readerStudy: id('practice-study'), ...RAW });
		return jsonOf([algorithm, archive, study].filter((item) => item !== undefined));
	},

	'usage/archive/create_archive_items': async (workflow) => {
		await workflow.node('archiveItem.create', { archive: incoming, values: threeSockets }, { items: await patients(workflow) });
	},

	'usage/archive/update_archive_items': async ({ node, file }) => {
		const [item] = (await node('archiveItem.getMany', { archive: lungs, returnAll: true })).filter(({ json }) => json.title === 'Case 3');
		await node(
			'archiveItem.update',
			{
				archiveItem: '={{ $json.pk }}',
				values: values({ binary: [['radiology-report', 'data']], json: [['patient-age', 19]] }),
				options: { title: 'Archive item with updated values' },
			},
			{ items: [{ json: item?.json ?? {}, binary: { data: await file('report.pdf') } }] },
		);
	},

	'usage/archive/download_archive_items': async ({ node }) => {
		const images = await node('image.getMany', { returnAll: true, filters: { archive: lungs } });
		const imageFiles = await node('image.download', { image: '={{ $json.pk }}' }, { items: images });
		const files = await node('archive.download', { archive: lungs, onlyNew: false });
		return { ...(await tree(imageFiles, () => 'images')), ...(await tree(files, ({ json }) => `items/${String(json.title)}`)) };
	},

	'usage/algorithm/start_algorithm_jobs': async ({ node, file, seed }) => {
		const image = seed.images.lung1?.pk ?? '';
		const jobs = [
			await node(
				'algorithmJob.startAndWait',
				{
					algorithm: lungVolume,
					values: values({ binary: [['ct-image', 'first, second']], json: [['segmentation-threshold', 42]] }),
				},
				{ items: [{ json: {}, binary: { first: await file('0.dcm'), second: await file('1.dcm') } }] },
			),
			await node(
				'algorithmJob.startAndWait',
				{
					algorithm: lungVolume,
					values: values({ image: [['ct-image', image]], json: [['segmentation-threshold', '={{ $json.data }}']] }),
				},
				// n8n's Extract From File has read the file.
				{ items: [{ json: { data: JSON.parse((await readBinary({ json: {}, binary: { data: await file('threshold.json') } })).toString()) as number } }] },
			),
		];
		return jsonOf(jobs.flat()).map(({ status }) => status);
	},

	'usage/algorithm/download_algorithm_outputs': async ({ node }) => {
		const images = await node('image.getMany', { limit: 2, filters: { archive: lungs } });
		await node('algorithmJob.startAndWait', { algorithm: lungVolume, values: values({ image: [['ct-image', '={{ $json.pk }}']] }) }, { items: images });
		const jobs = await node('algorithmJob.getMany', { filters: { algorithm: lungVolume } });
		const files = await node('algorithmJob.download', { job: '={{ $json.pk }}' }, { items: jobs });
		const names = new Map<unknown, string>(images.map(({ json }) => [json.pk, stem(json.name)]));
		const inputs = new Map(jobs.map(({ json }) => [json.pk, (json.inputs as Record<string, { pk: string }>)['ct-image']?.pk]));
		return tree(files, ({ json }) => names.get(inputs.get(json.job)) ?? '');
	},

	'usage/reader_study/create_display_sets': async (workflow) => {
		await workflow.node('displaySet.create', { readerStudy: practice, values: threeSockets }, { items: await patients(workflow) });
	},

	'usage/reader_study/update_display_sets': async ({ node, file }) => {
		const [, second, third] = await node('displaySet.getMany', { readerStudy: practice, returnAll: true });
		await node(
			'displaySet.update',
			{ displaySet: '={{ $json.pk }}', values: values({ binary: [['radiology-report', 'data']], json: [['patient-age', 19]] }) },
			{ items: [{ json: second?.json ?? {}, binary: { data: await file('report.pdf') } }] },
		);
		await node('displaySet.update', { displaySet: id(String(third?.json.pk)), options: { order: 15, title: 'Case 10' } });
	},

	'usage/reader_study/reuse_images_in_display_sets': async ({ node, file }) => {
		const first = await node(
			'displaySet.create',
			{ readerStudy: practice, title: 'First', values: values({ binary: [['ct-image', 'data']] }) },
			{ items: [{ json: {}, binary: { data: await file('patient1/lung.mha') } }] },
		);
		await node(
			'displaySet.create',
			{ readerStudy: practice, title: 'Second', values: { displaySet: [{ displaySet: id('={{ $json.pk }}'), sockets: 'ct-image' }] } },
			{ items: first },
		);
	},

	'usage/reader_study/download_answers': async ({ node, seed }) => {
		const readerStudy = id('nodule-reading');
		const all = jsonOf(await node('answer.getMany', { readerStudy, ...ALL }));
		const own = jsonOf(await node('answer.getMany', { readerStudy, ...ALL }, { user: 'reader' }));
		const byReader = jsonOf(await node('answer.getMany', { readerStudy, ...ALL, filters: { reader: 'reader' } }));
		const displaySets = await node('displaySet.getMany', { readerStudy, returnAll: true });
		const perDisplaySet: Record<string, unknown> = {};
		for (const { json } of displaySets) {
			perDisplaySet[String(json.title)] = jsonOf(await node('answer.getMany', { readerStudy, ...ALL, filters: { displaySet: id(String(json.pk)) } }));
		}
		const masks = await node('image.download', { image: id(seed.images.mask?.pk ?? '') });
		const exported = jsonOf(await node('readerStudy.exportAnswers', { readerStudy, rows: 'answers', options: { groundTruth: true } }));
		const chosen = exported.filter(({ answer_type }) => /choice/i.test(String(answer_type)));
		const titles = chosen.map(({ pk, answer }) => [pk, String(answer).split(', ').filter(Boolean)]);
		return { all, own, by_reader: byReader, per_display_set: perDisplaySet, titles: Object.fromEntries(titles) as unknown, masks: await tree(masks, () => '') };
	},

	'usage/retries/handling_limits': async ({ node, file, addFault }) => {
		await addFault({ match: { method: 'POST', path: '/uploads/$' }, times: 2, action: { status: 400, body: tooMany } });
		await node(
			'archiveItem.create',
			{
				archive: incoming,
				values: values({ binary: [['ct-image', 'data']] }),
				options: { retryStrategy: 'patient' },
			},
			{ items: [{ json: {}, binary: { data: await file('patient1/lung.mha') } }] },
		);
	},

	'api/retries': async ({ node, addFault }) => {
		const read: INodeExecutionData[] = [];
		for (const options of [{}, customRetries('503')]) {
			await addFault({ match: { path: '/archives/' }, times: 2, action: { status: 503 } });
			read.push(...(await node('archive.get', { archive: lungs, ...RAW, options })));
		}
		await addFault({ match: { path: '/archives/' }, action: { status: 429, headers: { 'retry-after': '0' } } });
		return jsonOf([...read, ...(await node('archive.get', { archive: lungs, ...RAW }))]);
	},

	'api/client_methods (DICOM)': async ({ node, file }) => {
		await node(
			'archiveItem.create',
			{ archive: incoming, values: { dicom: [{ socket: id('ct-dicom-series'), field: 'first, second', imageName: 'series' }] } },
			{ items: [{ json: {}, binary: { first: await file('0.dcm'), second: await file('1.dcm') } }] },
		);
	},

	'api/client_methods': async ({ node, file, seed }) => {
		const [made] = await node(
			'archiveItem.create',
			{
				archive: incoming,
				title: 'A case',
				values: {
					...values({
						image: [['generic-medical-image', seed.images.lung1?.pk ?? '']],
						json: [['acquisition-details', { kvp: 100 }]],
						binary: [['radiology-report', 'data']],
					}),
					archiveItem: [{ archiveItem: id(seed.items.lung1?.pk ?? ''), sockets: 'ct-image, measurements-csv, patient-age' }],
				},
			},
			{ items: [{ json: {}, binary: { data: await file('report.pdf') } }] },
		);
		const item = id(String(made?.json.pk));
		const [displaySet] = await node('displaySet.create', {
			readerStudy: practice,
			title: 'The same case',
			values: { archiveItem: [{ archiveItem: item, sockets: 'ct-image, radiology-report' }] },
			options: { order: 5 },
		});
		await node('displaySet.update', { displaySet: id(String(displaySet?.json.pk)), options: { title: '', order: 0 } });
		await node('archiveItem.update', { archiveItem: item, options: { title: 'Renamed' } });
		for (const place of [{ archive: incoming }, { readerStudy: practice }]) {
			const operation = 'archive' in place ? 'archiveItem.create' : 'displaySet.create';
			await refused(node(operation, { ...place, values: values({ json: [['no-such-socket', 1]] }) }), /no-such-socket/);
		}
	},

	'api/archive_items': async ({ node }) => {
		const [made] = await node('archiveItem.create', {
			archive: incoming,
			title: 'A case',
			values: values({ json: [['patient-age', 50], ['is-smoker', false]] }),
		});
		await node('archiveItem.replace', { archiveItem: id(String(made?.json.pk)), values: values({ json: [['patient-age', 50]] }), options: NO_TITLE });
	},

	'api/reader_studies/display_sets': async ({ node }) => {
		const [made] = await node('displaySet.create', {
			readerStudy: practice,
			title: 'A case',
			values: values({ json: [['patient-age', 50]] }),
			options: { order: 7 },
		});
		await node('displaySet.replace', { displaySet: id(String(made?.json.pk)), options: { ...NO_TITLE, order: 70 } });
		const { title, order, values: held } = made?.json ?? {};
		const unanswered = { readerStudy: id('nodule-reading'), ...ALL, filters: { unanswered: true } };
		const left = jsonOf(await node('displaySet.getMany', unanswered, { user: 'reader' }));
		const ofReader = jsonOf(await node('displaySet.getMany', { ...unanswered, filters: { unanswered: true, reader: 'reader' } }));
		return { made: [title, order, (held as Record<string, unknown>)['patient-age']], left, of_reader: ofReader };
	},

	'api/reader_studies/questions': async ({ node }) => jsonOf(await node('question.getMany', { readerStudy: id('practice-study'), ...ALL })),

	'api/reader_studies/answers': async ({ node, seed }) => {
		const { nodules1, nodules3, practice1 } = seed.displaySets;
		const asReader = { user: 'reader' as const };
		const question = id(seed.questions.present?.pk ?? '');
		const answer = { question, displaySet: id(nodules3?.pk ?? ''), value: 'Yes', options: { lastEditSeconds: 42 } };
		await node('answer.create', answer, asReader);
		await refused(node('answer.create', { ...answer, displaySet: id(nodules1?.pk ?? '') }, asReader), /already answered/);
		await refused(node('answer.create', { ...answer, value: 'Perhaps' }, asReader), /Perhaps/);
		const filters = { onlyMine: true, displaySet: id(practice1?.pk ?? '') };
		const given = await node('answer.getMany', { readerStudy: practice, filters }, asReader);
		await node('answer.update', { answer: '={{ $json.pk }}', value: 'High', options: { lastEditSeconds: 10 } }, { ...asReader, items: given });
	},

	'api/reader_studies/answers (mask)': async ({ node, file, seed }) => {
		const region = { question: id(seed.questions.region?.pk ?? ''), displaySet: id(seed.displaySets.practice1?.pk ?? '') };
		const items = [{ json: {}, binary: { data: await file('patient1/lung.mha') } }];
		await node('answer.uploadMask', { ...region, field: 'data' }, { user: 'reader', items });
	},

	'api/reader_studies': async ({ node, seed }) => {
		const truth = await node('readerStudy.getGroundTruth', { readerStudy: id('nodule-reading'), displaySet: id(seed.displaySets.nodules1?.pk ?? '') });
		return Object.fromEntries(
			truth.map(({ json }) => {
				const options = Object.fromEntries((json.options as Array<{ id: number; title: string }>).map((option) => [option.id, option.title]));
				const { answer, answer_text, question_text, explanation } = json;
				return [json.question, { answer, answer_text, question_text, explanation, options }];
			}),
		);
	},

	'api/algorithm_jobs': async ({ node, seed }) => {
		const inputs = values({ json: [['clinical-information', { history: ['cough'] }]] });
		await node('algorithmJob.startAndWait', { algorithm: id('clinical-echo'), values: inputs });
		const ofImage = await node('algorithmJob.getMany', { filters: { inputImage: id(seed.images.lung1?.pk ?? '') } });
		// Ours knows the filter.
		if (ofImage.length > 0) throw new Error('There is no job of that image');
	},

	'api/sessions': async ({ node, seed }) => {
		await node('viewerSession.keepAlive', { viewerSession: id(seed.viewerSessions.running?.pk ?? '') });
		return jsonOf(await node('viewerSession.getMany', ALL));
	},

	'api/models (evaluations)': async ({ node, seed }) => {
		const asEvaluator = { user: 'evaluator' as const };
		const [waiting] = await node('evaluation.getClaimable', { returnAll: true }, asEvaluator);
		const claimed = await node('evaluation.claim', { evaluation: id(String(waiting?.json.pk)) }, asEvaluator);
		await node(
			'evaluation.report',
			{ evaluation: '={{ $json.pk }}', outcome: 'Succeeded', metrics: '{"aggregates": {"dice": 0.95}}' },
			{ ...asEvaluator, items: claimed },
		);
		await refused(node('evaluation.claim', { evaluation: id(seed.evaluations.claimable2?.pk ?? '') }, asEvaluator), /claim/);
	},

	'api/images': async ({ node, seed }) => {
		const download = async (name: 'legacy' | 'dicom' | 'xray', folder: string) =>
			tree(await node('image.download', { image: id(seed.images[name]?.pk ?? '') }), () => folder);
		return { ...(await download('legacy', 'pair')), ...(await download('dicom', 'DICOM')), ...(await download('xray', 'TIFF')) };
	},

	'api/interfaces': async ({ node }) =>
		jsonOf([...(await node('socket.get', { socket: id('ct-image'), ...RAW })), ...(await node('socket.getMany', ALL))]),

	'api/algorithms and api/algorithm_images': async ({ node }) => jsonOf([...(await node('algorithm.getMany', ALL)), ...(await node('containerImage.getMany', ALL))]),

	'api/archives': async ({ node }) => jsonOf(await node('archive.getMany', ALL)),

	'api/uploads': async ({ node, file, addFault }) => {
		const names = ['big.bin', 'report.pdf', 'threshold.json', 'started.bin'];
		const items = await Promise.all(names.map(async (name) => ({ json: {}, binary: { data: await file(name) } })));
		await node('upload.create', { field: 'data' }, { items });
		// What fails keeps its upload, to be resumed or aborted.
		await addFault({ match: { origin: 'upload' }, times: -1, action: { status: 400 } });
		await refused(node('upload.create', { field: 'data' }, { items: [{ json: {}, binary: { data: await file('aborted.bin') } }] }), /aborted\.bin/);
		const left = (await node('upload.getMany', { returnAll: true })).filter(({ json }) => json.status === 'Initialized');
		await node('upload.abort', { upload: '={{ $json.pk }}' }, { items: left });
		return jsonOf(await node('upload.getMany', { returnAll: true }))
			.map(({ filename, status }) => [filename, status])
			.sort(([a], [b]) => String(a).localeCompare(String(b)));
	},

	'api/raw_image_upload_sessions': async ({ node, file }) => {
		await node(
			'archiveItem.create',
			{ archive: incoming, values: values({ binary: [['ct-image', 'data']] }) },
			{ items: [{ json: {}, binary: { data: await file('patient1/lung.mha') } }] },
		);
		const [session] = jsonOf(await node('uploadSession.getMany', ALL));
		return [session?.status, (session?.image_set as unknown[]).length];
	},

	'api/workstation_configs': async ({ node, seed }) =>
		jsonOf(await node('viewerConfiguration.get', { viewerConfiguration: id(seed.workstationConfigs.chest?.pk ?? ''), ...RAW }))[0],
};

/** What cannot be the same, and why. */
export const differences: Record<string, { why: string; text: RegExp }> = {
	'api/client_methods': {
		why: 'The file of another case is sent again under the name that its socket gives, not the one that it had',
		text: /"name":"[\w-]+\.(pdf|csv)"/g,
	},
	'api/client_methods (DICOM)': {
		why: 'New UIDs are random, with both; how a cleaned file is written down differs, and is compared in test/dicom',
		text: /"sopInstanceUid":"[\d.]+","name":"[\d.]+\.dcm","size":\d+,"sha256":"\w+"/g,
	},
};

/** Recipes that our node has no twin of, and why. */
export const withoutTwin: Record<string, string> = {
	'usage/algorithm/create_and_invoke_endpoints': 'Endpoints are for accounts with a permission of their own, and known from gcapi only; the node reads them',
	'api/models': 'Only looks whether the models of the client know all fields',
};
