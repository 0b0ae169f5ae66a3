import { ownUrl, parseBaseUrl } from '../../client/transport/baseUrl';
import { normaliseToken } from '../../client/transport/token';

describe('the base URL as people type it', () => {
	const api = 'https://grand-challenge.org/api/v1/';
	it.each([
		'https://grand-challenge.org',
		'https://grand-challenge.org/',
		' https://grand-challenge.org/api/v1 ',
		'https://grand-challenge.org/api/v1/',
		'https://GRAND-challenge.org/api/',
		'grand-challenge.org',
		'',
	])('%j is understood', (text) => {
		expect(parseBaseUrl(text).api).toBe(api);
	});

	it('keeps the port of a development server', () => {
		expect(parseBaseUrl('http://localhost:8080/', true)).toEqual({ origin: 'http://localhost:8080', api: 'http://localhost:8080/api/v1/' });
	});

	it.each([
		['http://grand-challenge.org', /not encrypted/],
		['https://grand-challenge.org/algorithms/', /is a page of the site/],
		['https://user:secret@grand-challenge.org', /user name or password/],
		['ftp://grand-challenge.org', /starts with 'ftp:/],
		['not an address', /is not a web address/],
	])('%j is refused', (text, message) => {
		expect(() => parseBaseUrl(text)).toThrow(message);
	});

	it('does not repeat a password in its message', () => {
		expect(() => parseBaseUrl('https://user:secret@grand-challenge.org')).not.toThrow(/secret/);
	});
});

describe('addresses that may get the token', () => {
	const base = parseBaseUrl('https://grand-challenge.org');

	it.each([
		['archives/', 'https://grand-challenge.org/api/v1/archives/'],
		['/media/images/a.mha', 'https://grand-challenge.org/media/images/a.mha'],
		['https://grand-challenge.org/api/v1/archives/?limit=5', 'https://grand-challenge.org/api/v1/archives/?limit=5'],
		['http://grand-challenge.org/api/v1/archives/', 'https://grand-challenge.org/api/v1/archives/'],
	])('%s → %s', (given, called) => {
		expect(ownUrl(base, given).href).toBe(called);
	});

	it.each([
		'https://evil.example/api/v1/',
		'https://grand-challenge.org.evil.example/',
		'https://grand-challenge.org@evil.example/',
		'https://user@grand-challenge.org/',
		'https://grand-challenge.org:8443/',
		'//evil.example/api/v1/',
		'\\\\evil.example\\',
		'/\\evil.example/',
		'javascript:alert(1)',
		'file:///etc/passwd',
		'data:text/plain,x',
	])('%s is refused', (given) => {
		expect(() => ownUrl(base, given)).toThrow(/not to grand-challenge\.org/);
	});
});

describe('the API token as people paste it', () => {
	it.each([
		['abc', 'abc'],
		['  abc\n', 'abc'],
		['Bearer abc', 'abc'],
		['token \t abc', 'abc'],
	])('%j becomes %j', (given, token) => {
		expect(normaliseToken(given)).toBe(token);
	});

	it.each([
		['   ', /token is empty/],
		['a b c', /has 3 words/],
		['Authorization: Bearer a b', /has 4 words/],
	])('%j is refused', (given, message) => {
		expect(() => normaliseToken(given)).toThrow(message);
	});
});
