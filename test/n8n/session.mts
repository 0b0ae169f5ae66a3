import { jsonOf } from './http.mts';
import type { Credential, Workflow } from './instance.mts';
import { until } from './process.mts';
import type { Server } from './server.mts';

/** Who logs in to an instance of ours; the instance listens on this machine only. */
export const owner = {
	email: 'demo@example.org',
	firstName: 'Demo',
	lastName: 'User',
	password: 'Grand-Challenge-1',
} as const;

export interface Item {
	json: Record<string, unknown>;
	binary?: Record<string, { id?: string; fileName?: string; mimeType: string; bytes?: number }>;
}

interface NodeRun {
	executionStatus?: string;
	/** ms */
	executionTime: number;
	error?: { message: string; description?: string };
	/** Items by output, for connections of type main. */
	data?: { main: Array<Item[] | null> };
}

/** What is used of n8n's record of an execution. */
export interface Execution {
	id: string;
	status: string;
	mode: string;
	workflowId: string;
	data: {
		resultData: {
			error?: { message: string; description?: string };
			runData: Record<string, NodeRun[]>;
		};
	};
}

/** Items that a node gave in its last run; none if it did not run. */
export const itemsOf = (execution: Execution, node: string, output = 0): Item[] =>
	execution.data.resultData.runData[node]?.at(-1)?.data?.main[output] ?? [];

/** Why an execution failed, in n8n's words; undefined when it did not. */
export const failureOf = ({ status, data }: Execution): string | undefined => {
	const { error } = data.resultData;
	if (!error && status === 'success') return undefined;
	return [status, error?.message, error?.description].filter(Boolean).join(': ');
};

/** What the owner of a running instance can do. */
export interface Session {
	/** Header value that logs the owner in. */
	cookie: string;
	/** A call of the editor's own API, below /rest. Throws on any status but 2xx. */
	rest: <Result>(method: string, path: string, body?: unknown) => Promise<Result>;
	/** A call of n8n's public API, below /api/v1. Throws on any status but 2xx. */
	api: <Result>(method: string, path: string, body?: unknown) => Promise<Result>;
	/** Saves a workflow as a new one and gives its id. */
	createWorkflow: (workflow: Omit<Workflow, 'id'>) => Promise<string>;
	/** Publishes a workflow; its triggers and webhooks work when this returns. */
	activate: (workflow: string) => Promise<void>;
	deactivate: (workflow: string) => Promise<void>;
	/** Starts a workflow as the editor does, from its trigger, and gives the id of the execution. */
	startManually: (workflow: string, trigger: string) => Promise<string>;
	/** The same, and waits for the end. */
	runManually: (workflow: string, trigger: string) => Promise<Execution>;
	execution: (id: string) => Promise<Execution>;
	/** The executions of a workflow, newest first, finished or not. */
	executions: (workflow: string) => Promise<Array<Pick<Execution, 'id' | 'status' | 'mode'>>>;
	/** Waits until an execution has ended. */
	finished: (id: string) => Promise<Execution>;
	/** What n8n's credential test says in the editor. n8n 1 wants the id of a credential that it has stored. */
	testCredential: (credential: Credential) => Promise<{ status: 'OK' | 'Error'; message: string }>;
	/** Saves a credential and gives its id. */
	createCredential: (credential: Omit<Credential, 'id'>) => Promise<string>;
}

interface Publication {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: Array<{ errorMessage: string | null }>;
}

const running = new Set(['new', 'running', 'waiting']);

/** Sets up the owner of a new instance, and an API key, and logs in. */
export const ownerSession = async (server: Server): Promise<Session> => {
	const setup = await fetch(`${server.url}/rest/owner/setup`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(owner),
	});
	if (!setup.ok) throw new Error(`n8n did not set up its owner: ${setup.status} ${await setup.text()}`);
	const cookie = setup.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');

	const caller =
		(base: string, headers: Record<string, string>) =>
		async <Result,>(method: string, path: string, body?: unknown): Promise<Result> => {
			const answer = await fetch(base + path, {
				method,
				headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			});
			const text = await answer.text();
			if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 2000)}`);
			const result: Result = text === '' ? undefined : JSON.parse(text);
			return result;
		};

	const enveloped = caller(`${server.url}/rest`, { cookie });
	const rest = async <Result,>(method: string, path: string, body?: unknown): Promise<Result> =>
		(await enveloped<{ data: Result }>(method, path, body)).data;

	const scopes = await rest<string[]>('GET', '/api-keys/scopes');
	const { rawApiKey } = await rest<{ rawApiKey: string }>('POST', '/api-keys', {
		label: 'tests',
		scopes,
		expiresAt: null,
	});
	const api = caller(`${server.url}/api/v1`, { 'x-n8n-api-key': rawApiKey });

	// n8n 2 answers before its triggers work, or have stopped. n8n 1 answers when they do, and knows no publication status.
	const publicationOf = async (workflow: string): Promise<Publication | undefined> => {
		const answer = await fetch(`${server.url}/rest/workflows/${workflow}/publication-status`, { headers: { cookie } });
		return answer.status === 404 ? undefined : (await jsonOf<{ data: Publication }>(answer)).data;
	};
	const publication = async (workflow: string, verb: 'activate' | 'deactivate', wanted: string) => {
		await api('POST', `/workflows/${workflow}/${verb}`);
		await until(`workflow ${workflow} to be ${wanted}`, async () => {
			const { status, triggers } = (await publicationOf(workflow)) ?? { status: wanted, triggers: [] };
			if (status === 'failed' || status === 'partial')
				throw new Error(triggers.map((one) => one.errorMessage).join('\n'));
			return status === wanted ? true : undefined;
		});
	};

	const execution = (id: string) => api<Execution>('GET', `/executions/${id}?includeData=true`);
	const finished = async (id: string) => {
		await until(
			`execution ${id} to end`,
			async () => {
				const { status } = await api<{ status: string }>('GET', `/executions/${id}`);
				return running.has(status) ? undefined : status;
			},
			{ limit: 300_000 },
		);
		return execution(id);
	};

	const startManually = async (workflow: string, trigger: string) => {
		const { executionId } = await rest<{ executionId: string }>('POST', `/workflows/${workflow}/run`, {
			triggerToStartFrom: { name: trigger },
			// n8n 1 runs what it is sent, n8n 2 what it has stored.
			workflowData: await rest<Workflow>('GET', `/workflows/${workflow}`),
		});
		return executionId;
	};

	return {
		cookie,
		rest,
		api,
		createWorkflow: async ({ name, nodes, connections, settings }) =>
			(await api<{ id: string }>('POST', '/workflows', { name, nodes, connections, settings })).id,
		activate: (workflow) => publication(workflow, 'activate', 'published'),
		deactivate: (workflow) => publication(workflow, 'deactivate', 'not_published'),
		startManually,
		runManually: async (workflow, trigger) => finished(await startManually(workflow, trigger)),
		execution,
		executions: async (workflow) => {
			const list = (status: string) =>
				api<{ data: Array<Pick<Execution, 'id' | 'status' | 'mode'>> }>(
					'GET',
					`/executions?workflowId=${workflow}&limit=250${status}`,
				);
			// Running ones are listed only when asked for, and first: one that ends meanwhile is then in the other list.
			const [going, ended] = [await list('&status=running'), await list('')];
			const found = new Map([...going.data, ...ended.data].map((one) => [one.id, one]));
			return [...found.values()].sort((a, b) => Number(b.id) - Number(a.id));
		},
		finished,
		testCredential: (credentials) => rest('POST', '/credentials/test', { credentials }),
		createCredential: async (credential) => (await rest<{ id: string }>('POST', '/credentials', credential)).id,
	};
};
