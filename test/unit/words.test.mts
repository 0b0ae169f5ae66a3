import { cleanText, explain, sentences } from '../../client/transport/explain';

describe('every shape of a refusal becomes a sentence', () => {
	it.each([
		[{ detail: 'Not found.' }, ['Not found.']],
		[{ title: ['Ensure this field has no more than 255 characters.'] }, ['title: Ensure this field has no more than 255 characters.']],
		[{ non_field_errors: ['You have run out of algorithm credits'] }, ['You have run out of algorithm credits']],
		[{ values: [{}, { interface: ['Object with slug=zz does not exist.'] }] }, ['values, lung, socket: Object with slug=zz does not exist.']],
		[{ values: [{ __all__: ['JSON does not fulfill schema'] }] }, ['values, ct: JSON does not fulfill schema']],
		[{ part_numbers: { '0': ['Ensure this value is less than or equal to 10000.'] } }, ['part numbers, 1: Ensure this value is less than or equal to 10000.']],
		[{ values: { non_field_errors: ['Expected a list of items but got type "dict".'] } }, ['values: Expected a list of items but got type "dict".']],
		[['Values can only be added via update'], ['Values can only be added via update']],
		[{ status: 'You can only claim pending evaluations.' }, ['You can only claim pending evaluations.']],
		[{ upload: { a: [{ b: ['x', 'y'] }] } }, ['upload, a, 1, b: x', 'upload, a, 1, b: y']],
		[null, []],
		[42, []],
	])('%j', (body, expected) => {
		expect(sentences(body, { values: ['ct', 'lung'] })).toEqual(expected);
	});
});

it('cleans text of the platform: no signed queries, no tokens, one line, not endless', () => {
	const text = cleanText(`see\nhttps://x.example/a.mha?Signature=SECRET&Expires=1 and Bearer ${'a'.repeat(64)} ${'b'.repeat(900)}`);
	expect(text).toMatch(/^see https:\/\/x\.example\/a\.mha and Bearer … b+…$/);
	expect(text.length).toBeLessThan(520);
});

const answer = (status: number, body: unknown, contentType = 'application/json') =>
	explain({
		status,
		contentType,
		body: typeof body === 'string' ? body : JSON.stringify(body),
		subject: "the archive 'lung'",
		origin: 'https://grand-challenge.org',
	});

it.each([
	[401, { detail: 'Invalid token.' }, 'tokenRefused', /does not know this API token/, /settings\/api-tokens\/create/],
	[401, { detail: 'User inactive or deleted.' }, 'tokenRefused', /not active/, /active account/],
	[403, { detail: 'You do not have permission to perform this action.' }, 'noPermission', /^This account has no permission for the archive 'lung'$/, /request access/],
	[403, { detail: 'Upload limit reached' }, 'limit', /Upload limit reached/, /verif/],
	[404, { detail: 'No Archive matches the given query.' }, 'notFound', /does not show the archive 'lung'/, /does not exist, or this account has no access/],
	[400, { non_field_errors: ['You have created too many uploads. Please try again later.'] }, 'limit', /too many uploads/, /after a day/],
	[400, { non_field_errors: ['You have too many active jobs, please try again after they have completed'] }, 'limit', /too many active jobs/, /16/],
	[400, { non_field_errors: ['You have run out of algorithm credits'] }, 'outOfCredits', /credits/, /per month/],
	[400, { non_field_errors: ['A result for these inputs with the current image and model already exists.'] }, 'resultExists', /already exists/, /'If a Result Exists'/],
	[400, { non_field_errors: ['The fields title, archive must make a unique set.'] }, 'notAccepted', /unique set/, /Change 'Title'/],
	[400, { archive: ['Invalid hyperlink - Object does not exist.'] }, 'noPermission', /archive: Invalid hyperlink/, /one of its uploaders or editors/],
	[400, { reader_study: ['Object with slug=x does not exist.'] }, 'noPermission', /reader study: Object with slug=x/, /one of its editors/],
	[400, { algorithm: ['Invalid hyperlink - Object does not exist.'] }, 'noPermission', /algorithm: Invalid hyperlink/, /users or editors.*\/algorithms\//],
	[400, ['This display set cannot be changed, as answers for it already exist.'], 'notAccepted', /cannot be changed/, /new display set/],
	[400, { non_field_errors: ['You currently have 16 active image post processing tasks. Please wait for them to complete before trying again.'] }, 'limit', /post processing/, /has finished them/],
	[400, { non_field_errors: ['Too many files uploaded. A maximum of 100 files may be uploaded per session.'] }, 'notAccepted', /maximum of 100 files/, /zip/],
	[400, { non_field_errors: ['Algorithm image is not ready to be used'] }, 'notAccepted', /not ready/, /Ask its editors/],
	[400, ["Socket 'foo' is not allowed for this archive."], 'notAccepted', /'foo' is not allowed/, /belongs to a challenge/],
	[413, '<html>Request Entity Too Large</html>', 'notAccepted', /larger than/, /as a file/],
	[429, '<html>Slow down</html>', 'unavailable', /slow down/, /fewer items/],
	[503, '<html>Service Unavailable</html>', 'unavailable', /could not answer \(503\)/, /later/],
	[500, '<html>Server Error</html>', 'unavailable', /could not answer \(500\)/, /later/],
])('%i %j says what happened and what to do', (status, body, reason, message, advice) => {
	const error = answer(status, body, typeof body === 'string' ? 'text/html' : 'application/json');
	expect(error).toMatchObject({ reason, status });
	expect(error.message).toMatch(message);
	expect(error.advice).toMatch(advice);
	expect(error.message).not.toMatch(/<|\[object/);
});

it('never shows the HTML of an error page', () => {
	expect(answer(400, '<html><b>Bad</b></html>', 'text/html').message).toBe("Grand Challenge did not accept the archive 'lung' (400)");
});
