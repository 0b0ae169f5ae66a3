import type { IAuthenticate, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { text } from '../client/api/json';
import { DEFAULT_BASE_URL, ownUrl, parseBaseUrl } from '../client/transport/baseUrl';
import { normaliseToken } from '../client/transport/token';

/**
 * Signs requests to the credential's own site and refuses all others, so that neither a pasted address nor the
 * HTTP Request node can send the token elsewhere. A test asserts what the rules below make people read.
 */
export class GrandChallengeApi implements ICredentialType {
	name = 'grandChallengeApi';

	displayName = 'Grand Challenge API';

	documentationUrl =
		'https://github.com/n8n-nodes-grand-challenge/n8n-nodes-grand-challenge/blob/main/docs/credential.md';

	icon = { light: 'file:grandChallenge.svg', dark: 'file:grandChallenge.dark.svg' } as const;

	properties: INodeProperties[] = [
		{
			displayName: 'API Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'Created on the site under your name, API Tokens. It is shown only once.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description: 'Address of the Grand Challenge site',
		},
		{
			displayName: 'Allow Plain HTTP',
			name: 'allowHttp',
			type: 'boolean',
			default: false,
			description: 'Whether the base URL may start with http. Only for a server on your own machine: the token can be read on its way.',
		},
		{
			displayName: 'Ignore SSL Issues',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if the certificate cannot be checked. Only for development.',
		},
	];

	authenticate: IAuthenticate = async (credentials, options) => {
		const base = parseBaseUrl(text(credentials, 'baseUrl'), credentials.allowHttp === true);
		const token = normaliseToken(text(credentials, 'token'));
		// The credential test knows the base URL only as it was typed.
		const own = options.baseURL === undefined || options.baseURL === credentials.baseUrl;
		// The legacy helper behind Custom API Call says `uri`.
		const target = options.url || ('uri' in options ? String(options.uri) : '');
		const url = ownUrl(base, own ? target : new URL(target, options.baseURL).href).href;
		return {
			...options,
			baseURL: undefined,
			url,
			...('uri' in options ? { uri: url } : {}),
			// In lower case n8n does not put it back on a request that was redirected to another origin.
			headers: { ...options.headers, authorization: `Bearer ${token}` },
			sendCredentialsOnCrossOriginRedirect: false,
			...(credentials.ignoreSslIssues === true ? { skipSslCertificateValidation: true } : {}),
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: 'profiles/users/self/',
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
		},
		rules: [
			...['Invalid token.', 'Invalid token header. Token string should not contain invalid characters.'].map((detail) => ({
				type: 'responseSuccessBody' as const,
				properties: {
					key: 'detail',
					value: detail,
					message: 'Grand Challenge does not know this API token. Create one on the site under your name, API Tokens.',
				},
			})),
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'detail',
					value: 'User inactive or deleted.',
					message: 'The account of this API token is not active.',
				},
			},
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'user.username',
					value: 'AnonymousUser',
					message: 'Grand Challenge did not see the API token and answered as to an anonymous visitor. Check the token.',
				},
			},
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'user.username',
					value: undefined,
					message: 'There is no Grand Challenge at this base URL, or it cannot answer at the moment.',
				},
			},
		],
	};
}
