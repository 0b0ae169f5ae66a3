// What coordinators of reader studies ask: how far readers are, what they have answered, and what is right.
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { UserName } from '../../sandbox/client.mts';
import { id, json, readBinary, useWorld, type More, type NodeResult } from './fixtures/world.mts';

const world = useWorld({ fresh: true });

const as = (user: UserName): More => ({ credentials: world.credentials({ token: world.sandbox.tokens[user] }) });
const nodules = { readerStudy: id('nodule-reading') };
const pkOf = (kind: 'answers' | 'displaySets' | 'images' | 'questions', name: string) => world.state[kind][name]?.pk ?? '';
const errorOf = ({ error }: NodeResult) => [error?.message, error?.description];

describe('ground truth', () => {
	const ask = async (displaySet: string, more: More = {}, readerStudy = 'nodule-reading') =>
		await world.run('readerStudy.getGroundTruth', { readerStudy: id(readerStudy), displaySet: id(pkOf('displaySets', displaySet)) }, more);

	it('comes as one item for each question', async () => {
		const about = { reader_study: world.state.readerStudies.nodules?.pk, display_set: pkOf('displaySets', 'nodules1'), display_set_title: 'Patient 1' };
		const { Yes, No, Unsure } = world.state.questions.present?.options ?? {};
		expect(json(await ask('nodules1', as('reader')))).toEqual([
			{
				...about,
				question: pkOf('questions', 'present'),
				question_text: 'Is there a nodule?',
				answer_type: 'Choice',
				answer: Yes,
				answer_text: 'Yes',
				options: [
					{ id: Yes, title: 'Yes' },
					{ id: No, title: 'No' },
					{ id: Unsure, title: 'Unsure' },
				],
				explanation: 'A solid nodule in the left lung.',
			},
			expect.objectContaining({ question_text: 'What else do you see?', answer_text: 'Emphysema', explanation: '' }),
		]);
		expect((await ask('nodules4')).items).toEqual([]);
	});

	it('is not shown by a study without it, nor for cases of other studies', async () => {
		expect(errorOf(await ask('practice1', {}, 'practice-study'))).toEqual([
			"The reader study 'practice-study' is not educational, so that it shows no ground truth",
			'Its editors can change that on the site: they make a study educational in its settings, and add ground truth on its page',
		]);
		expect(errorOf(await ask('practice1'))[0]).toBe(`The display set ${pkOf('displaySets', 'practice1')} is not of the reader study 'nodule-reading'`);
	});
});

describe('progress', () => {
	const ask = async (readers: unknown, options: INodeParameters = {}, more: More = {}, readerStudy = 'nodule-reading') =>
		await world.run('readerStudy.getProgress', { readerStudy: id(readerStudy), readers: '={{ $json.readers }}', options }, { ...more, items: [{ json: { readers } as IDataObject }] });
	const row = (reader: string, answered: number, all = 4) => ({
		reader,
		reader_study: world.state.readerStudies.nodules?.pk,
		reader_study_slug: 'nodule-reading',
		display_sets: all,
		answered,
		unanswered: all - answered,
		finished: answered === all,
	});

	it('is that of the named readers, whether or not they have answered something', async () => {
		expect(json(await ask('reader2, reader , other'))).toEqual([row('reader2', 0), row('reader', 1), row('other', 0)]);
		expect(json(await ask(['reader', 'reader']))).toEqual([row('reader', 1)]);
	});

	it('is that of everybody who has answered, unless somebody is named', async () => {
		expect(json(await ask(''))).toEqual([row('reader', 1), row('reader2', 0)]);
	});

	it('tells which cases are left', async () => {
		const [reader] = json(await ask('reader', { unansweredCases: true }));
		expect(reader).toEqual({ ...row('reader', 1), unanswered_cases: [2, 3, 4].map((n) => ({ pk: pkOf('displaySets', `nodules${n}`), title: `Patient ${n}` })) });
	});

	it('is finished when every case is answered', async () => {
		for (let n = 1; n <= 8; n++) {
			const place = { question: id(pkOf('questions', 'old')), displaySet: id(pkOf('displaySets', `shuffled${n}`)), value: 'true' };
			expect((await world.run('answer.create', place, as('reader2'))).error?.message).toBeUndefined();
		}
		expect(json(await ask('reader2', {}, {}, 'shuffled-study'))).toMatchObject([{ display_sets: 8, answered: 8, unanswered: 0, finished: true }]);
	});

	it('says of a name that nobody has what it is, and asks once', async () => {
		const result = await ask('Reader');
		expect(errorOf(result)).toEqual([
			"Grand Challenge seems to have no user 'Reader'",
			'Check the user name, upper and lower case matter. Grand Challenge could not answer (500) when asked what this reader has still to answer, as it does for names that nobody has',
		]);
		expect(result.error?.context?.data).toEqual({ reason: 'notFound' });
		expect((await world.requests()).filter((request) => request.includes('user=Reader'))).toHaveLength(1);
	});

	it('of others is for editors', async () => {
		expect(errorOf(await ask('reader2', {}, as('reader')))).toEqual([
			"This account may not see what 'reader2' has answered",
			'Only the editors of a reader study see that of others',
		]);
		expect(json(await ask('reader', {}, as('reader')))).toEqual([row('reader', 1)]);
		expect(json(await ask('', {}, as('reader')))).toEqual([row('reader', 1)]);
	});
});

describe('display sets of a reader', () => {
	const list = async (filters: INodeParameters) => await world.run('displaySet.getMany', { ...nodules, returnAll: true, filters });

	it('are those that are left to answer', async () => {
		expect(json(await list({ unanswered: true, reader: 'reader' })).map(({ title }) => title)).toEqual(['Patient 2', 'Patient 3', 'Patient 4']);
	});

	it('need the filter for what is unanswered, and a name that somebody has', async () => {
		expect(errorOf(await list({ reader: 'reader' }))).toEqual(["'Reader' is given without 'Unanswered'", "Add the filter 'Unanswered' and switch it on"]);
		expect(errorOf(await list({ unanswered: false, reader: 'reader' }))[0]).toBe("'Reader' is given without 'Unanswered'");
		expect(errorOf(await list({ unanswered: true, reader: 'nobody' }))[0]).toBe("Grand Challenge seems to have no user 'nobody'");
	});
});

describe('exported answers', () => {
	const run = async (options: INodeParameters = {}, rows = 'answers', more: More = {}) => await world.run('readerStudy.exportAnswers', { ...nodules, rows, options }, more);
	const table = async (...args: Parameters<typeof run>) => {
		const result = await run(...args);
		expect(result.error?.message).toBeUndefined();
		return json(result);
	};
	const study = () => ({ reader_study: world.state.readerStudies.nodules?.pk, reader_study_slug: 'nodule-reading', reader_study_title: 'Nodule Reading' });
	const place = (n: number) => ({ ...study(), display_set: pkOf('displaySets', `nodules${n}`), display_set_title: `Patient ${n}` });

	it('are rows of one answer each, in words', async () => {
		const rows = await table();
		expect(rows[0]).toEqual({
			pk: pkOf('answers', 'readerPresent1'),
			...place(1),
			reader: 'reader',
			is_ground_truth: false,
			question: pkOf('questions', 'present'),
			question_text: 'Is there a nodule?',
			answer_type: 'Choice',
			answer: 'Yes',
			answer_image: null,
			created: expect.stringMatching(/^2025-/) as string,
			modified: expect.stringMatching(/^2025-/) as string,
			last_edit_seconds: 12.5,
			total_edit_seconds: 30,
		});
		expect(rows.map(({ reader, display_set_title, question_text, answer }) => [reader, display_set_title, question_text, answer])).toEqual([
			['reader', 'Patient 1', 'Is there a nodule?', 'Yes'],
			['reader', 'Patient 1', 'What else do you see?', 'Emphysema, Fibrosis'],
			['reader', 'Patient 1', 'Diameter in mm', 7.5],
			['reader', 'Patient 1', 'Impression', 'Solid nodule, follow-up in 3 months'],
			['reader', 'Patient 1', 'Is the image good enough?', true],
			['reader', 'Patient 1', 'Mark the nodule', expect.stringMatching(/^\{.*"corners":/)],
			['reader', 'Patient 1', 'Outline the nodule', expect.stringMatching(/^\{.*"path_points":/)],
			['reader', 'Patient 1', 'Segment the nodule', null],
			['reader', 'Patient 2', 'Is there a nodule?', 'Unsure'],
			['reader2', 'Patient 1', 'Is there a nodule?', 'No'],
			['reader2', 'Patient 1', 'What else do you see?', ''],
			['reader2', 'Patient 1', 'Diameter in mm', null],
		]);
		// Nothing is nested, so that any table takes it.
		expect(rows.flatMap((row) => Object.values(row)).filter((cell) => typeof cell === 'object' && cell !== null)).toEqual([]);
	});

	it('need few requests', async () => {
		await table({ imageNames: true, groundTruth: true });
		expect(await world.requests()).toEqual([
			'GET /api/v1/reader-studies/?slug=nodule-reading&limit=2',
			'GET /api/v1/cases/images/?reader_study=<pk>&limit=1000',
			'GET /api/v1/reader-studies/display-sets/?reader_study=<pk>&limit=1000',
			'GET /api/v1/reader-studies/answers/?question__reader_study=<pk>&limit=1000',
		]);
	});

	it('can be those of some readers and display sets, with ground truth', async () => {
		const seen = async (options: INodeParameters) => (await table(options)).map(({ reader, display_set_title, is_ground_truth }) => `${reader} ${display_set_title}${is_ground_truth ? ', true' : ''}`);
		expect(new Set(await seen({ readers: 'reader2' }))).toEqual(new Set(['reader2 Patient 1']));
		expect(new Set(await seen({ readers: 'reader2, reader', displaySets: pkOf('displaySets', 'nodules2') }))).toEqual(new Set(['reader Patient 2']));
		const two = ['nodules2', 'nodules3'].map((name) => world.state.displaySets[name]?.api_url ?? '').join(', ');
		expect(new Set(await seen({ displaySets: two, groundTruth: true }))).toEqual(new Set(['main Patient 2, true', 'reader Patient 2']));
		expect(await seen({ readers: 'nobody' })).toEqual([]);
	});

	it('can be rows of one case and reader each, with a column for each question', async () => {
		const rows = await table({ groundTruth: true }, 'cases');
		const questions = ['Is there a nodule?', 'What else do you see?', 'Diameter in mm', 'Impression', 'Is the image good enough?', 'Mark the nodule', 'Outline the nodule', 'Segment the nodule'];
		const fixed = ['reader_study', 'reader_study_slug', 'reader_study_title', 'display_set', 'display_set_title', 'reader', 'is_ground_truth', 'created', 'modified', 'total_edit_seconds'];
		for (const row of rows) expect(Object.keys(row)).toEqual([...fixed, ...questions]);
		expect(rows.map((row) => [row.reader, row.display_set_title, row.is_ground_truth, row['Is there a nodule?'], row['What else do you see?'], row['Diameter in mm'], row['Segment the nodule']])).toEqual([
			['main', 'Patient 1', true, 'Yes', 'Emphysema', null, null],
			['main', 'Patient 2', true, 'No', null, null, null],
			['reader', 'Patient 1', false, 'Yes', 'Emphysema, Fibrosis', 7.5, pkOf('images', 'mask')],
			['reader', 'Patient 2', false, 'Unsure', null, null, null],
			['reader2', 'Patient 1', false, 'No', '', null, null],
		]);
		// One of its eight answers has no time on record.
		expect(rows[2]).toMatchObject({ ...place(1), total_edit_seconds: 210 });
	});

	it('tell the images of their cases and the raw answers when asked', async () => {
		const [row, several] = await table({ imageNames: true, rawAnswer: true });
		expect(row).toMatchObject({ image_names: 'lung-1.mha', images: pkOf('images', 'lung1'), answer: 'Yes', answer_raw: world.state.questions.present?.options.Yes });
		expect(several?.answer_raw).toEqual(['Emphysema', 'Fibrosis'].map((title) => world.state.questions.findings?.options[title]));
	});

	const masksIn = async (found: INodeExecutionData[]) =>
		Promise.all(found.flatMap((item) => Object.keys(item.binary ?? {}).map(async (field) => [field, item.binary?.[field]?.fileName, (await readBinary(item, field)).toString('base64')])));

	it.each([
		['answers', 'mask'],
		['cases', 'segment_the_nodule'],
	])('bring the masks with them (rows of %s)', async (rows, field) => {
		const { items } = await run({ downloadMasks: true }, rows);
		const { bytes } = await world.sandbox.file(pkOf('images', 'mask'));
		expect(await masksIn(items)).toEqual([[field, 'mask.mha', bytes.toString('base64')]]);
	});

	it('come without a mask that cannot be had, where the node goes on', async () => {
		await world.sandbox.addFaults({ match: { origin: 'api', path: '^/media/' }, times: -1, action: { status: 403 } });
		const mask = pkOf('answers', 'readerMask1');
		expect(errorOf(await run({ downloadMasks: true }))[1]).toContain(`It belongs to the mask of the answer ${mask}`);
		const { items } = await run({ downloadMasks: true }, 'answers', { onError: 'continueRegularOutput' });
		expect(items.filter(({ json: { error } }) => error === undefined)).toHaveLength(12);
		expect(items.flatMap(({ json: { details } }) => details ?? [])).toEqual([expect.objectContaining({ answer: mask, status: 403 })]);
	});

	it('are a reader’s own for a reader', async () => {
		expect(new Set((await table({ groundTruth: true }, 'answers', as('reader2'))).map(({ reader }) => reader))).toEqual(new Set(['reader2']));
	});

	it('have rows that are nothing else', async () => {
		expect(errorOf(await run({}, '={{ "lines" }}'))).toEqual(["'Rows' is 'lines'", 'Use answers or cases']);
	});
});

it('texts of questions come as people read them', async () => {
	const [question] = json(await world.run('question.get', { question: id(pkOf('questions', 'points')) }));
	expect(question).toMatchObject({ question_text: 'All nodules < 6 mm & calcified', help_text: '' });
	const [other] = json(await world.run('question.get', { question: id(pkOf('questions', 'impression')) }));
	expect(other).toMatchObject({ help_text: 'One sentence is enough.' });
});
