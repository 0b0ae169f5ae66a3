// Runs the built package in the real n8n-core: loaded like the server loads it, executed by the real engine, only the server's
// stores (credentials, database) replaced.
import { join } from 'node:path';
import { stringify } from 'flatted';
import {
	BinaryDataConfig,
	BinaryDataService,
	ExecutionLifecycleHooks,
	ExternalSecretsProxy,
	LoadOptionsContext,
	PackageDirectoryLoader,
	PollContext,
	WorkflowExecute,
} from 'n8n-core';
import {
	NodeConnectionTypes,
	Workflow,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type INode,
	type INodeCredentialTestResult,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeParameters,
	type INodePropertyOptions,
	type INodeType,
	type NodeConnectionType,
	type INodeTypes,
	type IRun,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type NodeExecutionHint,
	type OnError,
	type ResourceMapperFields,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { container } from './core.mts';
import { testCredential, TestCredentialsHelper } from './credentials.mts';
import { startTranscript } from './transcript.mts';

export { makeBinary, makeBinaryFromFile, readBinary, streamBinary } from './binary.mts';

export interface HarnessOptions {
	/** Where n8n keeps binary data: on disk (its default) or in memory. */
	binaryMode?: 'filesystem' | 'default';
	/** The folder of the built package; this repository unless given. */
	packageDir?: string;
	/** The node of the package under test, its first one unless given. */
	node?: string;
}

export interface NodeRun {
	parameters?: INodeParameters;
	/** Input items, one empty item unless given. With none n8n does not run a node at all. */
	items?: INodeExecutionData[];
	/** The data of the credential, secret fields included. */
	credentials?: ICredentialDataDecryptedObject;
	onError?: OnError;
	/** n8n's Retry On Fail: true is three tries, 1 ms apart. */
	retryOnFail?: boolean | { maxTries: number; waitBetweenTries: number };
	/** The workflow's static data, as an earlier result gave it. */
	staticData?: IDataObject;
	/** `trigger` (a production run) unless given; `manual` is a run in the editor. */
	mode?: WorkflowExecuteMode;
	settings?: IWorkflowSettings;
}

export interface NodeResult {
	status: IRun['status'];
	/** Items per output; with `continueErrorOutput` the last output is the one for errors. */
	outputs: INodeExecutionData[][];
	/** The items of the first output. */
	items: INodeExecutionData[];
	/** What stopped the run; absent where the node went on. */
	error?: RunError;
	hints: NodeExecutionHint[];
	/** The workflow's static data after the run, a copy. */
	staticData: IDataObject;
	/** Whether n8n would save the static data (it watches for changes; a manual run never saves). */
	staticDataChanged: boolean;
	/** The engine's whole answer. */
	run?: IRun;
}

/** The fields tests look at in n8n's errors. */
export interface RunError {
	name: string;
	message: string;
	description?: string | null;
	httpCode?: string | null;
	context?: IDataObject;
}

export interface StartedNode {
	/** Stops the execution as n8n's Stop button does. */
	cancel(): void;
	/** Resolves, also after a cancel; never rejects. */
	finished: Promise<NodeResult>;
}

/** What an AI agent has in its hands. */
export interface Agent {
	/** What the model is told of each tool. */
	tools: Array<{ name: string; description: string }>;
	/** Calls a tool, and gives the text that the model reads. */
	use(tool: string, args: IDataObject): Promise<string>;
}

export interface MethodCall {
	/** The node's parameters as the editor holds them. */
	parameters?: INodeParameters;
	credentials?: ICredentialDataDecryptedObject;
	/** The path of the parameter that asks, for `&sibling` look-ups. */
	path?: string;
}

/** A trigger as n8n holds it from its activation on. */
export interface ActiveTrigger {
	/**
	 * Polls, as n8n does at activation and then at each of the node's times.
	 * @returns the items of the execution that n8n would start, none where it would start none
	 * @throws what n8n would show
	 */
	poll(): Promise<INodeExecutionData[]>;
	/** What n8n keeps in memory for the node, a copy. n8n saves it at activation and when a poll gives items. */
	memory(): IDataObject;
}

export interface Activation {
	parameters?: INodeParameters;
	credentials?: ICredentialDataDecryptedObject;
	/** What was saved for the node, as `memory` gave it. */
	memory?: IDataObject;
	/** `activate` unless given: a person publishes the workflow. `init` is a start of n8n. */
	activation?: WorkflowActivateMode;
	/** `trigger` unless given; `manual` is a trial in the editor. */
	mode?: WorkflowExecuteMode;
	/** How long n8n lets a poll take, in ms; versions of n8n that do not tell: undefined. */
	budgetMs?: number;
}

export interface Harness {
	/** The node as n8n loaded it, codex and icons included. */
	nodeType: INodeType;
	/** Every file of the package n8n loaded, for questions about its descriptions. */
	loader: PackageDirectoryLoader;
	/** Runs the node to its end. Never rejects: see `status` and `error`. */
	runNode(run: NodeRun): Promise<NodeResult>;
	/** Starts the node, to be cancelled. */
	startNode(run: NodeRun): StartedNode;
	/** Starts the node as a polling trigger. Does not poll yet. */
	activate(activation?: Activation): ActiveTrigger;
	/**
	 * Lets an AI agent work with the node: it has a tool for each entry, and `act` in place of a model.
	 * @param tools parameters of the node by the name of the tool, with $fromAI where the model fills them
	 * @throws what `act` throws
	 */
	runAgent(tools: Record<string, INodeParameters>, credentials: ICredentialDataDecryptedObject, act: (agent: Agent) => Promise<void>): Promise<void>;
	loadOptions(method: string, call?: MethodCall): Promise<INodePropertyOptions[]>;
	listSearch(
		method: string,
		call?: MethodCall & { filter?: string; paginationToken?: string },
	): Promise<INodeListSearchResult>;
	resourceMapping(method: string, call?: MethodCall): Promise<ResourceMapperFields>;
	/** What the credential dialog shows for this data. */
	testCredential(data: ICredentialDataDecryptedObject): Promise<INodeCredentialTestResult>;
	/** All that n8n logged (every level), the console said and n8n would save of the runs so far. */
	transcript(): string;
	clearTranscript(): void;
	/** Ends the harness. One at a time: start the next one after this. */
	stop(): void;
}

const workflowId = 'test-workflow';
const sourceName = 'Source';
const nodeName = 'Node';
let running = false;
let executions = 0;

const notHere = (name: string) => (): never => {
	throw new Error(`${name} is not part of the harness`);
};

const makeAdditionalData = (credentialsHelper: TestCredentialsHelper): IWorkflowExecuteAdditionalData => ({
	credentialsHelper,
	executeWorkflow: notHere('executeWorkflow'),
	getRunExecutionData: notHere('getRunExecutionData'),
	getRuntimeCredential: notHere('getRuntimeCredential'),
	startRunnerTask: notHere('startRunnerTask'),
	logAiEvent: notHere('logAiEvent'),
	externalSecretsProxy: container.get(ExternalSecretsProxy),
	currentNodeExecutionIndex: 0,
	variables: {},
	restApiUrl: 'http://localhost/rest',
	instanceBaseUrl: 'http://localhost',
	formBaseUrl: 'http://localhost/form',
	formWaitingBaseUrl: 'http://localhost/form-waiting',
	formTestBaseUrl: 'http://localhost/form-test',
	webhookBaseUrl: 'http://localhost/webhook',
	webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
	webhookTestBaseUrl: 'http://localhost/webhook-test',
	mcpBaseUrl: 'http://localhost/mcp',
	mcpTestBaseUrl: 'http://localhost/mcp-test',
});

// Stands for the step before: gives the test's items to the node, so that items are paired as in a workflow.
const makeSource = (items: INodeExecutionData[]): INodeType => ({
	description: {
		displayName: sourceName,
		name: 'source',
		group: ['input'],
		version: 1,
		description: 'Gives the items of the test',
		defaults: {},
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	},
	execute: async () => [items],
});

/**
 * Loads the built package into n8n-core.
 *
 * @throws where the package is not built, or another harness of this test file still runs
 */
export const startHarness = async (options: HarnessOptions = {}): Promise<Harness> => {
	if (running) throw new Error('Another harness is running: stop() it first');
	const transcript = startTranscript();
	container.get(BinaryDataConfig).mode = options.binaryMode ?? 'filesystem';
	await container.get(BinaryDataService).init();

	const loader = new PackageDirectoryLoader(options.packageDir ?? join(import.meta.dirname, '..', '..', '..'));
	await loader.loadAll();
	const typeName = options.node ?? Object.keys(loader.nodeTypes)[0];
	const nodeType = typeName === undefined ? undefined : loader.nodeTypes[typeName]?.type;
	if (!nodeType || !('description' in nodeType) || 'nodeVersions' in nodeType) {
		throw new Error(`The package has no (unversioned) node ${typeName ?? ''}`);
	}
	const credentialTypes = new Map(Object.values(loader.credentialTypes).map(({ type }) => [type.name, type]));
	const credentialName = nodeType.description.credentials?.[0]?.name;
	running = true;

	const makeNode = (run: NodeRun): INode => ({
		id: 'node',
		name: nodeName,
		type: nodeType.description.name,
		typeVersion: 1,
		position: [200, 0],
		parameters: run.parameters ?? {},
		...(credentialName && run.credentials ? { credentials: { [credentialName]: { id: 'test', name: 'test' } } } : {}),
		...(run.onError ? { onError: run.onError } : {}),
		...(run.retryOnFail
			? { retryOnFail: true, ...(run.retryOnFail === true ? { maxTries: 3, waitBetweenTries: 1 } : run.retryOnFail) }
			: {}),
	});

	const makeWorkflow = (node: INode, run: NodeRun): Workflow => {
		const source = makeSource(run.items ?? [{ json: {} }]);
		const sourceNode: INode = {
			id: 'source',
			name: sourceName,
			type: 'source',
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		};
		const byName = (name: string): INodeType => (name === 'source' ? source : nodeType);
		const nodeTypes: INodeTypes = { getByName: byName, getByNameAndVersion: byName, getKnownTypes: () => ({}) };
		return new Workflow({
			id: workflowId,
			name: 'Test',
			nodes: [sourceNode, node],
			connections: { [sourceName]: { main: [[{ node: nodeName, type: NodeConnectionTypes.Main, index: 0 }]] } },
			active: false,
			nodeTypes,
			settings: { executionOrder: 'v1', ...run.settings },
			staticData: structuredClone(run.staticData ?? {}),
		});
	};

	const runAgent: Harness['runAgent'] = async (tools, credentials, act) => {
		// The server makes the tool of a node in the same way.
		const toolType = Object.create(nodeType, {
			description: { value: { ...nodeType.description, name: `${nodeType.description.name}Tool`, inputs: [], outputs: [NodeConnectionTypes.AiTool] } },
		}) as INodeType;
		let failure: unknown;
		const agentType: INodeType = {
			description: { ...makeSource([]).description, name: 'agent', inputs: [NodeConnectionTypes.Main, NodeConnectionTypes.AiTool] },
			async execute() {
				const given = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Array<{ name: string; description: string; invoke(args: IDataObject): Promise<string> }>;
				const use: Agent['use'] = async (name, args) => {
					const tool = given.find((one) => one.name === name);
					if (!tool) throw new Error(`The agent has no tool ${name}`);
					return await tool.invoke(args);
				};
				await act({ tools: given, use }).catch((error: unknown) => {
					failure = error;
				});
				return [[]];
			},
		};
		const types: Record<string, INodeType> = { source: makeSource([{ json: {} }]), agent: agentType };
		const byName = (name: string): INodeType => types[name] ?? toolType;
		const place = (name: string, type: string): INode => ({ id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} });
		const toolNodes = Object.entries(tools).map(([name, parameters]) => ({ ...makeNode({ parameters, credentials }), id: name, name, type: 'tool' }));
		const link = (node: string, type: NodeConnectionType) => ({ [type]: [[{ node, type, index: 0 }]] });
		const workflow = new Workflow({
			id: workflowId,
			name: 'Test',
			nodes: [place(sourceName, 'source'), place('Agent', 'agent'), ...toolNodes],
			connections: { [sourceName]: link('Agent', 'main'), ...Object.fromEntries(toolNodes.map(({ name }) => [name, link('Agent', 'ai_tool')])) },
			active: false,
			nodeTypes: { getByName: byName, getByNameAndVersion: byName, getKnownTypes: () => ({}) },
			settings: { executionOrder: 'v1' },
		});
		const additionalData = makeAdditionalData(new TestCredentialsHelper(credentialTypes, credentials));
		const hooks = new ExecutionLifecycleHooks('trigger', `execution-${++executions}`, {
			id: workflowId,
			name: 'Test',
			active: false,
			activeVersionId: null,
			isArchived: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
		});
		const { data } = await new WorkflowExecute({ ...additionalData, hooks }, 'trigger').run({ workflow, startNode: workflow.getNode(sourceName) ?? undefined });
		transcript.add(stringify(data));
		const reason = failure ?? data.resultData.error;
		if (reason !== undefined) throw reason as Error;
	};

	const startNode = (run: NodeRun): StartedNode => {
		const mode = run.mode ?? 'trigger';
		const workflow = makeWorkflow(makeNode(run), run);
		const executionId = `execution-${++executions}`;
		const now = new Date();
		const additionalData: IWorkflowExecuteAdditionalData = {
			...makeAdditionalData(new TestCredentialsHelper(credentialTypes, run.credentials ?? {})),
			executionId,
			hooks: new ExecutionLifecycleHooks(mode, executionId, {
				id: workflowId,
				name: 'Test',
				active: false,
				activeVersionId: null,
				isArchived: false,
				createdAt: now,
				updatedAt: now,
				nodes: Object.values(workflow.nodes),
				connections: workflow.connectionsBySourceNode,
			}),
		};

		const result = (status: IRun['status'], error: RunError | undefined, answer?: IRun): NodeResult => {
			const task = answer?.data.resultData.runData[nodeName]?.at(-1);
			const outputs = (task?.data?.main ?? []).map((items) => items ?? []);
			transcript.add(stringify(answer?.data ?? error?.message ?? ''));
			return {
				status,
				outputs,
				items: outputs[0] ?? [],
				...(error ? { error } : {}),
				hints: task?.hints ?? [],
				staticData: JSON.parse(JSON.stringify(workflow.staticData)) as IDataObject,
				staticDataChanged: workflow.staticData.__dataChanged === true,
				...(answer ? { run: answer } : {}),
			};
		};

		try {
			const execution = new WorkflowExecute(additionalData, mode).run({
				workflow,
				startNode: workflow.getNode(sourceName) ?? undefined,
			});
			return {
				cancel: () => execution.cancel(),
				finished: execution.then(
					(answer) => result(answer.status, answer.data.resultData.error, answer),
					(error: RunError) => result('error', error),
				),
			};
		} catch (error) {
			// Parameters that do not fit the description are refused before anything runs.
			return { cancel: () => undefined, finished: Promise.resolve(result('error', error as RunError)) };
		}
	};

	const activate = (run: Activation = {}): ActiveTrigger => {
		const { mode = 'trigger', activation = 'activate', budgetMs = 300_000 } = run;
		const node = makeNode(run);
		const workflow = makeWorkflow(node, { staticData: { [`node:${nodeName}`]: run.memory ?? {} } });
		const additionalData = makeAdditionalData(new TestCredentialsHelper(credentialTypes, run.credentials ?? {}));
		const unused = notHere('emitting from within a poll');
		const context = new PollContext(workflow, node, additionalData, mode, activation, unused, unused, undefined, undefined, undefined, () => budgetMs);
		return {
			poll: async () => {
				try {
					const outputs = (await nodeType.poll?.call(context)) ?? [];
					transcript.add(stringify(outputs));
					return outputs[0] ?? [];
				} catch (error) {
					transcript.add(stringify(error));
					throw error;
				}
			},
			memory: () => JSON.parse(JSON.stringify(workflow.getStaticData('node', node))) as IDataObject,
		};
	};

	const callMethod = async <T,>(
		kind: 'loadOptions' | 'listSearch' | 'resourceMapping',
		name: string,
		{ parameters = {}, credentials, path = '' }: MethodCall,
		...args: Array<string | undefined>
	): Promise<T> => {
		const method = nodeType.methods?.[kind]?.[name];
		if (!method) throw new Error(`The node has no ${kind} method ${name}`);
		const node = makeNode({ parameters, ...(credentials ? { credentials } : {}) });
		const context = new LoadOptionsContext(
			makeWorkflow(node, {}),
			node,
			{
				...makeAdditionalData(new TestCredentialsHelper(credentialTypes, credentials ?? {})),
				currentNodeParameters: parameters,
			},
			path,
		);
		return (await Reflect.apply(method, context, args)) as T;
	};

	return {
		nodeType,
		loader,
		startNode,
		runAgent,
		activate,
		runNode: async (run) => await startNode(run).finished,
		loadOptions: async (method, call = {}) => await callMethod('loadOptions', method, call),
		listSearch: async (method, call = {}) => {
			const answer = await callMethod<INodeListSearchResult>(
				'listSearch',
				method,
				call,
				call.filter,
				call.paginationToken,
			);
			// As the server does before the editor gets it.
			return typeof answer.paginationToken === 'number'
				? { ...answer, paginationToken: String(answer.paginationToken) }
				: answer;
		},
		resourceMapping: async (method, call = {}) => await callMethod('resourceMapping', method, call),
		testCredential: async (data) => {
			const type = credentialName === undefined ? undefined : credentialTypes.get(credentialName);
			if (!type) throw new Error('The node has no credential');
			const additionalData = makeAdditionalData(new TestCredentialsHelper(credentialTypes, data));
			return await testCredential(type, nodeType, additionalData, data);
		},
		transcript: () => transcript.text(),
		clearTranscript: () => transcript.clear(),
		stop: () => {
			transcript.stop();
			running = false;
		},
	};
};
