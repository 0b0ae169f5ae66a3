import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SandboxState, SpawnedSandbox } from '../../sandbox/client.mts';
import type { FaultRule } from '../../sandbox/faults.mts';
import type { Settings } from '../../sandbox/settings.mts';
import { currentLine } from '../../scripts/setup.mjs';
import { shows, type Editor } from './browser-editor.mts';
import type { Checks } from './checks.mts';
import { emptyFolder } from './files.mts';
import { freePort, type WorkflowNode } from './instance.mts';
import { testVolume } from './volume.mts';
import { byId, grandChallenge, readFile, type NodeSketch } from './workflows.mts';
import { credentialFor, type World } from './world.mts';

/** Something that goes wrong, and what people read of it. */
interface Wrong {
	/** In words; the node is called so. */
	what: string;
	/** `resource.operation` of the node; the trigger where there is none. */
	operation?: string;
	parameters: Record<string, unknown>;
	/** The node that gives it its items. */
	after?: string;
	/** What the credential has, of which nothing else is wrong. */
	credential?: Record<string, unknown>;
	/** How the platform answers. */
	faults?: FaultRule[];
	settings?: Partial<Settings>;
	/** The lines of n8n that it is tried on; the current one unless given. */
	on?: 'older' | 'both';
	/** What happened. `<site>` and `<host>` stand for the platform, `<pk>` for any pk. */
	title: string;
	/** What to do about it. */
	description: string;
}

const api = (path: string, action: FaultRule['action']): FaultRule => ({ match: { origin: 'api', path }, times: -1, action });
const noRetries = { retryStrategy: 'none' };
const fewRetries = { retryStrategy: 'custom', customRetries: { values: { tries: 2, firstDelay: 10 } } };
const valueOf = (kind: string, socket: string, given: object) => ({ [kind]: [{ socket: byId(socket), ...given }] });
const newCase = (values: object, options: object = {}) => ({
	operation: 'archiveItem.create',
	parameters: { archive: byId('incoming-cases'), title: '', values, options },
});
const newJob = (algorithm: string, values: object, options: object = {}) => ({
	operation: 'algorithmJob.startAndWait',
	parameters: { algorithm: byId(algorithm), values, options },
});
const age = (value = '61') => valueOf('json', 'patient-age', { value });
const scan = valueOf('binary', 'ct-image', { field: 'data' });

const wrongs = ({ origins }: SpawnedSandbox, { items, images }: SandboxState, closedPort: number): Wrong[] => [
	{
		what: 'Token Nobody Knows',
		operation: 'archive.getMany',
		parameters: {},
		credential: { token: 'f'.repeat(64) },
		title: 'Grand Challenge does not know this API token (Invalid token)',
		description: 'Create a token at <site>/settings/api-tokens/create/ and put it into the credential',
	},
	{
		what: 'Base URL Without Encryption',
		operation: 'archive.getMany',
		parameters: {},
		credential: { allowHttp: false },
		title: 'The base URL is not encrypted (http), so the API token could be read on its way',
		description: "Use https, or switch on 'Allow Plain HTTP' in the credential for a server on your own machine",
	},
	{
		what: 'Base URL of Another Site',
		operation: 'archive.getMany',
		parameters: {},
		credential: { baseUrl: origins.download },
		faults: [{ match: { origin: 'download' }, times: -1, action: { body: '<html><h1>It works!</h1></html>', contentType: 'text/html' } }],
		title: '<other host> answered with a web page instead of the list of archives',
		description: "Check the 'Base URL' of the credential; it may not be a Grand Challenge site",
	},
	{
		what: 'Base URL Where Nobody Answers',
		operation: 'archive.getMany',
		parameters: { options: fewRetries },
		credential: { baseUrl: `http://127.0.0.1:${closedPort}` },
		title: 'Grand Challenge could not be reached (connection refused) when asked for the list of archives',
		description: "Check the 'Base URL' of the credential and your network",
	},
	{
		what: 'Permission Missing',
		operation: 'archiveItem.update',
		parameters: { archiveItem: byId(items.readOnly1?.pk ?? ''), values: age() },
		title: 'This account has no permission for the values of the archive item',
		description: 'Ask its editors for the permission, or request access on its page at <site>',
	},
	{
		what: 'Slug Unknown',
		operation: 'archive.get',
		parameters: { archive: byId('lung-phantom') },
		title: "Grand Challenge does not show archive 'lung-phantom'",
		description:
			'Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). Slugs are case-sensitive; access is requested at <site>/archives/lung-phantom/',
	},
	{
		what: 'Slug With Spaces',
		operation: 'archive.get',
		parameters: { archive: byId('lung phantoms') },
		title: "'lung phantoms' does not name one archive",
		description: 'Give its pk (such as <pk>), its slug or its URL. A slug has no blanks: it stands in the address of the page',
	},
	{
		what: 'Address of Another Site',
		operation: 'archive.get',
		parameters: { archive: { __rl: true, mode: 'url', value: 'https://other.example/archives/lung-phantoms/' } },
		title: 'The address leads to other.example, not to <host>',
		description: 'The API token is only sent to <site>. Use an address of that site, or another credential',
	},
	{
		what: 'JSON That Is None',
		...newCase(age('left')),
		title: "The value for the socket 'patient-age' is not JSON",
		description:
			'Texts stand in double quotes, as in "left"; numbers, true, false, [lists] and {"objects": 1} do not. In an expression, JSON.stringify(…) makes JSON of anything',
	},
	{
		what: 'Second Item Is Wrong',
		operation: 'archive.get',
		parameters: { archive: byId('={{ $itemIndex ? "lung phantoms" : "lung-phantoms" }}') },
		after: 'Two Files',
		on: 'both',
		title: "'lung phantoms' does not name one archive [item 1]",
		description: 'Give its pk (such as <pk>), its slug or its URL. A slug has no blanks: it stands in the address of the page',
	},
	{
		what: 'Binary Field Missing',
		...newCase(valueOf('binary', 'ct-image', { field: 'scan' })),
		after: 'Scan',
		title: "The input item has no binary data in the field 'scan'",
		description: "Name the field that holds the file in 'Input Data Field Name'; it is shown in the Binary tab of the node before",
	},
	{
		what: 'DICOM File Refused',
		operation: 'image.deidentifyDicom',
		parameters: {},
		after: 'Scan',
		title: "The file (binary field 'data' of item 0) is no DICOM file: the mark 'DICM' is missing behind its first 128 bytes",
		description: 'Give DICOM files only. Files without the mark can be rewritten with a DICOM toolkit',
	},
	{
		what: 'Value Not Accepted',
		...newCase(age('"old"')),
		on: 'both',
		title: "Grand Challenge did not accept the values of the archive item: values, patient-age: JSON does not fulfill schema: instance is not of type 'integer'",
		description: 'Check the fields that are named. The archive item <pk> was made and is empty; it can be deleted on the site',
	},
	{
		what: 'Too Many Uploads',
		operation: 'upload.create',
		parameters: { options: noRetries },
		after: 'Scan',
		settings: { maxUploads: -1 },
		title: "Grand Challenge did not accept the upload of 'scan.mha': You have created too many uploads. Please try again later.",
		description: 'Uploads that are not used disappear after a day. Wait until some have, then run the node again',
	},
	{
		what: 'Slow Down',
		operation: 'archive.getMany',
		parameters: {},
		faults: [api('/archives/', { status: 429, headers: { 'retry-after': '3600' }, body: { detail: 'Request was throttled.' } })],
		title: 'Grand Challenge asks to slow down (429)',
		description: 'Run the node again in 60 minutes, as Grand Challenge asks (at <time>)',
	},
	{
		what: 'Platform Stumbles',
		operation: 'archive.getMany',
		parameters: {},
		faults: [api('/archives/', { status: 500 })],
		title: 'Grand Challenge could not answer (500) when asked for the list of archives',
		description: 'It is overloaded, being updated, or met something unexpected. Run the node again later',
	},
	{
		what: 'Platform Silent',
		operation: 'archive.getMany',
		parameters: { options: fewRetries },
		faults: [api('/archives/', { reset: true })],
		title: 'Grand Challenge broke the connection off when asked for the list of archives',
		description: 'Run the node again later',
	},
	{
		what: 'Answer Lost',
		...newCase(age(), noRetries),
		faults: [{ match: { origin: 'api', method: 'POST', path: '/archives/items/' }, times: -1, action: { resetAfterApply: true } }],
		title: 'It is not known whether Grand Challenge has taken the archive item: it broke the connection off after the request was sent',
		description: 'Look on Grand Challenge before you run the node again, so that nothing is made twice',
	},
	{
		what: 'Upload Breaks Off',
		operation: 'upload.create',
		parameters: {},
		after: 'Scan',
		faults: [{ match: { origin: 'upload' }, times: -1, action: { status: 500, body: '<Error>?X-Amz-Signature=abc</Error>' } }],
		on: 'both',
		title: "Grand Challenge could not answer (500) when asked for the upload of 'scan.mha'",
		description:
			'It is overloaded, being updated, or met something unexpected. Run the node again later. The upload <pk> is kept for a day; Upload: Resume sends what is missing',
	},
	{
		what: 'Import Fails',
		...newCase(scan),
		after: 'Text',
		title: "Grand Challenge could not import the files of the socket 'ct-image': 1 file could not be imported",
		description:
			'Check that the files are of a format that Grand Challenge imports, and that they make up one image. The archive item <pk> was made',
	},
	{
		what: 'Import Takes Too Long',
		...newCase(scan, { maxWait: 0.01 }),
		after: 'Scan',
		settings: { importMs: 1e9 },
		title: "After 0.01 minutes there is no value for 'ct-image' yet",
		description:
			"It may still come. The platform drops a file that is not what its socket wants without a word here; its notifications on the site may say more. 'Longest Wait' sets the time. The archive item <pk> was made",
	},
	{
		what: 'Job Fails',
		...newJob('always-failing', age()),
		on: 'both',
		title: 'The job <pk> failed',
		description: 'Its page shows the reason and the log: <site>/algorithms/always-failing/jobs/<pk>/',
	},
	{
		what: 'Job Was Run Before',
		...newJob('always-failing', age()),
		title: 'Grand Challenge did not accept the job of Always Failing: A result for these inputs with the current image and model already exists.',
		description:
			"Somebody has run these inputs before (a failed job counts too, and it may be one that you cannot see). 'If a Result Exists' lets the node return that result, or run anyway",
	},
	{
		what: 'Credits Used Up',
		...newJob('always-failing', age('62')),
		settings: { credits: 0, complimentaryJobs: 0 },
		title: 'Grand Challenge did not accept the job of Always Failing: You have run out of algorithm credits',
		description: "Credits are given per month. The algorithm's page on Grand Challenge shows what a job costs and how to get more",
	},
	{
		what: 'Too Many Jobs',
		...newJob('always-failing', age('63'), noRetries),
		settings: { maxActiveJobs: 0 },
		title: 'Grand Challenge did not accept the job of Always Failing: You have too many active jobs, please try again after they have completed',
		description: 'At most 16 of your jobs may be active at a time. Run the node again when some have finished',
	},
	{
		what: 'File Too Large for n8n',
		operation: 'image.download',
		parameters: { image: byId(images.lung1?.pk ?? '') },
		faults: [{ match: { origin: 'download' }, times: -1, action: { contentLength: 500_000_000 } }],
		on: 'older',
		title: "n8n keeps files in memory here, which cannot hold 'lung-1.mha' (500.0 MB)",
		description:
			'Let n8n keep them on disk: set N8N_DEFAULT_BINARY_DATA_MODE=filesystem. The most it holds in memory is 402.7 MB a file',
	},
	{
		what: 'Trigger of an Unknown Archive',
		parameters: { event: 'archiveItemAdded', archive: byId('lung-phantom') },
		on: 'both',
		title: "Grand Challenge does not show archive 'lung-phantom'",
		description:
			'Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). Slugs are case-sensitive; access is requested at <site>/archives/lung-phantom/',
	},
];

/** Each thing that can go wrong is shown in the editor in words that a person can act on. */
export const checkErrors = async (world: World, editor: Editor, line: string, { check }: Checks): Promise<void> => {
	const { sandbox, session, instance } = world;
	const state = await sandbox.reset();
	const settings = await sandbox.settings();
	const here = line === currentLine ? 'current' : 'older';
	const rows = wrongs(sandbox, state, await freePort()).filter(({ on = 'current' }) => on === here || on === 'both');
	await emptyFolder(instance.files);
	await writeFile(join(instance.files, 'scan.mha'), testVolume(6).bytes);
	await writeFile(join(instance.files, 'text.mha'), 'This is no image.');
	const nodes = await Promise.all(rows.map(async (row) => withOwnCredential(world, row)));
	const page = `/workflow/${await session.createWorkflow(beside(nodes, rows, instance.files))}`;
	await editor.open(page);
	const part = async (name: string) => told(await editor.at(`node-error-${name}`).innerText(), sandbox);
	const provoke = async ({ what, faults = [], settings: limits = {}, title, description }: Wrong) => {
		await sandbox.addFaults(...faults);
		await sandbox.changeSettings(limits);
		try {
			await editor.openNode(what);
			await editor.execute();
			// n8n names the item a moment after the rest.
			await shows(async () => ({ title: await part('message'), description: await part('description') }), { title, description });
			assert.doesNotMatch(await editor.at('output-panel').innerHTML(), new RegExp(`${sandbox.tokens.main}|X-Amz-|\\[object`));
			await editor.closeNode();
			// n8n 2 answers 500 to a step that is executed after another one has failed.
			await editor.at('clear-execution-data-button').click();
		} catch (error) {
			await editor.open(page);
			throw error;
		} finally {
			await sandbox.clearFaults();
			await sandbox.changeSettings(settings);
		}
	};
	for (const row of rows) await check(`browser: what is said when it goes wrong: ${row.what}`, () => provoke(row));
};

/** What was read, without what is another one each time. */
const told = (text: string, { origins }: SpawnedSandbox): string =>
	text
		.replaceAll(origins.api, '<site>')
		.replaceAll(new URL(origins.api).host, '<host>')
		.replaceAll(new URL(origins.download).host, '<other host>')
		.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<pk>')
		.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');

const nodeFor = ({ what, operation, parameters }: Wrong): NodeSketch => {
	if (operation !== undefined) {
		const [resource = '', name = ''] = operation.split('.');
		return grandChallenge(what, resource, name, parameters);
	}
	const node = grandChallenge(what, '', '', {});
	return { ...node, type: `${node.type}Trigger`, parameters: { ...parameters, options: {} } };
};

const withOwnCredential = async ({ session, sandbox }: World, row: Wrong): Promise<NodeSketch> => {
	const node = nodeFor(row);
	if (!row.credential) return node;
	const { type, data } = credentialFor(sandbox);
	const id = await session.createCredential({ name: row.what, type, data: { ...data, ...row.credential } });
	return { ...node, credentials: { grandChallengeApi: { id, name: row.what } } };
};

/** All of them beside each other, each fed by what it is after. */
const beside = (failing: NodeSketch[], rows: Wrong[], files: string) => {
	const start: NodeSketch = { name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };
	const readers = Object.entries({ Scan: 'scan.mha', Text: 'text.mha', 'Two Files': '*.mha' }).map(([name, file]) => readFile(name, join(files, file)));
	const place = (nodes: NodeSketch[], top: number): WorkflowNode[] =>
		nodes.map((node, i) => ({ ...node, id: node.name, position: [(i % 6) * 220, top + Math.floor(i / 6) * 160] }));
	const to = (names: string[]) => ({ main: [names.map((node) => ({ node, type: 'main', index: 0 }))] });
	const after = (name?: string) => rows.filter((row) => row.after === name && row.operation !== undefined).map(({ what }) => what);
	return {
		name: 'What Can Go Wrong',
		nodes: [...place([start, ...readers], 0), ...place(failing, 200)],
		connections: {
			Start: to([...readers.map(({ name }) => name), ...after()]),
			...Object.fromEntries(readers.map(({ name }) => [name, to(after(name))])),
		},
		settings: { executionOrder: 'v1' },
	};
};
