// The harness itself, against a package made for it: what our node's tests rest on must hold without our node.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHarness, makeBinary, readBinary, type Harness } from './support/harness.mts';

const repository = join(import.meta.dirname, '..', '..');

const nodeSource = `
const { NodeApiError, NodeConnectionTypes, NodeOperationError, sleep } = require('n8n-workflow');
exports.Dummy = class Dummy {
	description = {
		displayName: 'Dummy', name: 'dummy', group: ['transform'], version: 1, description: 'For the harness', defaults: { name: 'Dummy' },
		inputs: [NodeConnectionTypes.Main], outputs: [NodeConnectionTypes.Main], credentials: [{ name: 'dummyApi', required: false }],
		properties: [
			{ displayName: 'Action', name: 'action', type: 'string', default: '', required: true },
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
		],
	};
	methods = {
		listSearch: {
			async search(filter, token) {
				return { results: [{ name: String(filter), value: String(this.getCurrentNodeParameter('action')) }], paginationToken: Number(token) + 1 };
			},
		},
		loadOptions: { async options() { return [{ name: (await this.getCredentials('dummyApi')).host, value: 1 }]; } },
	};
	async execute() {
		const actions = {
			upper: async (i) => {
				const bytes = await this.helpers.getBinaryDataBuffer(i, 'data');
				return { json: {}, binary: { data: await this.helpers.prepareBinaryData(Buffer.from(bytes.toString().toUpperCase()), 'out.txt', 'text/plain') } };
			},
			get: async (i) => ({ json: await this.helpers.httpRequestWithAuthentication.call(this, 'dummyApi', { url: this.getNodeParameter('url', i) }) }),
			wait: async () => {
				const signal = this.getExecutionCancelSignal();
				await sleep(60000, signal).catch(() => { throw new NodeOperationError(this.getNode(), 'The execution was canceled'); });
			},
			count: async () => {
				const data = this.getWorkflowStaticData('global');
				data.n = (data.n ?? 0) + 1;
				this.addExecutionHints({ message: 'counted' });
				this.logger.warn('counting', { secret: 'log-leak' });
				return { json: { n: data.n } };
			},
			fail: async (i) => { this.getContext('node').tries = (this.getContext('node').tries ?? 0) + 1; throw new NodeOperationError(this.getNode(), 'no ' + this.getContext('node').tries, { itemIndex: i }); },
		};
		const out = [];
		for (const i of this.getInputData().keys()) {
			try {
				out.push({ ...(await actions[this.getNodeParameter('action', i)](i)), pairedItem: { item: i } });
			} catch (error) {
				if (!this.continueOnFail()) throw error;
				out.push({ json: { error: error.message }, pairedItem: { item: i } });
			}
		}
		return [out];
	}
};
`;

const credentialSource = `
exports.DummyApi = class DummyApi {
	name = 'dummyApi';
	displayName = 'Dummy';
	properties = [
		{ displayName: 'Token', name: 'token', type: 'string', default: '' },
		{ displayName: 'Host', name: 'host', type: 'string', default: 'a default' },
	];
	authenticate = async (credentials, options) => ({ ...options, headers: { ...options.headers, Authorization: 'Bearer ' + credentials.token } });
	test = { request: { baseURL: '={{$credentials.host}}', url: '/' }, rules: [{ type: 'responseCode', properties: { value: 401, message: 'Wrong token' } }] };
};
`;

const makePackage = (): string => {
	const dir = mkdtempSync(join(tmpdir(), 'harness-package-'));
	mkdirSync(join(dir, 'dist'));
	writeFileSync(join(dir, 'dist', 'Dummy.node.js'), nodeSource);
	writeFileSync(join(dir, 'dist', 'DummyApi.credentials.js'), credentialSource);
	symlinkSync(join(repository, 'node_modules'), join(dir, 'node_modules'));
	const n8n = { n8nNodesApiVersion: 1, nodes: ['dist/Dummy.node.js'], credentials: ['dist/DummyApi.credentials.js'] };
	writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'n8n-nodes-dummy', version: '1.0.0', n8n }));
	return dir;
};

const listen = async (): Promise<{ server: Server; url: string }> => {
	const server = createServer((request, response) => {
		response.statusCode = request.headers.authorization === 'Bearer right' ? 200 : 401;
		response.setHeader('content-type', 'application/json').end(JSON.stringify({ sent: request.headers.authorization }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return { server, url: `http://127.0.0.1:${address.port}` };
};

describe.each(['filesystem', 'default'] as const)('binary mode %s', (binaryMode) => {
	const packageDir = makePackage();
	let n8n: Harness;
	beforeAll(async () => {
		n8n = await startHarness({ binaryMode, packageDir });
	});
	afterAll(() => {
		n8n.stop();
		rmSync(packageDir, { recursive: true });
	});

	it('hands binary data in and out, paired with the input', async () => {
		const items = [
			{ json: {}, binary: { data: await makeBinary(Buffer.from('one'), 'a.txt') } },
			{ json: {}, binary: { data: await makeBinary(Buffer.from('two'), 'b.txt') } },
		];
		const { status, items: out } = await n8n.runNode({ parameters: { action: 'upper' }, items });
		expect(status).toBe('success');
		expect((await readBinary(out[1])).toString()).toBe('TWO');
		expect(out[1]?.pairedItem).toEqual({ item: 1 });
		expect(out[1]?.binary?.data?.id !== undefined).toBe(binaryMode === 'filesystem');
	});
});

describe('a node under the harness', () => {
	const packageDir = makePackage();
	let n8n: Harness;
	let web: { server: Server; url: string };
	beforeAll(async () => {
		jest.spyOn(console, 'debug').mockReturnValue();
		n8n = await startHarness({ packageDir });
		web = await listen();
	});
	afterAll(() => {
		n8n.stop();
		jest.restoreAllMocks();
		web.server.close();
		rmSync(packageDir, { recursive: true });
	});

	it('signs requests with the credential’s own function', async () => {
		const { items } = await n8n.runNode({
			parameters: { action: 'get', url: web.url },
			credentials: { token: 'right' },
		});
		expect(items[0]?.json).toEqual({ sent: 'Bearer right' });
	});

	it('reports the error that stops the run', async () => {
		const { status, error, outputs } = await n8n.runNode({
			parameters: { action: 'get', url: web.url },
			credentials: { token: 'wrong' },
		});
		expect(status).toBe('error');
		expect(error).toMatchObject({ name: 'NodeApiError', httpCode: '401' });
		expect(outputs).toEqual([]);
	});

	it('reads a refused connection as n8n does', async () => {
		const { error } = await n8n.runNode({
			parameters: { action: 'get', url: 'http://127.0.0.1:1' },
			credentials: { token: 'x' },
		});
		expect(error).toMatchObject({ name: 'NodeApiError', httpCode: 'ECONNREFUSED' });
	});

	it('sends error items to the error output', async () => {
		const { status, outputs } = await n8n.runNode({ parameters: { action: 'fail' }, onError: 'continueErrorOutput' });
		expect(status).toBe('success');
		expect(outputs.map((items) => items.length)).toEqual([0, 1]);
		expect(outputs[1]?.[0]?.json).toEqual({ error: 'no 1' });
	});

	it('runs the node again with Retry On Fail, keeping its context', async () => {
		const { error } = await n8n.runNode({ parameters: { action: 'fail' }, retryOnFail: true });
		expect(error?.message).toBe('no 3');
	});

	it('cancels a running node', async () => {
		const run = n8n.startNode({ parameters: { action: 'wait' } });
		setTimeout(() => run.cancel(), 50);
		expect((await run.finished).status).toBe('canceled');
	});

	it('refuses parameters that do not fit the description', async () => {
		const { status, error } = await n8n.runNode({ parameters: { action: '' } });
		expect(status).toBe('error');
		expect(error?.name).toBe('WorkflowHasIssuesError');
	});

	it('keeps static data between runs', async () => {
		const first = await n8n.runNode({ parameters: { action: 'count' } });
		const second = await n8n.runNode({ parameters: { action: 'count' }, staticData: first.staticData });
		expect(first.staticDataChanged).toBe(true);
		expect(second.items[0]?.json).toEqual({ n: 2 });
		expect(second.staticData).toEqual({ global: { n: 2 } });
		expect(second.hints.map(({ message }) => message)).toEqual(['counted']);
	});

	it('answers the editor’s questions', async () => {
		const found = await n8n.listSearch('search', { parameters: { action: 'a' }, filter: 'f', paginationToken: '2' });
		expect(found).toEqual({ results: [{ name: 'f', value: 'a' }], paginationToken: '3' });
		expect(await n8n.loadOptions('options', { credentials: { token: 'x' } })).toEqual([
			{ name: 'a default', value: 1 },
		]);
	});

	it('tests the credential as the dialog does', async () => {
		expect(await n8n.testCredential({ token: 'right', host: web.url })).toMatchObject({ status: 'OK' });
		expect(await n8n.testCredential({ token: 'wrong', host: web.url })).toEqual({
			status: 'Error',
			message: 'Wrong token',
		});
		expect(await n8n.testCredential({ token: 'x', host: 'http://127.0.0.1:1' })).toEqual({
			status: 'Error',
			message: 'ECONNREFUSED',
		});
	});

	it('finds a secret in the log, on the console and in the saved execution', async () => {
		n8n.clearTranscript();
		await n8n.runNode({ parameters: { action: 'count' } });
		expect(n8n.transcript()).toContain('log-leak');
		n8n.clearTranscript();
		await n8n.runNode({ parameters: { action: 'get', url: web.url }, credentials: { token: 'right' } });
		expect(n8n.transcript()).toContain('Bearer right');
		n8n.clearTranscript();
		console.debug('console-leak');
		expect(n8n.transcript()).toContain('console-leak');
	});
});
