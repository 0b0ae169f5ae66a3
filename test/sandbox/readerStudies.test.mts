import { bench, flatMha, idOf, resultsOf, type Bench, type Reply } from './support.mts';

let sandbox: Bench;
let state: Awaited<ReturnType<Bench['state']>>;

beforeAll(async () => {
	sandbox = await bench({ clock: 'manual' });
});
beforeEach(async () => {
	state = await sandbox.reset();
});
afterAll(() => sandbox.stop());

const as = (name: keyof Bench['tokens']) => ({ token: sandbox.tokens[name] });
const study = (name: string) => state.readerStudies[name]?.pk ?? '';
const question = (name: string) => state.questions[name]?.api_url ?? '';
const displaySet = (name: string) => state.displaySets[name]?.api_url ?? '';
const optionId = (name: string, title: string) => state.questions[name]?.options[title] ?? 0;
const problem = (reply: Reply) => [reply.status, reply.json['non_field_errors']];

/** Answers as the second reader, who has answered nothing of case 2. */
const answer = (name: string, value: unknown, more: object = {}) =>
	sandbox.api('POST', 'reader-studies/answers/', {
		...as('reader2'),
		body: { question: question(name), display_set: displaySet('nodules2'), answer: value, ...more },
	});

describe('reader studies', () => {
	it('shows a study with its questions to its readers, and only itself to everybody if it is public', async () => {
		const found = await sandbox.api('GET', 'reader-studies/?slug=nodule-reading', as('reader'));
		const [shown] = resultsOf(found);
		expect(shown).toMatchObject({ title_safe: 'Nodule Reading', has_ground_truth: true, is_educational: true });
		expect((shown?.['questions'] as Array<{ answer_type: string }>).map(({ answer_type }) => answer_type)).toEqual([
			'Heading',
			'Choice',
			'Multiple choice',
			'Number',
			'Text',
			'Bool',
			'2D bounding box',
			'Polygon',
			'Mask',
		]);
		expect((await sandbox.api('GET', 'reader-studies/', { token: null })).json['count']).toBe(1);
		expect((await sandbox.api('GET', `reader-studies/${study('nodules')}/`, as('other'))).json).toEqual({
			detail: 'No ReaderStudy matches the given query.',
		});
		expect((await sandbox.api('PATCH', `reader-studies/${study('nodules')}/`, { body: {} })).status).toBe(405);
		expect((await sandbox.api('POST', 'reader-studies/', { body: {} })).status).toBe(403);
	});

	it('gives questions in their order, with decimals as text', async () => {
		const reply = await sandbox.api('GET', `reader-studies/questions/?reader_study=${study('nodules')}`, as('reader'));
		expect(resultsOf(reply)[3]).toMatchObject({
			answer_min_value: 0,
			answer_max_value: 100,
			answer_step_size: '0.500',
		});
		expect(resultsOf(reply)[1]?.['options']).toEqual([
			{ id: optionId('present', 'Yes'), title: 'Yes', default: true },
			{ id: optionId('present', 'No'), title: 'No', default: false },
			{ id: optionId('present', 'Unsure'), title: 'Unsure', default: false },
		]);
		expect((await sandbox.api('GET', 'reader-studies/questions/', as('other'))).json['count']).toBe(0);
	});

	it('tells the ground truth of an educational study, in words too', async () => {
		const path = (name: string) => `reader-studies/${study(name)}/ground-truth/${idOf(displaySet('nodules1'))}/`;
		const reply = await sandbox.api('GET', path('nodules'), as('reader'));
		expect(reply.json[state.questions['present']?.pk ?? '']).toEqual({
			answer: optionId('present', 'Yes'),
			answer_text: 'Yes',
			question_text: 'Is there a nodule?',
			options: {
				[optionId('present', 'Yes')]: 'Yes',
				[optionId('present', 'No')]: 'No',
				[optionId('present', 'Unsure')]: 'Unsure',
			},
			explanation: 'A solid nodule in the left lung.',
		});
		expect((await sandbox.api('GET', path('practice'))).json).toEqual({ detail: 'Not found.' });
	});
});

describe('display sets', () => {
	const post = async (body: unknown) => sandbox.api('POST', 'reader-studies/display-sets/', { body });
	const list = async (query: string, who: keyof Bench['tokens'] = 'main') =>
		sandbox.api('GET', `reader-studies/display-sets/?${query}`, as(who));

	it('takes the study by slug, orders by tens, and takes values only by update', async () => {
		const made = await post({ reader_study: 'practice-study', title: 'New' });
		expect([made.status, made.json]).toEqual([
			201,
			expect.objectContaining({ reader_study: 'practice-study', order: 40, title: 'New', values: [] }),
		]);
		const path = `reader-studies/display-sets/${String(made.json['pk'])}/`;
		const patched = await sandbox.api('PATCH', path, {
			body: { order: 33, values: [{ interface: 'patient-age', value: 61 }] },
		});
		expect(patched.json).toMatchObject({ order: 33, values: [{ interface: 'patient-age', value: 61 }] });
		expect((await post({ reader_study: 'practice-study', order: 0 })).json['order']).toBe(40);
		expect((await sandbox.api('PUT', path, { body: {} })).json).toMatchObject({ order: 33, title: '', values: [] });
		const read = await sandbox.api('GET', path);
		expect(new URL(String(read.json['reader_study'])).pathname).toBe(`/api/v1/reader-studies/${study('practice')}/`);
	});

	it('refuses what does not fit', async () => {
		expect((await post({ reader_study: study('practice') })).json).toEqual({
			reader_study: [`Object with slug=${study('practice')} does not exist.`],
		});
		expect((await post({})).json).toEqual({ reader_study: ['This field is required.'] });
		expect((await post({ reader_study: 'practice-study', order: -1 })).json).toEqual({
			order: ['Ensure this value is greater than or equal to 0.'],
		});
		expect((await post({ reader_study: 'practice-study', title: 'Practice 1' })).json).toEqual({
			non_field_errors: ['The fields title, reader_study must make a unique set.'],
		});
		expect(
			(await post({ reader_study: 'practice-study', values: [{ interface: 'patient-age', value: 1 }] })).json,
		).toEqual(['Values can only be added via update']);
		const body = { reader_study: 'practice-study' };
		expect((await sandbox.api('POST', 'reader-studies/display-sets/', { ...as('reader'), body })).json).toEqual({
			reader_study: ['Object with slug=practice-study does not exist.'],
		});
	});

	it('freezes a display set that anybody has answered, also by ground truth alone', async () => {
		const patch = (name: string) =>
			sandbox.api('PATCH', `reader-studies/display-sets/${idOf(displaySet(name))}/`, { body: { title: 'x' } });
		const frozen = ['This display set cannot be changed, as answers for it already exist.'];
		expect((await patch('nodules2')).json).toEqual(frozen);
		expect((await patch('nodules3')).status).toBe(200);
		await sandbox.api('POST', 'reader-studies/answers/', {
			...as('reader'),
			body: { question: question('quality'), display_set: displaySet('nodules3'), answer: true },
		});
		expect([(await patch('nodules3')).status, (await patch('nodules3')).json]).toEqual([400, frozen]);
	});

	it('says 405 to DELETE, 403 to a reader who changes one, 404 to others', async () => {
		const path = `reader-studies/display-sets/${idOf(displaySet('nodules3'))}/`;
		expect((await sandbox.api('DELETE', path)).json).toEqual({ detail: 'Method "DELETE" not allowed.' });
		expect((await sandbox.api('PATCH', path, { ...as('reader'), body: {} })).status).toBe(403);
		expect((await sandbox.api('GET', path, as('other'))).json).toEqual({
			detail: 'No DisplaySet matches the given query.',
		});
	});

	it('lists what a reader has not answered, for the reader and for editors', async () => {
		const query = `reader_study=${study('shuffled')}&unanswered_by_user=true`;
		await sandbox.api('POST', 'reader-studies/answers/', {
			...as('reader'),
			body: { question: question('old'), display_set: displaySet('shuffled3'), answer: false },
		});
		expect((await list(query, 'reader')).json['count']).toBe(7);
		expect((await list(`${query}&user=reader`)).json['count']).toBe(7);
		expect((await list(`${query}&user=reader2`)).json['count']).toBe(8);
		expect((await list(`${query}&user=reader`, 'reader2')).json).toEqual({
			detail: "You do not have permission to retrieve this user's unanswered display sets.",
		});
		expect((await list('unanswered_by_user=true')).json).toEqual([
			'Please provide a reader study when filtering for unanswered display_sets.',
		]);
		expect((await list('user=reader')).json).toEqual([
			'Specifying a user is only possible when retrieving unanswered display sets.',
		]);
		expect((await list(`${query}&user=nobody`)).status).toBe(500);
		expect((await list('unanswered_by_user=maybe')).status).toBe(500);
	});

	it('shuffles per reader, the same each time, and counts the position', async () => {
		const titles = async (who: keyof Bench['tokens']) => {
			const found = resultsOf(await list(`reader_study=${study('shuffled')}`, who));
			expect(found.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
			return found.map(({ title_safe }) => title_safe);
		};
		const mine = await titles('reader');
		expect(await titles('reader')).toEqual(mine);
		expect(await titles('reader2')).not.toEqual(mine);
		const others = await list(`reader_study=${study('shuffled')}&unanswered_by_user=true`, 'reader');
		expect(resultsOf(others).map(({ title_safe }) => title_safe)).toEqual(mine);
		const [first] = resultsOf(await list('limit=1000', 'reader')).filter(({ title_safe }) => title_safe === mine[0]);
		expect(first?.['index']).toBeNull();
		expect(
			(await sandbox.api('GET', `reader-studies/display-sets/${String(first?.['pk'])}/`, as('reader'))).json,
		).toMatchObject({ index: 0 });
	});

	it('shows the texts of its images, and its images to the readers', async () => {
		const reply = await sandbox.api(
			'GET',
			`reader-studies/display-sets/${idOf(displaySet('nodules1'))}/`,
			as('reader2'),
		);
		expect(reply.json).toMatchObject({
			description: '<p>Cough for three weeks.</p>',
			index: 0,
			view_content: { main: ['ct-image'] },
		});
		const image = state.images['lung1']?.pk;
		expect((await sandbox.api('GET', `cases/images/${image}/`, as('reader2'))).status).toBe(200);
		const images = await sandbox.api('GET', `cases/images/?reader_study=${study('nodules')}`, as('reader2'));
		expect(images.json['count']).toBe(4);
	});

	it('takes the one image of an upload session, for the socket that was named', async () => {
		const uploads = [await sandbox.upload('scan.mha', flatMha(3))];
		const target = { uploads, display_set: idOf(displaySet('practice3')) };
		const session = (body: object) => sandbox.api('POST', 'cases/upload-sessions/', { body });
		expect(problem(await session(target))).toEqual([
			400,
			['An interface needs to be defined to upload to a display set.'],
		]);
		expect((await session({ ...target, interface: 'ct-image' })).status).toBe(201);
		await sandbox.settle();
		const read = await sandbox.api('GET', `reader-studies/display-sets/${target.display_set}/`);
		expect(read.json['values']).toMatchObject([{ interface: { slug: 'ct-image' }, image: expect.any(String) }]);
	});
});

describe('answers', () => {
	it('takes every shape of answer that the question wants, and says what it expected otherwise', async () => {
		const points = [1, 2, 3, 4].map((x) => [x, 0, 0]);
		const box = { version: { major: 1, minor: 0 }, type: '2D bounding box', corners: points };
		for (const [name, good, bad, expected] of [
			['present', optionId('present', 'No'), 'No', "Choice expected, <class 'str'> found."],
			['findings', [optionId('findings', 'Fibrosis')], null, "Multiple choice expected, <class 'NoneType'> found."],
			['diameter', 3.5, '3', "Number expected, <class 'str'> found."],
			['impression', 'Nothing', 4, "Text expected, <class 'int'> found."],
			['quality', false, 'yes', "Bool expected, <class 'str'> found."],
			['box', box, true, "2D bounding box expected, <class 'bool'> found."],
			['mask', null, [1], "Mask expected, <class 'list'> found."],
		] as const) {
			expect(problem(await answer(name, bad))).toEqual([400, [`Your answer is not the correct type. ${expected}`]]);
			expect([name, (await answer(name, good)).status]).toEqual([name, 201]);
		}
		expect(problem(await answer('heading', 'x'))).toEqual([400, ['Headings are not answerable.']]);
		expect((await answer('outline', { ...box, surprise: 1 })).json).toEqual({
			answer: ['JSON does not fulfill schema: instance is not valid under any of the given schemas'],
		});
	});

	it('holds answers to the options and limits of the question', async () => {
		expect(problem(await answer('present', 9999))).toEqual([400, ['Provided option is not valid for this question']]);
		expect(problem(await answer('findings', [9999]))).toEqual([
			400,
			['Provided options are not valid for this question'],
		]);
		expect(problem(await answer('present', null))).toEqual([400, ['Provided option is not valid for this question']]);
		expect(problem(await answer('diameter', -1))).toEqual([400, ['Ensure this value is greater than or equal to 0.']]);
		expect(problem(await answer('diameter', 1.3))).toEqual([
			400,
			['Ensure this value is a multiple of step size 0.500, starting from 0, e.g. 0, 0.500, 1.000, and so on.'],
		]);
		expect(problem(await answer('impression', 'no'))).toEqual([
			400,
			['Ensure this value has at least 3 characters (it has 2).'],
		]);
		expect((await answer('impression', '')).status).toBe(201);
		const remark = { question: question('remark'), display_set: displaySet('practice1'), answer: 'small' };
		expect(problem(await sandbox.api('POST', 'reader-studies/answers/', { ...as('reader2'), body: remark }))).toEqual([
			400,
			['Enter a valid answer that matches with the requested format'],
		]);
	});

	it('takes one answer per reader, question and case, of the same study, with its duration', async () => {
		const first = await answer('quality', true, { last_edit_duration: 'PT1M23S' });
		expect(first.json).toMatchObject({
			creator: 'reader2',
			last_edit_duration: '00:01:23',
			total_edit_duration: '00:01:23',
			is_ground_truth: false,
			answer_image: null,
		});
		expect(problem(await answer('quality', true))).toEqual([
			400,
			['User reader2 has already answered this question for this display set.'],
		]);
		expect((await answer('diameter', 1, { last_edit_duration: 'soon' })).json).toHaveProperty('last_edit_duration');
		const elsewhere = await answer('old', true);
		expect(elsewhere.json['non_field_errors']).toEqual([
			expect.stringMatching(
				/^Display set .*'Patient 2', CT Image: lung-2\.mha.* does not belong to this reader study\.$/u,
			),
		]);
		expect((await answer('diameter', 1, { display_set: undefined })).status).toBe(500);
		const foreign = await sandbox.api('POST', 'reader-studies/answers/', {
			...as('other'),
			body: { question: question('quality'), display_set: displaySet('nodules2'), answer: true },
		});
		expect(foreign.json).toEqual({ display_set: ['Invalid hyperlink - Object does not exist.'] });
	});

	it.each([
		[83, '00:01:23'],
		['83.5', '00:01:23.500000'],
		['02:03:04', '02:03:04'],
		['1 02:03:04', '1 02:03:04'],
		['P1DT2H3M4S', '1 02:03:04'],
		[null, null],
	])('reads the duration %j', async (given, shown) => {
		expect((await answer('quality', true, { last_edit_duration: given })).json['last_edit_duration']).toBe(shown);
	});

	it('changes answers only where the study allows it, only by their readers, and forgets what is left out', async () => {
		const patch = (name: string, body: object, who: keyof Bench['tokens'] = 'reader') =>
			sandbox.api('PATCH', `reader-studies/answers/${state.answers[name]?.pk}/`, { ...as(who), body });
		expect(problem(await patch('readerQuality1', { answer: false }))).toEqual([
			400,
			['This reader study does not allow answer modification.'],
		]);
		const high = { answer: optionId('grade', 'High'), last_edit_duration: '00:00:10' };
		expect((await patch('practiceReader1', high, 'main')).status).toBe(403);
		expect((await patch('practiceReader1', high, 'reader2')).status).toBe(404);
		expect((await patch('practiceReader1', high)).json).toMatchObject({
			...high,
			total_edit_duration: '00:00:40',
		});
		expect(problem(await patch('practiceReader1', { ...high, question: question('grade') }))).toEqual([
			400,
			['Only the answer and last_edit_duration field can be modified.'],
		]);
		expect((await patch('practiceReader1', { answer: high.answer })).json).toMatchObject({
			last_edit_duration: null,
			total_edit_duration: null,
		});
		expect(
			(await sandbox.api('DELETE', `reader-studies/answers/${state.answers['practiceReader1']?.pk}/`, as('reader')))
				.status,
		).toBe(403);
	});

	it('shows readers their own, editors all with the ground truth, and filters', async () => {
		const count = async (path: string, who: keyof Bench['tokens']) =>
			(await sandbox.api('GET', `reader-studies/answers/${path}`, as(who))).json['count'];
		expect(await count('', 'reader')).toBe(10);
		expect(await count('', 'main')).toBe(16);
		expect(await count('mine/', 'main')).toBe(0);
		expect(await count('?is_ground_truth=true', 'main')).toBe(3);
		expect(await count('?is_ground_truth=perhaps', 'main')).toBe(16);
		expect(await count('?creator=reader2', 'main')).toBe(3);
		expect(await count('?creator=nobody', 'main')).toBe(0);
		expect(await count(`?question__reader_study=${study('practice')}`, 'main')).toBe(1);
		expect(await count(`?display_set=${idOf(displaySet('nodules2'))}`, 'reader')).toBe(1);
		expect(await count('', 'other')).toBe(0);
	});

	it('makes the answer of the image that was uploaded for a mask', async () => {
		const made = await answer('mask', null);
		const pk = String(made.json['pk']);
		const body = { answer: pk, uploads: [await sandbox.upload('mask.mha', flatMha(1), 'reader2')] };
		const session = (given: object) => sandbox.api('POST', 'cases/upload-sessions/', { ...as('reader2'), body: given });
		expect((await session({ ...body, answer: state.answers['reader2Present1']?.pk })).json).toEqual({
			answer: ['This question does not accept image type answers.'],
		});
		const started = await session(body);
		expect(started.status).toBe(201);
		expect((await session(body)).json).toEqual({ answer: ['This answer already has an image assignment pending'] });
		const show = async () => (await sandbox.api('GET', `reader-studies/answers/${pk}/`, as('reader2'))).json;
		expect(await show()).toMatchObject({ answer: { upload_session_pk: started.json['pk'] }, answer_image: null });
		await sandbox.settle();
		const image = idOf(String((await show())['answer_image']));
		expect((await sandbox.api('GET', `cases/images/${image}/`, as('main'))).json['name']).toBe('mask.mha');
		expect((await sandbox.api('GET', `cases/images/${image}/`, as('reader'))).status).toBe(404);
	});
});

describe('drift', () => {
	it('has scores and no deprecated twins in the newest state, and the opposite before', async () => {
		const shown = async () => {
			const get = async (path: string) => (await sandbox.api('GET', path, as('reader'))).json;
			return [
				await get(`reader-studies/answers/${state.answers['readerFindings1']?.pk}/`),
				await get(`reader-studies/${study('nodules')}/`),
				await get(`reader-studies/questions/${state.questions['present']?.pk}/`),
				await get(`reader-studies/display-sets/${idOf(displaySet('nodules1'))}/`),
			];
		};
		const [answerB, studyB, questionB, caseB] = await shown();
		expect(answerB).not.toHaveProperty('score');
		expect(studyB).toMatchObject({ title: 'Nodule Reading' });
		expect(questionB).toMatchObject({ question_text: 'Is there a nodule?' });
		expect(caseB).not.toHaveProperty('descriptions_map_safe');
		await sandbox.changeSettings({ drift: 'C' });
		const [answerC, studyC, questionC, caseC] = await shown();
		expect(answerC).toMatchObject({ score: 0.5 });
		expect(studyC).not.toHaveProperty('title');
		expect(questionC).not.toHaveProperty('question_text');
		expect(questionC).toMatchObject({ algorithms: [] });
		expect(caseC).toMatchObject({ descriptions_map_safe: { 'lung-1.mha': '<p>Cough for three weeks.</p>' } });
		expect(caseC).not.toHaveProperty('title');
	});
});
