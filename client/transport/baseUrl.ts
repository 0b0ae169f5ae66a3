import { badInput, GrandChallengeError } from './errors';

export const DEFAULT_BASE_URL = 'https://grand-challenge.org';
const API_PATH = '/api/v1/';

export interface BaseUrl {
	/** Scheme, host and port, e.g. `https://grand-challenge.org`: the only place that the token goes to. */
	origin: string;
	/** e.g. `https://grand-challenge.org/api/v1/` */
	api: string;
}

/**
 * Reads the address of a Grand Challenge as people paste it: with or without scheme, `/api/v1/`, trailing slash, blanks.
 * @throws GrandChallengeError (badInput) for anything else, and for plain http without `allowHttp`
 */
export const parseBaseUrl = (text: string, allowHttp = false): BaseUrl => {
	const trimmed = text.trim() || DEFAULT_BASE_URL;
	const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
	if (!URL.canParse(withScheme)) {
		throw badInput(`The base URL '${trimmed}' is not a web address`, `Use the address of the site, e.g. ${DEFAULT_BASE_URL}`);
	}
	const url = new URL(withScheme);
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		throw badInput(`The base URL starts with '${url.protocol}//'`, `Use an address such as ${DEFAULT_BASE_URL}`);
	}
	if (url.username || url.password) {
		throw badInput('The base URL holds a user name or password', 'Grand Challenge is used with an API token only');
	}
	if (url.protocol === 'http:' && !allowHttp) {
		throw badInput(
			'The base URL is not encrypted (http), so the API token could be read on its way',
			"Use https, or switch on 'Allow Plain HTTP' in the credential for a server on your own machine",
		);
	}
	const path = url.pathname.replace(/\/+$/, '');
	if (!['', '/api', '/api/v1'].includes(path) || url.search || url.hash) {
		throw badInput(
			`The base URL '${url.origin}${url.pathname}' is a page of the site`,
			`Use the address of the site alone: ${url.origin}`,
		);
	}
	return { origin: url.origin, api: url.origin + API_PATH };
};

/**
 * The guard of the token: the address to call for a path below the API, or for a URL from data or a person.
 * A URL on the same host with the other scheme is called with the scheme of the base URL, since the platform builds
 * some links from the request it saw behind a proxy.
 * @throws GrandChallengeError (foreignAddress) for a URL on any other host or port
 */
export const ownUrl = (base: BaseUrl, pathOrUrl: string): URL => {
	if (pathOrUrl.startsWith('//') || pathOrUrl.includes('\\')) throw foreign(base, pathOrUrl);
	const url = URL.canParse(pathOrUrl) ? new URL(pathOrUrl) : new URL(pathOrUrl, base.api);
	const own = new URL(base.origin);
	if (url.host === own.host && /^https?:$/.test(url.protocol)) url.protocol = own.protocol;
	if (url.origin !== own.origin || url.username || url.password) throw foreign(base, pathOrUrl);
	url.hash = '';
	return url;
};

const foreign = (base: BaseUrl, text: string) => {
	const where = URL.canParse(text) ? new URL(text).host : 'elsewhere';
	return new GrandChallengeError('foreignAddress', `The address leads to ${where || 'elsewhere'}, not to ${new URL(base.origin).host}`, {
		advice: `The API token is only sent to ${base.origin}. Use an address of that site, or another credential`,
	});
};
