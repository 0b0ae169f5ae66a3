// n8n's CredentialsHelper and credential tester live in the server package; these do what those do for one credential type whose
// data the test gives: defaults filled in, signed by the credential's own `authenticate`, tested through n8n-core's RoutingNode.
import { ExecuteContext, RoutingNode } from 'n8n-core';
import {
	createEmptyRunExecutionData,
	ICredentialsHelper,
	NodeHelpers,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type ICredentials,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialTestResult,
	type INodeProperties,
	type INodeType,
	type INodeTypes,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

const withDefaults = (type: ICredentialType, data: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject =>
	(NodeHelpers.getNodeParameters(type.properties, data as never, true, false, null, null) ??
		{}) as ICredentialDataDecryptedObject;

export class TestCredentialsHelper extends ICredentialsHelper {
	constructor(
		private readonly types: ReadonlyMap<string, ICredentialType>,
		private readonly data: ICredentialDataDecryptedObject,
	) {
		super();
	}

	private type(name: string): ICredentialType {
		const type = this.types.get(name);
		if (!type) throw new Error(`The package has no credential type ${name}`);
		return type;
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.type(typeName);
		if (typeof authenticate !== 'function') throw new Error('The harness knows only credentials that sign by function');
		return await authenticate(credentials, options);
	}

	async preAuthentication(): Promise<undefined> {}

	async runPreAuthentication(): Promise<undefined> {}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: unknown,
		typeName: string,
	): Promise<ICredentialDataDecryptedObject> {
		return withDefaults(this.type(typeName), this.data);
	}

	getCredentialsProperties(typeName: string): INodeProperties[] {
		return this.type(typeName).properties;
	}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('The harness stores no credentials');
	}

	async updateCredentials(): Promise<void> {
		throw new Error('The harness stores no credentials');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new Error('The harness stores no credentials');
	}
}

const at = (value: unknown, path: string): unknown =>
	path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

/**
 * Tests a credential as n8n's credential dialog does (n8n 2.41, credentials-tester.service.js, runRequestTest).
 *
 * @returns what the dialog shows: `status` OK or Error, and the message
 */
export const testCredential = async (
	type: ICredentialType,
	nodeType: INodeType,
	additionalData: IWorkflowExecuteAdditionalData,
	data: ICredentialDataDecryptedObject,
): Promise<INodeCredentialTestResult> => {
	if (!type.test) return { status: 'Error', message: 'No testing function found for this credential.' };
	const { request, rules } = type.test;

	const tested: INodeType = {
		description: {
			...nodeType.description,
			credentials: [{ name: type.name, required: true }],
			properties: [{ displayName: 'Temp', name: 'temp', type: 'string', routing: { request }, default: '' }],
		},
	};
	const nodeTypes: INodeTypes = {
		getByName: () => tested,
		getByNameAndVersion: () => tested,
		getKnownTypes: () => ({}),
	};
	const node: INode = {
		id: 'temp',
		name: 'Temp-Node',
		type: tested.description.name,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [type.name]: { id: 'test', name: 'test' } },
	};
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const context = new ExecuteContext(
		workflow,
		node,
		{ ...additionalData, currentNodeParameters: {} },
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	const decrypted = { id: 'test', name: 'test', type: type.name, data: withDefaults(type, data) };

	try {
		const response = await new RoutingNode(context, tested, decrypted).runNode();
		const body = response?.[0]?.[0]?.json;
		const failed = rules?.find(
			({ type: kind, properties }) => kind === 'responseSuccessBody' && at(body, properties.key) === properties.value,
		);
		return failed
			? { status: 'Error', message: failed.properties.message }
			: { status: 'OK', message: 'Connection successful!' };
	} catch (error) {
		const { message, cause } = error as {
			message: string;
			cause?: { code?: string; response?: { status: number; statusText: string } };
		};
		if (!cause?.response) return { status: 'Error', message: cause?.code ?? message };
		const { status, statusText } = cause.response;
		const rule = rules?.find(({ type: kind, properties }) => kind === 'responseCode' && properties.value === status);
		return {
			status: 'Error',
			message: rule?.properties.message ?? (statusText || `Received HTTP status code: ${status}`),
		};
	}
};
