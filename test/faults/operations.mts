// Every operation of the node, in the ways that make it ask for something else. An operation that is missing here fails the tests;
// one that is listed runs through everything in this folder.
import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { SandboxState, UserName } from '../../sandbox/client.mts';
import { createDicom } from '../../sandbox/media/dicom.mts';
import { createRandom } from '../../sandbox/random.mts';
import type { Drift } from '../../sandbox/settings.mts';
import { list, member, text } from '../../client/api/json';
import { uploadSession } from '../../client/files/sessions';
import { id, makeBinary, values, type World } from '../core/fixtures/world.mts';
import { testVolume } from '../n8n/volume.mts';
import { fileOf, testClient } from '../support/client.mts';

export interface Case {
	/** "resource.operation" */
	operation: string;
	/** Which way of using it, where there are several. */
	way?: string;
	/** For what must not be there twice, each input item has another text in its field `unique`. */
	parameters: (seed: SandboxState) => INodeParameters;
	/** The input item, an empty one unless given. */
	item?: (seed: SandboxState) => Promise<INodeExecutionData> | INodeExecutionData;
	/** Whose account it is; that of `main` unless given. */
	user?: UserName;
	/** The state of the platform that has it; B unless given. */
	drift?: Drift;
	/** Makes on the platform what an input item needs, and gives the fields of the item. */
	given?: (world: World) => Promise<IDataObject>;
	/** Whether nothing happens on the platform meanwhile, which would show in the result. */
	still?: true;
	/** The requests that look at what is awaited: their shape, how many others of it come before, the shape of those that tell why it does not come, of others that look, and of those that tell how often to look. */
	looks?: { shape: string; after: number; reason?: string; also?: string; hint?: string };
	/** What comes when the time for that is over: the reason of an error, or the item as it was seen last. */
	atItsLimit?: 'timeLimit' | 'item';
	/** Whether the platform can be asked what a lost answer to its POST has left. */
	byName?: true;
	/** Whether what it has begun is kept when it fails, to be gone on with. */
	keeps?: true;
	/** The shape of requests that another way covers, since here the platform is done before it can be asked what a lost answer has left. */
	elsewhere?: string;
	/** Whether it makes no requests of its own. */
	offline?: true;
}

/** Which of the files of the table tests it: these take about the same time. */
export const tableOf = ({ operation }: Case): 'cases' | 'jobs' | 'rest' => {
	if (/^(archiveItem|displaySet)\./.test(operation)) return 'cases';
	return operation.startsWith('algorithmJob.') ? 'jobs' : 'rest';
};

const pkOf = (named: { pk: string } | undefined): string => {
	if (named === undefined) throw new Error('The seed has no such thing');
	return named.pk;
};

const uniqueValue = values({ json: [['clinical-information', '={{ JSON.stringify({ unique: $json.unique }) }}']] });

const dicomSet = { dicom: [{ socket: id('ct-dicom-series'), field: 'data', imageName: 'series' }] };

const lungVolume = id('lung-volume-above-threshold');
const lungs = id('lung-phantoms');
const incoming = id('incoming-cases');
const practice = id('practice-study');

/** A volume that both imports and computes. */
const scan = async () => ({ json: {}, binary: { data: await makeBinary(testVolume(4).bytes, 'scan.mha') } });

const textFile = async () => ({ json: {}, binary: { data: await makeBinary(Buffer.from('a,b\n1,2\n'), 'table.csv') } });

/** A slice of a CT series. */
const dicomSlice = async () => {
	const { bytes } = createDicom({ random: createRandom(1), studyUid: '1.2.3', seriesUid: '1.2.3.1', instance: 1, size: 8 });
	return { json: {}, binary: { data: await makeBinary(bytes, 'slice.dcm') } };
};

/** An upload that was begun. */
const begunUpload = async (world: World) => ({ upload: text(await world.api('/api/v1/uploads/', 'POST', { filename: 'scan.mha' }), 'pk') });

/** An upload session whose image goes into a display set. */
const runningSession = async ({ sandbox, state }: World) => {
	const { bytes } = testVolume(4);
	const target = { display_set: state.displaySets.practice3?.pk, interface: 'ct-image' };
	const session = await uploadSession(testClient(sandbox).gc, [fileOf('scan.mha', bytes)], 'a session', target);
	return { session: text(session, 'pk') };
};

/** An endpoint, always the same one. */
export const endpoint = async (world: World) => {
	const [known] = list(await world.api('/api/v1/algorithms/endpoints/'), 'results');
	const { algorithms } = world.state;
	const made = known ?? (await world.api('/api/v1/algorithms/endpoints/', 'POST', { algorithm: algorithms.threshold?.api_url }));
	return { endpoint: text(made, 'pk') };
};

/** What a run on it has given. */
export const invocation = async (world: World) => {
	const { endpoint: pk } = await endpoint(world);
	const [known] = list(await world.api('/api/v1/algorithms/invocations/'), 'results');
	if (known) return { invocation: text(known, 'pk') };
	await world.sandbox.settle();
	const inputs = [{ interface: 'ct-image', image: world.state.images.lung1?.api_url }];
	const made = await world.api('/api/v1/algorithms/invocations/', 'POST', { endpoint: `/api/v1/algorithms/endpoints/${pk}/`, inputs });
	await world.sandbox.settle();
	return { invocation: text(made, 'pk') };
};

/** A job that was just started. */
const echoJob = async (world: World) => {
	const inputs = [{ interface: 'clinical-information', value: { unique: randomUUID() } }];
	const made = await world.api('/api/v1/algorithms/jobs/', 'POST', { algorithm: world.state.algorithms.echo?.api_url, inputs });
	return { job: text(made, 'pk') };
};

/** Where a container and its model are. */
const container = async (world: World) => {
	const claimable: unknown = await world.api('/api/v1/evaluations/claimable_evaluations/');
	const [first] = list({ claimable }, 'claimable');
	return { container_url: text(member(first, 'algorithm_image'), 'image'), model_url: text(member(first, 'algorithm_model'), 'model') };
};

/** An evaluation that waits for an external evaluator. */
const toClaim = async ({ sandbox }: World) => ({ evaluation: (await sandbox.submit({ phase: 'external' })).pk });

/** One that `main` has claimed. */
const claimed = async (world: World) => {
	const { evaluation } = await toClaim(world);
	await world.api(`/api/v1/evaluations/${evaluation}/claim/`, 'PATCH', {});
	return { evaluation };
};

/** Minutes; as short as can be without ending before the platform is done. */
const LIMITED = { maxWait: 30 };
/** Jobs are looked at less and less often. */
const LIMITED_JOB = { maxWait: 300 };

/** A new case of a reader study that allows answers to be changed. */
const newCase: Case['given'] = async ({ api }) => {
	const { pk } = await api('/api/v1/reader-studies/display-sets/', 'POST', { reader_study: 'practice-study' });
	return { displaySet: pk };
};

/** An answer of one's own for a new case. */
const newAnswer: Case['given'] = async ({ api, state: { questions } }) => {
	const displaySet = await api('/api/v1/reader-studies/display-sets/', 'POST', { reader_study: 'practice-study' });
	const given = { question: questions.grade?.api_url, display_set: displaySet.api_url, answer: questions.grade?.options.Low, last_edit_duration: 10 };
	return { answer: (await api('/api/v1/reader-studies/answers/', 'POST', given)).pk };
};

const mask = async () => ({ json: {}, binary: { data: await makeBinary(testVolume(4).bytes, 'mask.mha') } });

const displaySet = id('={{ $json.displaySet }}');
const answer = id('={{ $json.answer }}');
const nodules = { readerStudy: id('nodule-reading') };

export const cases: Case[] = [
	{ operation: 'account.get', parameters: () => ({}) },
	{ operation: 'algorithm.get', way: 'by slug', parameters: () => ({ algorithm: lungVolume }) },
	{ operation: 'algorithm.get', way: 'by pk', parameters: ({ algorithms }) => ({ algorithm: id(pkOf(algorithms.threshold)) }) },
	{ operation: 'algorithm.getMany', parameters: () => ({ returnAll: true }) },
	{ operation: 'algorithmEndpoint.get', parameters: () => ({ algorithmEndpoint: id('={{ $json.endpoint }}') }), given: endpoint, drift: 'C' },
	{ operation: 'algorithmEndpoint.getMany', parameters: () => ({ filters: { algorithm: lungVolume } }), given: endpoint, drift: 'C' },
	{ operation: 'algorithmInvocation.get', parameters: () => ({ algorithmInvocation: id('={{ $json.invocation }}') }), given: invocation, drift: 'C' },
	{ operation: 'algorithmInvocation.getMany', parameters: () => ({}), given: invocation, drift: 'C' },
	{
		operation: 'algorithmJob.start',
		way: 'with a value',
		parameters: () => ({ algorithm: id('clinical-echo'), values: uniqueValue }),
		still: true,
	},
	{
		operation: 'algorithmJob.start',
		way: 'with a file',
		parameters: () => ({ algorithm: lungVolume, values: values({ binary: [['ct-image', 'data']] }) }),
		item: scan,
		still: true,
	},
	{
		operation: 'algorithmJob.startAndWait',
		way: 'with outputs',
		parameters: () => ({ algorithm: lungVolume, values: values({ binary: [['ct-image', 'data']] }), options: { ...LIMITED_JOB, downloadOutputs: true } }),
		item: scan,
		looks: { shape: 'GET /algorithms/jobs/<pk>/', after: 1, reason: 'GET /cases/upload-sessions/<pk>/' },
		atItsLimit: 'item',
	},
	{
		operation: 'algorithmJob.startAndWait',
		way: 'for some time',
		parameters: () => ({ algorithm: id('clinical-echo'), values: uniqueValue, options: LIMITED_JOB }),
		looks: { shape: 'GET /algorithms/jobs/<pk>/', after: 1 },
		atItsLimit: 'item',
	},
	{
		operation: 'algorithmJob.startAndWait',
		way: 'with files only',
		parameters: () => ({ algorithm: id('slice-counter'), values: { ...values({ binary: [['measurements-csv', 'table']] }), ...dicomSet }, options: LIMITED_JOB }),
		item: async () => ({ json: {}, binary: { ...(await dicomSlice()).binary, table: (await textFile()).binary.data } }),
		looks: { shape: 'GET /algorithms/jobs/<pk>/', after: 1 },
		atItsLimit: 'item',
	},
	{ operation: 'algorithmJob.get', parameters: ({ jobs }) => ({ job: id(pkOf(jobs[0])) }) },
	{ operation: 'algorithmJob.getMany', way: 'of an algorithm', parameters: () => ({ filters: { algorithm: lungVolume } }) },
	{ operation: 'algorithmJob.download', parameters: ({ jobs }) => ({ job: id(pkOf(jobs[0])), which: 'both' }) },
	{ operation: 'algorithmJob.wait', way: 'for one that has finished', parameters: ({ jobs }) => ({ job: id(pkOf(jobs[0])), options: { downloadOutputs: true } }) },
	{
		operation: 'algorithmJob.wait',
		way: 'for one that runs',
		parameters: () => ({ job: id('={{ $json.job }}'), options: LIMITED_JOB }),
		given: echoJob,
		looks: { shape: 'GET /algorithms/jobs/<pk>/', after: 1, hint: 'GET /algorithms/<pk>/' },
		atItsLimit: 'item',
	},
	{
		operation: 'answer.create',
		parameters: ({ questions }) => ({ question: id(pkOf(questions.grade)), displaySet, value: 'High', options: { lastEditSeconds: 12 } }),
		given: newCase,
	},
	{ operation: 'answer.update', parameters: () => ({ answer, value: 'High' }), given: newAnswer },
	{
		operation: 'answer.update',
		way: 'with a duration',
		parameters: () => ({ answer, value: 'High', options: { lastEditSeconds: 5 } }),
		given: newAnswer,
	},
	{
		operation: 'answer.uploadMask',
		parameters: ({ questions }) => ({ question: id(pkOf(questions.region)), displaySet, field: 'data', options: LIMITED }),
		given: newCase,
		item: mask,
		looks: { shape: 'GET /reader-studies/answers/<pk>/', after: 0, reason: 'GET /cases/upload-sessions/<pk>/' },
		atItsLimit: 'timeLimit',
	},
	{ operation: 'archive.get', parameters: () => ({ archive: lungs }) },
	{ operation: 'archive.getMany', parameters: () => ({ returnAll: true }) },
	{
		operation: 'archive.importImages',
		way: 'without waiting',
		parameters: () => ({ archive: incoming, inputItems: 'separate', options: { waitForImport: false } }),
		item: scan,
		still: true,
	},
	{
		operation: 'archive.importImages',
		way: 'with waiting',
		parameters: () => ({ archive: incoming, inputItems: 'separate', options: LIMITED }),
		item: scan,
		looks: { shape: 'GET /cases/upload-sessions/<pk>/', after: 0, also: 'GET /cases/images/' },
		atItsLimit: 'timeLimit',
		elsewhere: 'POST /cases/upload-sessions/',
	},
	{ operation: 'archive.download', parameters: () => ({ archive: id('legacy-and-dicom'), onlyNew: false }) },
	{
		operation: 'archive.markAsDelivered',
		parameters: () => ({}),
		item: ({ archives, items }) => ({
			json: { delivery: { archive: pkOf(archives.lung), item: pkOf(items.lung1), value: 1, file: 0, files: 1 } },
		}),
		offline: true,
	},
	{
		operation: 'archiveItem.create',
		way: 'with a DICOM image set',
		parameters: () => ({ archive: incoming, title: '', values: dicomSet, options: LIMITED }),
		item: dicomSlice,
		looks: { shape: 'GET /archives/items/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'archiveItem.create',
		way: 'with an image, a file and a value',
		parameters: ({ images }) => ({
			archive: incoming,
			title: '',
			values: values({
				json: [['patient-age', 61]],
				binary: [['measurements-csv', 'data']],
				image: [['chest-xray', pkOf(images.xray)]],
			}),
			options: LIMITED,
		}),
		item: textFile,
		looks: { shape: 'GET /archives/items/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'archiveItem.create',
		way: 'with a title, without waiting',
		parameters: () => ({
			archive: incoming,
			title: '={{ $json.unique }}',
			values: values({ binary: [['ct-image', 'data']] }),
			options: { waitForImport: false },
		}),
		item: scan,
		still: true,
		byName: true,
	},
	{
		operation: 'archiveItem.create',
		way: 'with all of another one',
		parameters: ({ items }) => ({ archive: incoming, title: '', values: { archiveItem: [{ archiveItem: id(pkOf(items.lung1)) }] }, options: LIMITED }),
		looks: { shape: 'GET /archives/items/<pk>/', after: 1 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'archiveItem.update',
		parameters: ({ items }) => ({ archiveItem: id(pkOf(items.lung3)), values: values({ binary: [['measurements-csv', 'data']] }), options: LIMITED }),
		item: textFile,
		looks: { shape: 'GET /archives/items/<pk>/', after: 1 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'archiveItem.replace',
		parameters: ({ items }) => ({ archiveItem: id(pkOf(items.lung3)), values: values({ json: [['patient-age', 61]] }) }),
		still: true,
	},
	{
		operation: 'archiveItem.wait',
		parameters: ({ items }) => ({ archiveItem: id(pkOf(items.lung1)), pending: 'ct-image', options: LIMITED }),
		looks: { shape: 'GET /archives/items/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'displaySet.create',
		parameters: () => ({
			readerStudy: practice,
			title: '={{ $json.unique }}',
			values: dicomSet,
			options: { ...LIMITED, order: 500 },
		}),
		item: dicomSlice,
		looks: { shape: 'GET /reader-studies/display-sets/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
		byName: true,
	},
	{
		operation: 'displaySet.update',
		parameters: ({ displaySets }) => ({
			displaySet: id(pkOf(displaySets.practice2)),
			values: dicomSet,
			options: { ...LIMITED, title: 'Renamed' },
		}),
		item: dicomSlice,
		looks: { shape: 'GET /reader-studies/display-sets/<pk>/', after: 1 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'displaySet.replace',
		parameters: ({ displaySets }) => ({ displaySet: id(pkOf(displaySets.practice3)), values: values({ json: [['patient-age', 61]] }) }),
		still: true,
	},
	{
		operation: 'displaySet.wait',
		parameters: ({ displaySets }) => ({ displaySet: id(pkOf(displaySets.practice2)), pending: 'ct-image', options: LIMITED }),
		looks: { shape: 'GET /reader-studies/display-sets/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{ operation: 'displaySet.download', parameters: ({ displaySets }) => ({ displaySet: id(pkOf(displaySets.practice2)) }) },
	{ operation: 'archiveItem.get', parameters: ({ items }) => ({ archiveItem: id(pkOf(items.lung1)) }) },
	{ operation: 'archiveItem.getMany', parameters: () => ({ archive: lungs }) },
	{ operation: 'archiveItem.download', parameters: ({ items }) => ({ archiveItem: id(pkOf(items.lung1)) }) },
	{
		operation: 'evaluation.getMany',
		way: 'of a phase by its page',
		parameters: () => ({
			filters: { phase: 'https://nodules26.example/evaluation/preliminary-test-phase/leaderboard/' },
			options: { metricsAsColumns: true },
		}),
	},
	{
		operation: 'evaluation.getJobs',
		parameters: ({ evaluations }) => ({ evaluation: id(pkOf(evaluations.algorithm)), filters: { archive: id('nodules-test-set') } }),
		user: 'organizer',
	},
	{ operation: 'evaluation.getClaimable', parameters: () => ({}) },
	{ operation: 'evaluation.claim', parameters: () => ({ evaluation: id('={{ $json.evaluation }}') }), given: toClaim },
	{
		operation: 'evaluation.report',
		parameters: () => ({ evaluation: id('={{ $json.evaluation }}'), outcome: 'Succeeded', metricsFrom: 'json', metrics: '{ "aggregates": { "dice": 0.5 } }' }),
		given: claimed,
	},
	{ operation: 'containerImage.download', parameters: () => ({ containerImage: id('={{ $json.container_url }}') }), given: container },
	{
		operation: 'containerImage.download',
		way: 'with its model',
		parameters: () => ({ containerImage: id('={{ $json.container_url }}'), modelUrl: '={{ $json.model_url }}' }),
		given: container,
	},
	{ operation: 'image.get', parameters: ({ images }) => ({ image: id(pkOf(images.lung1)) }) },
	{ operation: 'image.getMany', way: 'of an archive', parameters: () => ({ filters: { archive: lungs } }) },
	{ operation: 'image.deidentifyDicom', parameters: () => ({}), item: dicomSlice, offline: true },
	{ operation: 'image.download', way: 'of two files', parameters: ({ images }) => ({ image: id(pkOf(images.legacy)) }) },
	{ operation: 'image.download', way: 'of DICOM instances', parameters: ({ images }) => ({ image: id(pkOf(images.dicom)) }) },
	...[
		{ resource: 'answer', pk: ({ answers }: SandboxState) => pkOf(answers.truthPresent1), scope: nodules },
		{ resource: 'challenge', pk: ({ challenges }: SandboxState) => pkOf(challenges.nodules) },
		{ resource: 'containerImage', pk: ({ algorithmImages }: SandboxState) => pkOf(algorithmImages.threshold) },
		{ resource: 'displaySet', pk: ({ displaySets }: SandboxState) => pkOf(displaySets.nodules1), scope: nodules },
		{ resource: 'evaluation', pk: ({ evaluations }: SandboxState) => pkOf(evaluations.main) },
		{ resource: 'question', pk: ({ questions }: SandboxState) => pkOf(questions.present), scope: nodules },
		{ resource: 'readerStudy', pk: ({ readerStudies }: SandboxState) => pkOf(readerStudies.nodules) },
		{ resource: 'upload', pk: ({ uploads }: SandboxState) => pkOf(uploads[0]) },
		{ resource: 'uploadSession', pk: ({ sessions }: SandboxState) => pkOf(sessions[0]) },
		{ resource: 'viewer', pk: ({ workstations }: SandboxState) => pkOf(workstations.main) },
		{ resource: 'viewerConfiguration', pk: ({ workstationConfigs }: SandboxState) => pkOf(workstationConfigs.chest) },
		{ resource: 'viewerSession', pk: ({ viewerSessions }: SandboxState) => pkOf(viewerSessions.running) },
	].flatMap(({ resource, pk, scope = {} }): Case[] => [
		{ operation: `${resource}.get`, parameters: (seed) => ({ [resource]: id(pk(seed)) }) },
		{ operation: `${resource}.getMany`, parameters: () => scope },
	]),
	{ operation: 'answer.getMany', way: 'only mine', parameters: () => ({ ...nodules, filters: { onlyMine: true } }) },
	{ operation: 'displaySet.getMany', way: 'of a reader', parameters: () => ({ ...nodules, filters: { unanswered: true, reader: 'reader' } }) },
	{ operation: 'readerStudy.exportAnswers', parameters: () => ({ ...nodules, rows: 'cases', options: { imageNames: true } }) },
	{ operation: 'readerStudy.exportAnswers', way: 'with masks', parameters: () => ({ ...nodules, rows: 'answers', options: { downloadMasks: true } }) },
	{
		operation: 'readerStudy.getGroundTruth',
		parameters: ({ displaySets }) => ({ ...nodules, displaySet: id(pkOf(displaySets.nodules1)) }),
	},
	{ operation: 'readerStudy.getProgress', way: 'of a reader', parameters: () => ({ ...nodules, readers: 'reader' }) },
	{ operation: 'readerStudy.getProgress', way: 'of everybody', parameters: () => ({ ...nodules, options: { unansweredCases: true } }) },
	{ operation: 'upload.create', parameters: () => ({}), item: scan, keeps: true },
	{ operation: 'upload.resume', parameters: () => ({ upload: id('={{ $json.upload }}') }), item: scan, given: begunUpload, keeps: true },
	{ operation: 'upload.abort', parameters: () => ({ upload: id('={{ $json.upload }}') }), given: begunUpload, keeps: true },
	{ operation: 'uploadSession.create', way: 'to be used later', parameters: () => ({}), item: scan },
	{
		operation: 'uploadSession.create',
		way: 'for a display set',
		parameters: ({ displaySets }) => ({ target: 'displaySet', displaySet: id(pkOf(displaySets.practice3)), socket: id('ct-image') }),
		item: scan,
		still: true,
	},
	{
		operation: 'uploadSession.wait',
		way: 'for one that is done',
		parameters: ({ sessions }) => ({ uploadSession: id(pkOf(sessions[0])), options: LIMITED }),
		looks: { shape: 'GET /cases/upload-sessions/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{
		operation: 'uploadSession.wait',
		way: 'for one that runs',
		parameters: () => ({ uploadSession: id('={{ $json.session }}'), options: LIMITED }),
		given: runningSession,
		looks: { shape: 'GET /cases/upload-sessions/<pk>/', after: 0 },
		atItsLimit: 'timeLimit',
	},
	{ operation: 'viewerSession.keepAlive', parameters: ({ viewerSessions }) => ({ viewerSession: id(pkOf(viewerSessions.running)) }) },
	{ operation: 'socket.get', parameters: () => ({ socket: id('ct-image') }) },
	{ operation: 'socket.getMany', parameters: () => ({ returnAll: true }) },
];

export const titleOf = ({ operation, way }: Case): string => (way === undefined ? operation : `${operation} ${way}`);
