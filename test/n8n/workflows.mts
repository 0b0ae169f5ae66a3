import type { Workflow, WorkflowNode } from './instance.mts';
import { credentialReference } from './world.mts';

export type NodeSketch = Omit<WorkflowNode, 'id' | 'position'>;
type NewWorkflow = Omit<Workflow, 'id'>;

/** A workflow that is started by hand, at its node Start, and goes through these nodes. */
export const chain = (name: string, nodes: NodeSketch[]): NewWorkflow => {
	const all = [{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} }, ...nodes];
	return {
		name,
		nodes: all.map((node, i) => ({ ...node, id: `node-${i}`, position: [i * 220, 0] })),
		connections: Object.fromEntries(
			nodes.map((node, i) => [all[i]?.name, { main: [[{ node: node.name, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	};
};

/** A choice of the mode By ID. */
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });

/** The node of this package. */
export const grandChallenge = (
	name: string,
	resource: string,
	operation: string,
	parameters: Record<string, unknown>,
): NodeSketch => ({
	name,
	type: 'n8n-nodes-grand-challenge.grandChallenge',
	typeVersion: 1,
	parameters: { resource, operation, options: {}, ...parameters },
	credentials: credentialReference,
});

/** n8n's HTTP Request node with the credential of this package. A failure does not end the workflow. */
export const httpRequest = (name: string, url: string): NodeSketch => ({
	name,
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	parameters: { url, authentication: 'predefinedCredentialType', nodeCredentialType: 'grandChallengeApi', options: {} },
	credentials: credentialReference,
	onError: 'continueRegularOutput',
});

/** n8n's node that reads the file and puts it into the binary field `data`. */
export const readFile = (name: string, path: string): NodeSketch => ({
	name,
	type: 'n8n-nodes-base.readWriteFile',
	typeVersion: 1,
	parameters: { operation: 'read', fileSelector: path, options: {} },
});

/** n8n's node that writes the binary field `data` to the file. */
export const writeFile = (name: string, path: string): NodeSketch => ({
	name,
	type: 'n8n-nodes-base.readWriteFile',
	typeVersion: 1,
	parameters: { operation: 'write', fileName: path, dataPropertyName: 'data', options: {} },
});

/** The workflow with the id of the credential where a node only names it, as an import does it. */
export const withCredential = <Kind extends Pick<Workflow, 'nodes'>>(workflow: Kind): Kind => ({
	...workflow,
	nodes: workflow.nodes.map((node) => (node.credentials ? { ...node, credentials: credentialReference } : node)),
});
