// What the API sheet states of single requests, endpoint by endpoint; each row names the section that states it. Written from the
// sheet, not from the sandbox.
import type { SandboxState } from '../../../sandbox/client.mts';
import type { Json } from '../../../sandbox/json.mts';
import { flatMha, idOf, partUrl, type Bench, type Reply } from '../support.mts';
import {
	answer,
	externalEvaluation,
	feedback,
	postedDisplaySet,
	postedItem,
	postedJob,
	postedValue,
	signedUpload,
	upload,
	uploadSession,
	uploadWithParts,
} from './resources.mts';
import { any, both, exactly, link, listOf, mapOf, matching, nothing, object, objectWith, ofLength, oneOf, text, url, type Shape } from './shape.mts';

/** What a request may refer to. */
export interface At extends Bench {
	seed: SandboxState;
	/** The address of something below `/api/v1/`. */
	to(path: string): string;
}

export interface Row {
	section: string;
	what: string;
	ask: (at: At) => Promise<Reply>;
	status: number;
	/** The body, exactly or by its shape; `html`: a page. */
	answer: Json | Shape | 'html';
	/** Headers that must be so; null: absent. */
	headers: Record<string, string | null>;
}

const row = (section: string, what: string, ask: Row['ask'], status: number, answer: Row['answer'], headers: Row['headers'] = {}): Row => ({
	section,
	what,
	ask,
	status,
	answer,
	headers,
});

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const nonField = (message: string): Json => ({ non_field_errors: [message] });
const detail = (message: string): Json => ({ detail: message });
const REQUIRED = ['This field is required.'];
const NO_OBJECT = ['Invalid hyperlink - Object does not exist.'];
const FORBIDDEN = detail('You do not have permission to perform this action.');

const items = 'archives/items/';
const sets = 'reader-studies/display-sets/';
const answers = 'reader-studies/answers/';
const jobs = 'algorithms/jobs/';
const sessions = 'cases/upload-sessions/';

const item = (at: At, name = 'lung1') => `${items}${at.seed.items[name]?.pk}/`;
const set = (at: At, name = 'practice3') => `${sets}${at.seed.displaySets[name]?.pk}/`;
const archive = (at: At, name = 'empty') => at.seed.archives[name]?.api_url;
const image = (at: At, name = 'lung1') => at.seed.images[name]?.api_url;
const as = (at: At, user: keyof Bench['tokens']) => ({ token: at.tokens[user] });

/** A queued session with one file. */
const session = async (at: At, bytes: Uint8Array | string = flatMha(1)): Promise<string> => {
	const reply = await at.api('POST', sessions, { body: { uploads: [await at.upload('scan.mha', bytes)] } });
	return String(reply.json['api_url']);
};

/** An upload, and the address of its actions. */
const started = async (at: At, filename = 'big.bin') => {
	const { json } = await at.api('POST', 'uploads/', { body: { filename } });
	return { pk: String(json['pk']), actions: `uploads/${String(json['pk'])}/${String(json['s3_upload_id'])}/` };
};

const putPart = async (at: At, actions: string, number: number, bytes = 'abc'): Promise<string | null> => {
	const signed = await at.api('PATCH', `${actions}generate-presigned-urls/`, { body: { part_numbers: [number] } });
	return (await fetch(partUrl(signed, number), { method: 'PUT', body: bytes })).headers.get('etag');
};

const SOURCES = "['image', 'value', 'file', 'user_upload', 'upload_session', ('image_name', 'user_uploads')]";

/** 9.3: a mistake in the second of two socket values, and what is said of that one. */
type Mistake = [what: string, value: (at: At) => Promise<object> | object, wrong: Json];
const mistakes: Mistake[] = [
	['no source', () => ({ interface: 'ct-image' }), nonField(`You must provide at least one of ${SOURCES}.`)],
	['two sources', (at) => ({ interface: 'ct-image', value: 1, image: image(at) }), nonField(`You can only provide one of ${SOURCES} for each socket.`)],
	['another source for a value', (at) => ({ interface: 'patient-sex', image: image(at) }), nonField('value is required for interface kind STR')],
	['another source for a file', () => ({ interface: 'measurements-csv', value: 'a,b' }), nonField('user_upload or file is required for interface kind CSV')],
	[
		'another source for an image',
		() => ({ interface: 'ct-image', value: 1 }),
		nonField('upload_session, user_uploads or image are required for interface kind IMG'),
	],
	[
		'another source for DICOM',
		() => ({ interface: 'ct-dicom-series', value: 1 }),
		nonField('either user_uploads with image_name, or image are required for interface kind DCMIS'),
	],
	['an unknown socket', () => ({ interface: 'zz', value: 1 }), { interface: ['Object with slug=zz does not exist.'] }],
	[
		'a value against the schema',
		() => ({ interface: 'is-smoker', value: 'yes' }),
		{ __all__: ["JSON does not fulfill schema: instance is not of type 'boolean'"] },
	],
	['an unknown upload', (at) => ({ interface: 'measurements-csv', user_upload: at.to(`uploads/${UNKNOWN}/`) }), { user_upload: NO_OBJECT }],
	[
		'an upload of somebody else',
		async (at) => ({ interface: 'measurements-csv', user_upload: await at.upload('a.csv', 'a', 'other') }),
		{ user_upload: NO_OBJECT },
	],
	['an image that is not visible', (at) => ({ interface: 'ct-image', image: image(at, 'public1') }), { image: NO_OBJECT }],
	['an image that there is not', (at) => ({ interface: 'ct-image', image: at.to(`cases/images/${UNKNOWN}/`) }), { image: NO_OBJECT }],
	['an image by its pk', (at) => ({ interface: 'ct-image', image: at.seed.images.lung1?.pk }), { image: ['Invalid hyperlink - No URL match.'] }],
	['a link to something else', (at) => ({ interface: 'ct-image', image: archive(at) }), { image: ['Invalid hyperlink - Incorrect URL match.'] }],
	['a number for a link', () => ({ interface: 'ct-image', image: 12 }), { image: ['Incorrect type. Expected URL string, received int.'] }],
	['a session that there is not', (at) => ({ interface: 'ct-image', upload_session: at.to(`${sessions}${UNKNOWN}/`) }), { upload_session: NO_OBJECT }],
	[
		'a blank name of an image',
		async (at) => ({ interface: 'ct-dicom-series', user_uploads: [await at.upload('a.dcm', 'a')], image_name: '' }),
		{ image_name: ['This field may not be blank.'] },
	],
];

const noSocket = (how: 'patch' | 'other'): Mistake => [
	'no socket',
	() => ({ value: 1 }),
	how === 'patch' ? nonField('An interface must be specified') : { interface: REQUIRED },
];

const mistakesOf = (field: 'values' | 'inputs', how: 'patch' | 'other', send: (at: At, values: unknown) => Promise<Reply>): Row[] => [
	...[...mistakes, noSocket(how)].map(([what, value, wrong]) =>
		row('9.3', what, async (at) => send(at, [{ interface: 'patient-age', value: 50 }, await value(at)]), 400, { [field]: [{}, wrong] }),
	),
	row('5', 'no list', (at) => send(at, { interface: 'patient-age' }), 400, { [field]: nonField('Expected a list of items but got type "dict".') }),
];

const startJob = (at: At, body: Record<string, unknown> = {}, options = {}) =>
	at.api('POST', jobs, {
		body: { algorithm: at.seed.algorithms.threshold?.api_url, inputs: [{ interface: 'ct-image', image: image(at) }], ...body },
		...options,
	});

const createItem = (at: At, body: Record<string, unknown> = {}, options = {}) => at.api('POST', items, { body: { archive: archive(at), ...body }, ...options });

const createSet = (at: At, body: Record<string, unknown> = {}, options = {}) =>
	at.api('POST', sets, { body: { reader_study: 'practice-study', ...body }, ...options });

const createSession = async (at: At, body: Record<string, unknown> = {}) =>
	at.api('POST', sessions, { body: { uploads: [await at.upload('scan.mha', flatMha(1))], ...body } });

const give = (at: At, question: string, given: unknown, { user = 'reader', ...body }: { user?: keyof Bench['tokens'] } & Record<string, unknown> = {}) =>
	at.api('POST', answers, {
		body: { question: at.seed.questions[question]?.api_url, display_set: at.seed.displaySets.nodules4?.api_url, answer: given, ...body },
		...as(at, user),
	});

const evaluationAction = (at: At, name: string, action: 'claim' | 'update_external_evaluation', body: unknown, user: keyof Bench['tokens'] = 'evaluator') =>
	at.api('PATCH', `evaluations/${at.seed.evaluations[name]?.pk}/${action}/`, { body, ...as(at, user) });

/** Claims an evaluation, then reports on it. */
const report = async (at: At, body: unknown, user: keyof Bench['tokens'] = 'evaluator') => {
	await evaluationAction(at, 'claimable1', 'claim', {});
	return evaluationAction(at, 'claimable1', 'update_external_evaluation', body, user);
};

const unanswered = (at: At, query: string, user: keyof Bench['tokens'] = 'main') =>
	at.api('GET', `${sets}?${query.replace('<study>', at.seed.readerStudies.nodules?.pk ?? '')}`, as(at, user));

/** The platform of July 2026, with an endpoint that runs. */
const endpoint = async (at: At): Promise<string> => {
	await at.changeSettings({ drift: 'C' });
	const { json } = await at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.threshold?.api_url } });
	await at.advance(60_000);
	return String(json['pk']);
};

const drift = async (at: At, state: 'A' | 'C') => {
	await at.changeSettings({ drift: state });
};

export const rows: Record<string, Row[]> = {
	'gcapi/, profiles/users/self/ and the index': [
		row('8.11', 'versions', (at) => at.api('GET', 'gcapi/', { token: null }), 200, object({ latest_version: text, lowest_supported_version: text })),
		row(
			'8.13',
			'who one is',
			(at) => at.api('GET', 'profiles/users/self/'),
			200,
			object({ user: object({ username: exactly('main') }), mugshot: url, institution: text, department: text, location: text, website: text }),
		),
		row(
			'2',
			'nobody',
			(at) => at.api('GET', 'profiles/users/self/', { token: null }),
			200,
			object({ user: object({ username: exactly('AnonymousUser') }), mugshot: any, institution: any, department: any, location: any, website: any }),
		),
		...['Token', 'Basic'].map((scheme) =>
			row(
				'2',
				`the scheme ${scheme} is ignored`,
				(at) => at.api('GET', 'profiles/users/self/', { token: null, headers: { authorization: `${scheme} ${at.tokens.main}` } }),
				200,
				object({ user: object({ username: exactly('AnonymousUser') }), mugshot: any, institution: any, department: any, location: any, website: any }),
			),
		),
		row(
			'2',
			'the scheme in other letters, and blanks',
			(at) => at.api('GET', 'gcapi/', { token: null, headers: { authorization: `BEARER   ${at.tokens.main}` } }),
			200,
			any,
		),
		...(
			[
				['', 'Invalid token header. No credentials provided.'],
				['a b', 'Invalid token header. Token string should not contain spaces.'],
				['abc', 'Invalid token.'],
			] as const
		).map(([token, message]) =>
			row('2', `the token "${token}"`, (at) => at.api('GET', 'gcapi/', { token }), 401, detail(message), { 'www-authenticate': 'Bearer' }),
		),
		row('2', 'a deactivated user', (at) => at.api('GET', 'gcapi/', as(at, 'deactivated')), 401, detail('User inactive or deleted.')),
		row('2', 'the index without a token', (at) => at.api('GET', '', { token: null }), 401, detail('Authentication credentials were not provided.')),
		row('2', 'the index', (at) => at.api('GET', ''), 403, FORBIDDEN),
		row('3', 'no such address', (at) => at.api('GET', 'nonsense/'), 404, 'html'),
	],

	'POST algorithms/jobs/': [
		row('8.3', 'starts a job', (at) => startJob(at), 201, postedJob, { location: null }),
		row(
			'1',
			'a link on another host',
			(at) => startJob(at, { algorithm: `https://elsewhere.example/api/v1/algorithms/${at.seed.algorithms.threshold?.pk}/` }),
			201,
			postedJob,
		),
		row('1', 'the path of a link', (at) => startJob(at, { algorithm: `/api/v1/algorithms/${at.seed.algorithms.threshold?.pk}/` }), 201, postedJob),
		row('1', 'fields that there are not', (at) => startJob(at, { colour: 'red' }), 201, postedJob),
		row(
			'10.1',
			'a session of one’s own',
			async (at) => startJob(at, { inputs: [{ interface: 'ct-image', upload_session: await session(at) }] }),
			201,
			postedJob,
		),
		row('5', 'nothing', (at) => at.api('POST', jobs, { body: {} }), 400, { algorithm: REQUIRED, inputs: REQUIRED }),
		row('8.3', 'an algorithm that may not be run', (at) => startJob(at, { algorithm: at.seed.algorithms.viewOnly?.api_url }), 400, { algorithm: NO_OBJECT }),
		row('5', 'an algorithm by its pk', (at) => startJob(at, { algorithm: at.seed.algorithms.threshold?.pk }), 400, {
			algorithm: ['Invalid hyperlink - No URL match.'],
		}),
		row(
			'8.3',
			'a container that is not ready',
			(at) => startJob(at, { algorithm: at.seed.algorithms.unready?.api_url }),
			400,
			nonField('Algorithm image is not ready to be used'),
		),
		row(
			'6',
			'no credits left',
			async (at) => {
				await at.changeSettings({ credits: 0, complimentaryJobs: 0 });
				return startJob(at);
			},
			400,
			nonField('You have run out of algorithm credits'),
		),
		row(
			'6',
			'too many active jobs',
			async (at) => {
				await at.changeSettings({ maxActiveJobs: 0 });
				return startJob(at);
			},
			400,
			nonField('You have too many active jobs, please try again after they have completed'),
		),
		row(
			'8.3',
			'inputs that no interface takes',
			(at) => startJob(at, { inputs: [{ interface: 'patient-age', value: 5 }] }),
			400,
			object({
				non_field_errors: listOf(
					matching(
						'the combinations',
						/^The set of inputs provided does not match any of the algorithm's interfaces\. This algorithm supports the following input combinations: Interface 1: CT Image \(Image\)/,
					),
				),
			}),
		),
		row(
			'6',
			'the same again',
			async (at) => {
				await startJob(at);
				return startJob(at);
			},
			400,
			nonField('A result for these inputs with the current image and model already exists.'),
		),
		...mistakesOf('inputs', 'other', (at, inputs) => startJob(at, { inputs })),
	],

	'archives/items/': [
		row('8.4', 'makes an item', (at) => createItem(at, { title: 'case 1' }), 201, postedItem),
		row('8.4', 'makes one without a title, with no values', (at) => createItem(at, { values: [] }), 201, postedItem),
		row('8.4', 'no archive', (at) => at.api('POST', items, { body: {} }), 400, { archive: REQUIRED }),
		row('8.4', 'an archive by its pk', (at) => createItem(at, { archive: at.seed.archives.empty?.pk }), 400, {
			archive: ['Invalid hyperlink - No URL match.'],
		}),
		row('8.4', 'an archive by its slug', (at) => createItem(at, { archive: 'incoming-cases' }), 400, { archive: ['Invalid hyperlink - No URL match.'] }),
		row('8.4', 'an archive that one may only read', (at) => createItem(at, { archive: archive(at, 'readOnly') }), 400, { archive: NO_OBJECT }),
		row('8.4', 'values at once', (at) => createItem(at, { values: [{ interface: 'patient-age', value: 5 }] }), 400, ['Values can only be added via update']),
		row(
			'8.4',
			'a title twice',
			(at) => createItem(at, { archive: archive(at, 'lung'), title: 'Case 1' }),
			400,
			nonField('The fields title, archive must make a unique set.'),
		),
		row('5', 'a title too long', (at) => createItem(at, { title: 'x'.repeat(256) }), 400, { title: ['Ensure this field has no more than 255 characters.'] }),
		row('8.4', 'no title at all', (at) => createItem(at, { title: null }), 400, { title: ['This field may not be null.'] }),
		row('5', 'a title that is no text', (at) => createItem(at, { title: {} }), 400, { title: ['Not a valid string.'] }),
		row(
			'8.4',
			'PATCH changes the sockets that are named',
			(at) => at.api('PATCH', item(at), { body: { values: [{ interface: 'patient-age', value: 99 }] } }),
			200,
			both(postedItem, objectWith({ values: ofLength(9) })),
		),
		row(
			'8.4',
			'PUT removes all others, and the title',
			(at) => at.api('PUT', item(at), { body: {} }),
			200,
			both(postedItem, objectWith({ title: exactly(''), values: exactly([]) })),
		),
		row(
			'8.4',
			'a socket that the phase does not take',
			(at) => at.api('PATCH', item(at, 'phase1'), { body: { values: [{ interface: 'patient-age', value: 5 }] } }),
			400,
			["Socket 'patient-age' is not allowed for this archive."],
		),
		row('14', 'an item that one may only read', (at) => at.api('PATCH', item(at, 'readOnly1'), { body: { title: 'x' } }), 403, FORBIDDEN),
		row(
			'3',
			'an item that one may not see',
			(at) => at.api('PATCH', item(at, 'public1'), { body: { title: 'x' } }),
			404,
			detail('No ArchiveItem matches the given query.'),
		),
		...mistakesOf('values', 'patch', (at, values) => at.api('PATCH', item(at), { body: { values } })),
		...mistakesOf('values', 'other', (at, values) => at.api('PUT', item(at), { body: { values } })).map((row) => ({ ...row, what: `PUT: ${row.what}` })),
	],

	'reader-studies/display-sets/': [
		row('8.14', 'makes a display set', (at) => createSet(at, { title: 'A', order: 5 }), 201, postedDisplaySet),
		row('8.14', 'gives it the next order', (at) => createSet(at, { order: 0 }), 201, both(postedDisplaySet, objectWith({ order: exactly(40) }))),
		row('8.14', 'no reader study', (at) => at.api('POST', sets, { body: {} }), 400, { reader_study: REQUIRED }),
		row('8.14', 'no such reader study', (at) => createSet(at, { reader_study: 'x' }), 400, { reader_study: ['Object with slug=x does not exist.'] }),
		row('14', 'a reader study that one may only read', (at) => createSet(at, {}, as(at, 'reader')), 400, {
			reader_study: ['Object with slug=practice-study does not exist.'],
		}),
		row('8.14', 'values at once', (at) => createSet(at, { values: [{ interface: 'patient-age', value: 5 }] }), 400, ['Values can only be added via update']),
		row('5', 'a title twice', (at) => createSet(at, { title: 'Practice 1' }), 400, nonField('The fields title, reader_study must make a unique set.')),
		row('5', 'an order that is no number', (at) => createSet(at, { order: 'last' }), 400, { order: ['A valid integer is required.'] }),
		row('5', 'an order below 0', (at) => createSet(at, { order: -1 }), 400, { order: ['Ensure this value is greater than or equal to 0.'] }),
		row('8.14', 'PATCH', (at) => at.api('PATCH', set(at), { body: { title: 'B', values: [{ interface: 'patient-age', value: 5 }] } }), 200, postedDisplaySet),
		row(
			'8.14',
			'PUT empties it but keeps the order',
			(at) => at.api('PUT', set(at, 'practice2'), { body: {} }),
			200,
			both(postedDisplaySet, objectWith({ title: exactly(''), order: exactly(20), values: exactly([]) })),
		),
		row('8.14', 'one that was answered', (at) => at.api('PATCH', set(at, 'nodules1'), { body: { title: 'x' } }), 400, [
			'This display set cannot be changed, as answers for it already exist.',
		]),
		row('14', 'as a reader', (at) => at.api('PATCH', set(at), { body: { title: 'x' }, ...as(at, 'reader') }), 403, FORBIDDEN),
		row('3', 'DELETE', (at) => at.api('DELETE', set(at)), 405, detail('Method "DELETE" not allowed.')),
		row(
			'8.14',
			'unanswered by oneself',
			(at) => unanswered(at, 'reader_study=<study>&unanswered_by_user=true', 'reader'),
			200,
			objectWith({ count: exactly(3) }),
		),
		row(
			'8.14',
			'unanswered by a reader, for an editor',
			(at) => unanswered(at, 'reader_study=<study>&unanswered_by_user=true&user=reader'),
			200,
			objectWith({ count: exactly(3) }),
		),
		row(
			'8.14',
			'unanswered by somebody else',
			(at) => unanswered(at, 'reader_study=<study>&unanswered_by_user=true&user=reader2', 'reader'),
			403,
			detail("You do not have permission to retrieve this user's unanswered display sets."),
		),
		row('8.14', 'unanswered of no study', (at) => unanswered(at, 'unanswered_by_user=true'), 400, [
			'Please provide a reader study when filtering for unanswered display_sets.',
		]),
		row('8.14', 'a user alone', (at) => unanswered(at, 'reader_study=<study>&user=reader'), 400, [
			'Specifying a user is only possible when retrieving unanswered display sets.',
		]),
		row('5', 'unanswered by nobody', (at) => unanswered(at, 'reader_study=<study>&unanswered_by_user=true&user=nobody'), 500, 'html'),
		row('5', 'unanswered or not', (at) => unanswered(at, 'reader_study=<study>&unanswered_by_user=maybe'), 500, 'html'),
		...mistakesOf('values', 'patch', (at, values) => at.api('PATCH', set(at), { body: { values } })),
	],

	'reader-studies/answers/': [
		row('8.14', 'takes an answer', (at) => give(at, 'diameter', 7, { last_edit_duration: '00:00:42' }), 201, answer),
		...['83', 83, '83.5', '00:01:23', 'PT1M23S'].map((last_edit_duration) =>
			row('1', `takes the duration ${JSON.stringify(last_edit_duration)}`, (at) => give(at, 'diameter', 7, { last_edit_duration }), 201, answer),
		),
		row(
			'5',
			'nothing',
			(at) => at.api('POST', answers, { body: { display_set: at.seed.displaySets.nodules4?.api_url } }),
			400,
			object({ question: exactly(REQUIRED), 'answer?': any }),
		),
		row('8.14', 'a heading', (at) => give(at, 'heading', 'x'), 400, nonField('Headings are not answerable.')),
		row('8.14', 'another type', (at) => give(at, 'quality', 'yes'), 400, nonField("Your answer is not the correct type. Bool expected, <class 'str'> found.")),
		row(
			'8.14',
			'a second answer',
			(at) => give(at, 'present', at.seed.questions.present?.options['Yes'], { display_set: at.seed.displaySets.nodules1?.api_url }),
			400,
			nonField('User reader has already answered this question for this display set.'),
		),
		row(
			'8.14',
			'a display set of another study',
			(at) => give(at, 'diameter', 7, { display_set: at.seed.displaySets.practice1?.api_url }),
			400,
			object({ non_field_errors: listOf(matching('the refusal', /^Display set .* does not belong to this reader study\.$/)) }),
		),
		row('8.14', 'an option that there is not', (at) => give(at, 'present', 12_345), 400, nonField('Provided option is not valid for this question')),
		row('8.14', 'options that there are not', (at) => give(at, 'findings', [12_345]), 400, nonField('Provided options are not valid for this question')),
		row('8.14', 'an empty answer where none is required', (at) => give(at, 'remark', '', { display_set: at.seed.displaySets.practice2?.api_url }), 201, answer),
		row('8.14', 'too small a number', (at) => give(at, 'diameter', -1), 400, nonField('Ensure this value is greater than or equal to 0.')),
		row('8.14', 'a display set by its pk', (at) => give(at, 'diameter', 7, { display_set: at.seed.displaySets.nodules4?.pk }), 400, {
			display_set: ['Invalid hyperlink - No URL match.'],
		}),
		row('5', 'no display set', (at) => give(at, 'diameter', 7, { display_set: undefined }), 500, 'html'),
		row(
			'8.14',
			'PATCH where answers may be changed',
			(at) => change(at, 'practiceReader1', { answer: at.seed.questions.grade?.options['High'], last_edit_duration: '00:00:01' }),
			200,
			answer,
		),
		row(
			'8.14',
			'PATCH where they may not',
			(at) => change(at, 'readerDiameter1', { answer: 8 }),
			400,
			nonField('This reader study does not allow answer modification.'),
		),
		row(
			'8.14',
			'PATCH of something else',
			(at) => change(at, 'practiceReader1', { answer: at.seed.questions.grade?.options['High'], question: at.seed.questions.remark?.api_url }),
			400,
			nonField('Only the answer and last_edit_duration field can be modified.'),
		),
		row('8.14', 'PATCH by an editor', (at) => change(at, 'practiceReader1', { answer: null }, 'main'), 403, FORBIDDEN),
	],

	'GET reader-studies/{pk}/ground-truth/{display_set_pk}/': [
		row(
			'8.14',
			'the ground truth of a display set',
			(at) => truth(at, 'nodules', 'nodules1'),
			200,
			mapOf(object({ answer: any, answer_text: text, question_text: text, options: mapOf(text), explanation: text })),
		),
		row('8.14', 'a study that is not educational', (at) => truth(at, 'practice', 'practice1'), 404, any),
	],

	'cases/upload-sessions/': [
		row('8.6', 'registers a session', (at) => createSession(at), 201, both(uploadSession, objectWith({ status: exactly('Queued') }))),
		row('8.6', 'for an archive', (at) => createSession(at, { archive: 'incoming-cases' }), 201, uploadSession),
		row('8.6', 'for an item', (at) => createSession(at, { archive_item: at.seed.items.lung1?.pk, interface: 'ct-image' }), 201, uploadSession),
		row('8.6', 'for a display set', (at) => createSession(at, { display_set: at.seed.displaySets.practice3?.pk, interface: 'ct-image' }), 201, uploadSession),
		row('8.6', 'no uploads', (at) => at.api('POST', sessions, { body: {} }), 400, { uploads: REQUIRED }),
		row('8.6', 'an upload that is not completed', async (at) => createSession(at, { uploads: [at.to(`uploads/${(await started(at)).pk}/`)] }), 400, {
			uploads: NO_OBJECT,
		}),
		row(
			'8.6',
			'two targets',
			(at) => createSession(at, { archive: 'incoming-cases', archive_item: at.seed.items.lung1?.pk, interface: 'ct-image' }),
			400,
			nonField('Only one of archive, archive item, answer or reader study can be set'),
		),
		row(
			'8.6',
			'a socket without target',
			(at) => createSession(at, { interface: 'ct-image' }),
			400,
			nonField('An interface can only be defined for archive, archive item or display set uploads.'),
		),
		row(
			'8.6',
			'an item without socket',
			(at) => createSession(at, { archive_item: at.seed.items.lung1?.pk }),
			400,
			nonField('An interface needs to be defined to upload to an archive item.'),
		),
		row(
			'8.6',
			'a display set without socket',
			(at) => createSession(at, { display_set: at.seed.displaySets.practice3?.pk }),
			400,
			nonField('An interface needs to be defined to upload to a display set.'),
		),
		row(
			'8.6',
			'names twice',
			async (at) => createSession(at, { uploads: [await at.upload('a.mha', 'a'), await at.upload('a.mha', 'b')] }),
			400,
			nonField('Filenames must be unique'),
		),
		row(
			'6',
			'too many files',
			async (at) => {
				await at.changeSettings({ maxSessionFiles: 1 });
				return createSession(at, { uploads: [await at.upload('a.mha', 'a'), await at.upload('b.mha', 'b')] });
			},
			400,
			nonField('Too many files uploaded. A maximum of 100 files may be uploaded per session.'),
		),
		row('8.6', 'an answer that is no mask', (at) => createSessionAs(at, { answer: at.seed.answers.readerDiameter1?.pk }), 400, {
			answer: ['This question does not accept image type answers.'],
		}),
		row('8.6', 'an answer that has its mask', (at) => createSessionAs(at, { answer: at.seed.answers.readerMask1?.pk }), 400, {
			answer: ['This answer already has an image assignment pending'],
		}),
		row('8.6', 'an unknown archive', (at) => createSession(at, { archive: 'x' }), 400, { archive: ['Object with slug=x does not exist.'] }),
		...['archive_item', 'display_set', 'answer'].map((field) =>
			row('8.6', `an unknown ${field}`, (at) => createSession(at, { [field]: UNKNOWN }), 400, {
				[field]: [`Invalid pk "${UNKNOWN}" - object does not exist.`],
			}),
		),
	],

	'uploads/': [
		row(
			'11',
			'starts an upload',
			(at) => at.api('POST', 'uploads/', { body: { filename: 'scan.mha' } }),
			201,
			both(upload, objectWith({ status: exactly('Initialized') })),
		),
		row('11', 'no name', (at) => at.api('POST', 'uploads/', { body: {} }), 400, { filename: REQUIRED }),
		row('11', 'a blank name', (at) => at.api('POST', 'uploads/', { body: { filename: ' ' } }), 400, { filename: ['This field may not be blank.'] }),
		row('11', 'a name too long', (at) => at.api('POST', 'uploads/', { body: { filename: 'x'.repeat(129) } }), 400, {
			filename: ['Ensure this field has no more than 128 characters.'],
		}),
		row('11', 'a name with folders', (at) => at.api('POST', 'uploads/', { body: { filename: '../../foo.bat' } }), 400, {
			filename: ['../../foo.bat is not a valid filename'],
		}),
		row(
			'6',
			'too many uploads',
			async (at) => {
				await at.changeSettings({ maxUploads: 0 });
				await started(at);
				return at.api('POST', 'uploads/', { body: { filename: 'b' } });
			},
			400,
			nonField('You have created too many uploads. Please try again later.'),
		),
		row('11', 'signed addresses', (at) => act(at, 'generate-presigned-urls', { part_numbers: [1, 2] }), 200, signedUpload),
		row('11', 'signed addresses of no part', (at) => act(at, 'generate-presigned-urls', { part_numbers: [] }), 200, signedUpload),
		row('11', 'signed addresses of nothing', (at) => act(at, 'generate-presigned-urls', {}), 400, nonField('The `part_numbers` field is required')),
		row('5', 'a part above 10,000', (at) => act(at, 'generate-presigned-urls', { part_numbers: [10_001] }), 400, {
			part_numbers: { 0: ['Ensure this value is less than or equal to 10000.'] },
		}),
		row('5', 'a part that is no number', (at) => act(at, 'generate-presigned-urls', { part_numbers: [1, 'x'] }), 400, {
			part_numbers: { 1: ['A valid integer is required.'] },
		}),
		row(
			'6',
			'more bytes than one may have',
			async (at) => {
				await at.upload('a.bin', 'abc');
				await at.changeSettings({ temporaryBytes: 1 });
				return act(at, 'generate-presigned-urls', { part_numbers: [1] });
			},
			403,
			detail('Upload limit reached'),
		),
		row(
			'11',
			'signed addresses of what is completed',
			async (at) => {
				const { json } = await at.api('GET', `uploads/${idOf(await at.upload('a.bin', 'abc'))}/`);
				return at.api('PATCH', `uploads/${String(json['pk'])}/${String(json['s3_upload_id'])}/generate-presigned-urls/`, { body: { part_numbers: [1] } });
			},
			403,
			detail('Upload limit reached'),
		),
		row(
			'11',
			'the parts that there are',
			async (at) => {
				const { actions } = await started(at);
				await putPart(at, actions, 1);
				return at.api('GET', `${actions}list-parts/`);
			},
			200,
			uploadWithParts,
		),
		row(
			'11',
			'completes',
			async (at) => {
				const { actions } = await started(at);
				return at.api('PATCH', `${actions}complete-multipart-upload/`, { body: { parts: [{ ETag: await putPart(at, actions, 1), PartNumber: 1 }] } });
			},
			200,
			both(upload, objectWith({ status: exactly('Completed'), s3_upload_id: matching('a key', /./) })),
		),
		row(
			'5',
			'parts as they were listed',
			async (at) => {
				const { actions } = await started(at);
				const part = { ETag: await putPart(at, actions, 1), PartNumber: 1, LastModified: '2025-11-14T22:48:10Z', Size: 3 };
				return at.api('PATCH', `${actions}complete-multipart-upload/`, { body: { parts: [part] } });
			},
			500,
			'html',
		),
		row('5', 'no parts', (at) => act(at, 'complete-multipart-upload', { parts: [] }), 500, 'html'),
		row('5', 'parts that were not uploaded', (at) => act(at, 'complete-multipart-upload', { parts: [{ ETag: '"x"', PartNumber: 1 }] }), 500, 'html'),
		row(
			'11',
			'aborts',
			(at) => act(at, 'abort-multipart-upload', {}),
			200,
			both(upload, objectWith({ status: exactly('Aborted'), s3_upload_id: exactly('') })),
		),
		row(
			'11',
			'aborts twice',
			async (at) => {
				const { actions } = await started(at);
				await at.api('PATCH', `${actions}abort-multipart-upload/`, { body: {} });
				return at.api('PATCH', `${actions}abort-multipart-upload/`, { body: {} });
			},
			404,
			detail('Not found.'),
		),
		...['generate-presigned-urls', 'complete-multipart-upload', 'abort-multipart-upload'].map((action) =>
			row(
				'11',
				`${action} by another key of the store`,
				async (at) => at.api('PATCH', `uploads/${(await started(at)).pk}/abc/${action}/`, { body: { part_numbers: [1], parts: [] } }),
				404,
				detail('Not found.'),
			),
		),
		row(
			'11',
			'the upload of somebody else',
			async (at) => at.api('GET', `uploads/${(await started(at)).pk}/`, as(at, 'other')),
			404,
			detail('No UserUpload matches the given query.'),
		),
	],

	'evaluations/': [
		row(
			'8.10',
			'what can be claimed',
			(at) => at.api('GET', 'evaluations/claimable_evaluations/', as(at, 'evaluator')),
			200,
			both(listOf(externalEvaluation), ofLength(3)),
		),
		row('8.10', 'what others can claim', (at) => at.api('GET', 'evaluations/claimable_evaluations/', as(at, 'other')), 200, []),
		row(
			'8.10',
			'claims',
			(at) => evaluationAction(at, 'claimable1', 'claim', {}),
			200,
			both(externalEvaluation, objectWith({ status: exactly('External Execution In Progress') })),
		),
		row('8.10', 'claims what is done', (at) => evaluationAction(at, 'externalDone', 'claim', {}), 400, { status: 'You can only claim pending evaluations.' }),
		row(
			'8.10',
			'claims a second one',
			async (at) => {
				await evaluationAction(at, 'claimable1', 'claim', {});
				return evaluationAction(at, 'claimable2', 'claim', {});
			},
			400,
			{ status: 'You can only claim one evaluation at a time.' },
		),
		row('8.10', 'claims what one may only see', (at) => evaluationAction(at, 'claimable1', 'claim', {}, 'organizer'), 403, FORBIDDEN),
		row(
			'8.10',
			'claims what one does not see',
			(at) => evaluationAction(at, 'hiddenReader', 'claim', {}, 'other'),
			404,
			detail('No Evaluation matches the given query.'),
		),
		row(
			'8.10',
			'claims what there is not',
			(at) => at.api('PATCH', `evaluations/${UNKNOWN}/claim/`, { body: {}, ...as(at, 'evaluator') }),
			404,
			detail('No Evaluation matches the given query.'),
		),
		row('8.10', 'claims no pk', (at) => at.api('PATCH', 'evaluations/nonsense/claim/', { body: {}, ...as(at, 'evaluator') }), 404, detail('Not found.')),
		row(
			'2',
			'claims without a token',
			(at) => at.api('PATCH', `evaluations/${UNKNOWN}/claim/`, { body: {}, token: null }),
			401,
			detail('Authentication credentials were not provided.'),
			{ 'www-authenticate': 'Bearer' },
		),
		row('8.10', 'reports success', (at) => report(at, { status: 'Succeeded', metrics: { dice: 0.9 } }), 200, {
			metrics: { dice: 0.9 },
			status: 'Succeeded',
			error_message: '',
		}),
		row(
			'8.10',
			'reports failure',
			(at) => report(at, { status: 'Failed', error_message: 'No GPU' }),
			200,
			object({ 'metrics?': any, status: exactly('Failed'), error_message: exactly('No GPU') }),
		),
		row(
			'8.10',
			'reports what was not claimed',
			(at) => evaluationAction(at, 'claimable2', 'update_external_evaluation', { status: 'Succeeded', metrics: {} }),
			400,
			{ status: 'You need to claim an evaluation before you can update it.' },
		),
		row('8.10', 'reports what somebody else claimed', (at) => report(at, { status: 'Succeeded', metrics: {} }, 'main'), 403, {
			status: 'You do not have permission to update this evaluation.',
		}),
		row('8.10', 'another status', (at) => report(at, { status: 'Done' }), 400, { status: ['Not a valid choice.'] }),
		row('8.10', 'success without metrics', (at) => report(at, { status: 'Succeeded' }), 400, nonField('Metrics are required for successful evaluations.')),
		row('8.10', 'failure without a reason', (at) => report(at, { status: 'Failed' }), 400, nonField('An error_message is required for failed evaluations.')),
		row('5', 'no status', (at) => report(at, { metrics: {} }), 500, 'html'),
	],

	'notifications/ and subscriptions/': [
		...['PATCH', 'PUT'].map((method) =>
			row('8.12', `${method} a notification`, (at) => at.api(method, `notifications/${at.seed.notifications.unread1?.pk}/`, { body: { read: true } }), 200, {
				read: true,
			}),
		),
		row('8.12', 'read or not', (at) => at.api('PATCH', `notifications/${at.seed.notifications.unread1?.pk}/`, { body: { read: 'maybe' } }), 400, {
			read: ['Must be a valid boolean.'],
		}),
		row('8.12', 'DELETE a notification', (at) => at.api('DELETE', `notifications/${at.seed.notifications.unread1?.pk}/`), 204, ''),
		row(
			'3',
			'the notification of somebody else',
			(at) => at.api('DELETE', `notifications/${at.seed.notifications.reader?.pk}/`),
			404,
			detail('No Notification matches the given query.'),
		),
		...['PATCH', 'PUT'].map((method) =>
			row(
				'8.12',
				`${method} a subscription`,
				(at) => at.api(method, `subscriptions/${at.seed.subscriptions.jobs?.pk}/`, { body: { flag: 'job-inactive' } }),
				200,
				{ pk: 90_001, flag: 'job-inactive' },
			),
		),
		row('8.12', 'DELETE a subscription', (at) => at.api('DELETE', `subscriptions/${at.seed.subscriptions.jobs?.pk}/`), 204, ''),
		row(
			'3',
			'the subscription of somebody else',
			(at) => at.api('PATCH', `subscriptions/${at.seed.subscriptions.reader?.pk}/`, { body: {} }),
			404,
			detail('No Follow matches the given query.'),
		),
	],

	'workstations/…': [
		row('8.16', 'keeps a session alive', (at) => keepAlive(at, 'running'), 200, { status: 'session extended' }),
		row(
			'8.16',
			'keeps no session alive for ever',
			async (at) => {
				await at.changeSettings({ viewerSessionSeconds: 1 });
				return keepAlive(at, 'running');
			},
			400,
			{ status: 'session duration limit reached' },
		),
		row('3', 'the session of somebody else', (at) => keepAlive(at, 'reader'), 404, detail('No Session matches the given query.')),
		row(
			'8.16',
			'takes feedback',
			(at) => at.api('POST', 'workstations/feedback/', { body: { session: at.seed.viewerSessions.running?.api_url, user_comment: 'Good' } }),
			201,
			feedback,
		),
		row(
			'5',
			'feedback without anything',
			(at) => at.api('POST', 'workstations/feedback/', { body: {} }),
			400,
			object({ session: exactly(REQUIRED), user_comment: exactly(REQUIRED) }),
		),
		row(
			'8.16',
			'feedback on the session of somebody else',
			(at) => at.api('POST', 'workstations/feedback/', { body: { session: at.seed.viewerSessions.reader?.api_url, user_comment: 'x' } }),
			400,
			{ session: NO_OBJECT },
		),
		row(
			'5',
			'a picture that is no file',
			(at) => at.api('POST', 'workstations/feedback/', { body: { session: at.seed.viewerSessions.running?.api_url, user_comment: 'x', screenshot: 'a.png' } }),
			400,
			{ screenshot: ['The submitted data was not a file. Check the encoding type on the form.'] },
		),
	],

	'GET cases/images/{pk}/dicom/…': [
		row(
			'12.3',
			'the instances of a DICOM image set',
			(at) => at.api('GET', `cases/images/${at.seed.images.dicom?.pk}/dicom/instances/`),
			200,
			object({
				image_set_id: text,
				instances: listOf(
					object({
						sop_instance_uid: text,
						get_instance: object({
							url,
							method: exactly('GET'),
							data: nothing,
							headers: object({ Accept: text, 'X-Amz-Date': text, 'X-Amz-Security-Token': text, Authorization: text }),
						}),
					}),
				),
			}),
		),
		row(
			'8.5',
			'its frames',
			(at) => at.api('GET', `cases/images/${at.seed.images.dicom?.pk}/dicom/frames/`),
			200,
			object({
				image_set_id: text,
				get_image_set_metadata: object({ url, method: text, data: any, headers: any }),
				image_frames: listOf(object({ image_frame_id: text, get_image_frame: any })),
			}),
		),
		...['instances', 'frames'].map((what) =>
			row(
				'8.5',
				`no ${what} of other images`,
				(at) => at.api('GET', `cases/images/${at.seed.images.lung1?.pk}/dicom/${what}/`),
				404,
				detail('This image does not have a DICOM Image Set.'),
			),
		),
		row('3', 'an image that there is not', (at) => at.api('GET', `cases/images/${UNKNOWN}/dicom/instances/`), 404, detail('No Image matches the given query.')),
	],

	'GET archives/{pk}/patients/ and studies/': [
		...['patients/', 'studies/?patient_id='].map((what) =>
			row('0.1', `${what} are gone`, (at) => at.api('GET', `archives/${at.seed.archives.legacy?.pk}/${what}`), 404, 'html'),
		),
		...['patients/', 'studies/?patient_id=SANDBOX-1'].map((what) =>
			row(
				'8.4',
				`${what} of the server before`,
				async (at) => {
					await drift(at, 'A');
					return at.api('GET', `archives/${at.seed.archives.legacy?.pk}/${what}`);
				},
				200,
				listOf(text),
			),
		),
		row(
			'8.4',
			'studies of nobody',
			async (at) => {
				await drift(at, 'A');
				return at.api('GET', `archives/${at.seed.archives.legacy?.pk}/studies/`);
			},
			404,
			any,
		),
	],

	'algorithms/endpoints/ and invocations/': [
		row('0.1', 'there are none before 2026', (at) => at.api('GET', 'algorithms/endpoints/'), 404, 'html'),
		row(
			'0.1',
			'starts an endpoint',
			async (at) => {
				await drift(at, 'C');
				return at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.threshold?.api_url } });
			},
			201,
			any,
		),
		row(
			'0.1',
			'without the permission for it',
			async (at) => {
				await drift(at, 'C');
				return at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.threshold?.api_url }, ...as(at, 'reader') });
			},
			403,
			FORBIDDEN,
		),
		row(
			'0.1',
			'a container that cannot',
			async (at) => {
				await drift(at, 'C');
				return at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.table?.api_url } });
			},
			400,
			nonField('Algorithm image does not implement the invoke API'),
		),
		row(
			'0.1',
			'a second one',
			async (at) => {
				await endpoint(at);
				return at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.threshold?.api_url } });
			},
			400,
			nonField('You already have an active endpoint for this algorithm'),
		),
		row(
			'0.1',
			'too many',
			async (at) => {
				await endpoint(at);
				await at.changeSettings({ maxActiveEndpoints: 1 });
				return at.api('POST', 'algorithms/endpoints/', { body: { algorithm: at.seed.algorithms.echo?.api_url } });
			},
			400,
			nonField('You have too many active endpoints'),
		),
		row('0.1', 'keeps one alive', async (at) => at.api('PATCH', `algorithms/endpoints/${await endpoint(at)}/keep_alive/`), 200, {
			status: 'Endpoint lifetime extended',
		}),
		row(
			'0.1',
			'starts an invocation',
			(at) => invoke(at),
			201,
			object({ pk: text, endpoint: link('algorithms/endpoints'), inputs: listOf(postedValue), status: oneOf('Queued') }),
		),
		row(
			'0.1',
			'too many invocations',
			async (at) => {
				await at.changeSettings({ maxActiveInvocations: 0 });
				return invoke(at);
			},
			400,
			nonField('There are too many active invocations for this endpoint, please try again after they have completed'),
		),
		row('5', 'an invocation of nothing', async (at) => (await drift(at, 'C'), at.api('POST', 'algorithms/invocations/', { body: {} })), 400, {
			endpoint: REQUIRED,
			inputs: REQUIRED,
		}),
	],

	'media files': [
		row('12.2', 'an image', (at) => file(at, at.seed.images.lung1), 302, 'html'),
		row('12.2', 'an image that one may not see', (at) => file(at, at.seed.images.lung1, { token: at.tokens.other }), 403, 'html'),
		row('12.2', 'an image with a bad token', (at) => file(at, at.seed.images.lung1, { token: 'f'.repeat(64) }), 403, 'html'),
		row('12.2', 'an image without a token', (at) => file(at, at.seed.images.lung1, { token: null }), 403, 'html'),
		row('12.2', 'the file of a socket', (at) => socketFile(at, {}), 302, 'html'),
		row('12.2', 'the file of a socket that one may not see', (at) => socketFile(at, { token: at.tokens.other }), 404, 'html'),
	],
};

/** A request that carries something. */
export interface Write {
	method: 'POST' | 'PUT' | 'PATCH';
	/** With `<pk>` for what it is about. */
	path: string;
	pk?: (seed: SandboxState) => { pk: string } | undefined;
	/** The class name of that. */
	model?: string;
	user?: keyof Bench['tokens'];
}

export const writes: Write[] = [
	...[jobs, items, sets, sessions, 'uploads/', 'workstations/feedback/'].map((path) => ({ method: 'POST' as const, path })),
	{ method: 'POST', path: answers, user: 'reader' },
	...(['PATCH', 'PUT'] as const).flatMap((method): Write[] => [
		{ method, path: `${items}<pk>/`, pk: (seed) => seed.items.lung1, model: 'ArchiveItem' },
		{ method, path: `${sets}<pk>/`, pk: (seed) => seed.displaySets.practice3, model: 'DisplaySet' },
		{ method, path: 'notifications/<pk>/', pk: (seed) => seed.notifications.read, model: 'Notification' },
		{ method, path: 'subscriptions/<pk>/', pk: (seed) => seed.subscriptions.jobs, model: 'Follow' },
	]),
	{ method: 'PATCH', path: `${answers}<pk>/`, pk: (seed) => seed.answers.practiceReader1, model: 'Answer', user: 'reader' },
	{ method: 'PATCH', path: 'evaluations/<pk>/claim/', pk: (seed) => seed.evaluations.claimable1, model: 'Evaluation', user: 'evaluator' },
];

const change = (at: At, name: string, body: object, user: keyof Bench['tokens'] = 'reader') =>
	at.api('PATCH', `${answers}${at.seed.answers[name]?.pk}/`, { body, ...as(at, user) });
const truth = (at: At, study: string, displaySet: string) =>
	at.api('GET', `reader-studies/${at.seed.readerStudies[study]?.pk}/ground-truth/${at.seed.displaySets[displaySet]?.pk}/`);
const act = async (at: At, action: string, body: object) => at.api('PATCH', `${(await started(at)).actions}${action}/`, { body });
const keepAlive = (at: At, name: string) => at.api('PATCH', `workstations/sessions/${at.seed.viewerSessions[name]?.pk}/keep_alive/`);
const createSessionAs = async (at: At, body: object) =>
	at.api('POST', sessions, { body: { uploads: [await at.upload('a.mha', 'a', 'reader')], ...body }, ...as(at, 'reader') });
const invoke = async (at: At) => {
	const pk = await endpoint(at);
	return at.api('POST', 'algorithms/invocations/', {
		body: { endpoint: at.to(`algorithms/endpoints/${pk}/`), inputs: [{ interface: 'ct-image', image: image(at) }] },
	});
};
const media = async (at: At, address: unknown, options: { token?: string | null }) => at.api('GET', `../..${new URL(String(address)).pathname}`, options);
const file = async (at: At, named: { pk: string } | undefined, options: { token?: string | null } = {}) => {
	const { json } = await at.api('GET', `cases/images/${named?.pk}/`);
	return media(at, (json['files'] as Array<{ file: string }>)[0]?.file, options);
};
const socketFile = async (at: At, options: { token?: string | null }) => {
	const { json } = await at.api('GET', item(at));
	const found = (json['values'] as Array<{ file: string | null }>).find((value) => value.file !== null);
	return media(at, found?.file, options);
};
