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
const lungVolume = id('lung-volume-above-threshold');

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
		for (const attempt of [node('archive.get', { archive: id('no-such-archive') }), node('archive.get', { archive: lungs }, { user: 'other' })]) {
			await attempt.then(
				() => Promise.reject(new Error('It was found')),
				(error: Error) => (/does not show/.test(error.message) ? undefined : Promise.reject(error)),
			);
		}
		const [archive] = await node('archive.get', { archive: lungs, ...RAW });
		const [study] = await node('readerStudy.get', { readerStudy: id('practice-study'), ...RAW });
		return jsonOf([algorithm, archive, study].filter((item) => item !== undefined));
	},

	'usage/archive/create_archive_items': async (workflow) => {
		await workflow.node('archiveItem.create', { archive: id('incoming-cases'), values: threeSockets }, { items: await patients(workflow) });
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
		const questions = jsonOf(await node('question.getMany', { readerStudy, ...ALL }));
		const options = new Map(questions.map(({ api_url, answer_type, options }) => [api_url, /choice/i.test(String(answer_type)) ? (options as Array<{ id: number; title: string }>) : undefined]));
		const titles = all.flatMap(({ pk, question, answer }) => {
			const known = options.get(question);
			return known === undefined ? [] : [[pk, known.filter((option) => [answer].flat().includes(option.id)).map(({ title }) => title)]];
		});
		return { all, own, by_reader: byReader, per_display_set: perDisplaySet, titles: Object.fromEntries(titles) as unknown, masks: await tree(masks, () => '') };
	},

	'usage/retries/handling_limits': async ({ node, file, addFault }) => {
		await addFault({ match: { method: 'POST', path: '/uploads/$' }, times: 2, action: { status: 400, body: tooMany } });
		await node(
			'archiveItem.create',
			{
				archive: id('incoming-cases'),
				values: values({ binary: [['ct-image', 'data']] }),
				options: customRetries('400, 429, 502, 503, 504, 507'),
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

	'api/reader_studies/questions': async ({ node }) => jsonOf(await node('question.getMany', { readerStudy: id('practice-study'), ...ALL })),

	'api/images': async ({ node, seed }) => {
		const download = async (name: 'legacy' | 'dicom' | 'xray', folder: string) =>
			tree(await node('image.download', { image: id(seed.images[name]?.pk ?? '') }), () => folder);
		return { ...(await download('legacy', 'pair')), ...(await download('dicom', 'DICOM')), ...(await download('xray', 'TIFF')) };
	},

	'api/interfaces': async ({ node }) =>
		jsonOf([...(await node('socket.get', { socket: id('ct-image'), ...RAW })), ...(await node('socket.getMany', ALL))]),

	'api/algorithms and api/algorithm_images': async ({ node }) => jsonOf([...(await node('algorithm.getMany', ALL)), ...(await node('containerImage.getMany', ALL))]),

	'api/archives': async ({ node }) => jsonOf(await node('archive.getMany', ALL)),

	'api/raw_image_upload_sessions': async ({ node, file }) => {
		await node(
			'archiveItem.create',
			{ archive: id('incoming-cases'), values: values({ binary: [['ct-image', 'data']] }) },
			{ items: [{ json: {}, binary: { data: await file('patient1/lung.mha') } }] },
		);
		const [session] = jsonOf(await node('uploadSession.getMany', ALL));
		return [session?.status, (session?.image_set as unknown[]).length];
	},

	'api/workstation_configs': async ({ node, seed }) =>
		jsonOf(await node('viewerConfiguration.get', { viewerConfiguration: id(seed.workstationConfigs.chest?.pk ?? ''), ...RAW }))[0],
};
