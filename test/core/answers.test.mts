// Answers of readers: given in the words of the question, changed, and given as masks.
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { UserName } from '../../sandbox/client.mts';
import { id, items, json, makeBinary, useWorld, type More, type NodeResult } from './fixtures/world.mts';

const world = useWorld({ fresh: true, speed: 1000 });

const as = (user: UserName): More => ({ credentials: world.credentials({ token: world.sandbox.tokens[user] }) });
const question = (name: string) => id(world.state.questions[name]?.pk ?? '');
const displaySet = (name: string) => id(world.state.displaySets[name]?.pk ?? '');
const optionId = (name: string, title: string) => world.state.questions[name]?.options[title];
/** The second reader has answered nothing of the second case. */
const give = async (name: string, value: unknown, options: INodeParameters = {}, on = 'nodules2'): Promise<NodeResult> =>
	await world.run('answer.create', { question: question(name), displaySet: displaySet(on), value: '={{ $json.value }}', options }, { ...as('reader2'), items: [{ json: { value } as IDataObject }] });
const errorOf = ({ error }: NodeResult) => [error?.message, error?.description];
/** What an error workflow learns. */
const leftBy = ({ error }: NodeResult) => (error?.context?.data ?? {}) as IDataObject;
const answers = async () => (await world.sandbox.state()).counts.answers;
const lost = (method: string, path: string, times = 1) =>
	world.sandbox.addFaults({ match: { origin: 'api', method, path }, times, action: { resetAfterApply: true } });

const box = {
	version: { major: 1, minor: 0 },
	type: '2D bounding box',
	corners: [[10, 20, 24], [17, 20, 24], [17, 28, 24], [10, 28, 24]],
};

describe('an answer', () => {
	it('is given in the words of the question', async () => {
		for (const [name, value, kept] of [
			['present', 'no', optionId('present', 'No')],
			['findings', 'Fibrosis, Emphysema', [optionId('findings', 'Fibrosis'), optionId('findings', 'Emphysema')]],
			['diameter', '7.5', 7.5],
			['impression', 'Solid nodule', 'Solid nodule'],
			['quality', 'true', true],
			['box', JSON.stringify(box), box],
			['outline', null, null],
		]) {
			const result = await give(String(name), value);
			expect(result.error?.message).toBeUndefined();
			const [answer] = json(result);
			expect(answer).toMatchObject({
				answer: kept,
				question: world.state.questions[String(name)]?.pk,
				display_set: world.state.displaySets.nodules2?.pk,
				creator: 'reader2',
				is_ground_truth: false,
				last_edit_seconds: null,
			});
			expect(await world.api(`/api/v1/reader-studies/answers/${String(answer?.pk)}/`)).toMatchObject({ answer: kept, creator: 'reader2' });
		}
	});

	it('takes as long as it is said to', async () => {
		const [answer] = json(await give('quality', false, { lastEditSeconds: 83.5 }));
		expect(answer).toMatchObject({ last_edit_seconds: 83.5, total_edit_seconds: 83.5 });
		expect(errorOf(await give('diameter', 1, { lastEditSeconds: '={{ -1 }}' }))[0]).toBe("'Last Edit Duration' is -1");
	});

	it.each<[string, string, unknown, string, string]>([
		['present', 'nodules2', 'Perhaps', "'Is there a nodule?' (Choice) has no option 'Perhaps'", "Its options are 'Yes', 'No', 'Unsure'"],
		['heading', 'nodules2', 'x', "'Findings' is a heading, which takes no answer", 'Choose a question below it'],
		['diameter', 'nodules2', 7.3, "'Diameter in mm' (Number) takes numbers in steps of 0.5 from 0, and this is 7.3", 'Round the value'],
		['mask', 'nodules2', 'mask.mha', "'Segment the nodule' (Mask) is answered with an image", 'Use Answer: Upload Mask'],
		['points', 'practice1', { type: 'Point' }, "This is no answer to 'All nodules < 6 mm & calcified' (Multiple points): its 'type' is no 'Multiple points'", 'Give the annotation as a JSON object, in the shape in which Answer: Get shows one'],
		['quality', 'practice1', true, "The display set <pk> is not of the reader study that asks 'Is the image good enough?'", "Choose a 'Question' and a 'Display Set' of the same reader study"],
	])('to %s for %s is not sent when it cannot be taken (%j)', async (name, on, value, message, description) => {
		const [said, advice] = errorOf(await give(name, value, {}, on));
		expect([said?.replace(world.state.displaySets[on]?.pk ?? '', '<pk>'), advice]).toEqual([message, description]);
		expect(await world.writes()).toEqual([]);
	});

	it('that the platform does not take is explained', async () => {
		expect(errorOf(await give('remark', 'small', {}, 'practice1'))).toEqual([
			"Grand Challenge did not accept the answer to 'Remark': Enter a valid answer that matches with the requested format",
			'It takes texts that match the regular expression ^[A-Z]',
		]);
		await give('quality', true);
		expect(errorOf(await give('quality', false))).toEqual([
			"Grand Challenge did not accept the answer to 'Is the image good enough?': User reader2 has already answered this question for this display set.",
			'Each reader answers a question once for each display set. Where the study allows it, Answer: Update changes the answer; Answer: Get Many with Only Mine finds it',
		]);
	});

	it('is not given twice when the word that it was taken is lost', async () => {
		const before = await answers();
		await lost('POST', '/answers/$');
		expect(json(await give('quality', true))).toMatchObject([{ answer: true, creator: 'reader2' }]);
		expect(await answers()).toBe(before + 1);
	});

	it('is not mistaken for another one that was given before', async () => {
		await give('quality', true);
		await lost('POST', '/answers/$');
		expect(errorOf(await give('quality', false))[0]).toMatch(/has already answered this question/);
	});

	it('is given for each input item', async () => {
		const rows = ['nodules2', 'nodules3', 'nodules4'].map((name, i) => ({ set: world.state.displaySets[name]?.pk ?? '', value: ['Yes', 'Nope', 503][i] ?? '' }));
		const parameters = { question: question('present'), displaySet: id('={{ $json.set }}'), value: '={{ $json.value }}' };
		const result = await world.run('answer.create', parameters, { ...as('reader2'), items: items(...rows), onError: 'continueRegularOutput' });
		expect(result.items.map(({ json: { answer, error }, pairedItem }) => [answer ?? error, pairedItem])).toEqual([
			[optionId('present', 'Yes'), { item: 0 }],
			["'Is there a nodule?' (Choice) has no option 'Nope'", { item: 1 }],
			[optionId('present', 'Unsure'), { item: 2 }],
		]);
		// What the items share is read once.
		expect((await world.requests()).filter((request) => request.includes('/questions/'))).toHaveLength(1);
	});
});

describe('a changed answer', () => {
	const change = async (value: unknown, options: INodeParameters = {}, name = 'practiceReader1', user: UserName = 'reader') =>
		await world.run('answer.update', { answer: id(world.state.answers[name]?.pk ?? ''), value: '={{ $json.value }}', options }, { ...as(user), items: [{ json: { value } as IDataObject }] });

	it('has the new value, and keeps the time it took', async () => {
		expect(json(await change('High'))).toMatchObject([{ answer: optionId('grade', 'High'), last_edit_seconds: 0, total_edit_seconds: 30 }]);
		expect(json(await change('Low', { lastEditSeconds: 12 }))).toMatchObject([{ answer: optionId('grade', 'Low'), last_edit_seconds: 12, total_edit_seconds: 42 }]);
	});

	it('keeps the last time where no total is on record', async () => {
		const path = `/api/v1/reader-studies/answers/${world.state.answers.practiceReader1?.pk}/`;
		const body = JSON.stringify({ answer: optionId('grade', 'Low') });
		await fetch(new URL(path, world.sandbox.origins.api), { method: 'PATCH', body, headers: { authorization: `Bearer ${world.sandbox.tokens.reader}`, 'content-type': 'application/json' } });
		await change('High', { lastEditSeconds: 7 });
		expect(json(await change('Low'))).toMatchObject([{ last_edit_seconds: 7, total_edit_seconds: null }]);
	});

	it('does not take twice as long when the word that it was taken is lost', async () => {
		await lost('PATCH', '/answers/');
		expect(json(await change('High', { lastEditSeconds: 12 }))).toMatchObject([{ answer: optionId('grade', 'High'), total_edit_seconds: 42 }]);
	});

	it('is not sent where the study does not allow it', async () => {
		expect(errorOf(await change('No', {}, 'readerPresent1'))).toEqual([
			"The reader study 'nodule-reading' does not allow answers to be changed",
			'Its editors can allow it on the site, in the settings of the study',
		]);
		expect(errorOf(await change('Highest'))).toEqual(["'Grade' (Choice) has no option 'Highest'", "Its options are 'Low', 'High'"]);
		expect(errorOf(await change(''))[0]).toBe("'Grade' (Choice) must be answered");
		expect(await world.writes()).toEqual([]);
	});

	it('is its own reader’s only', async () => {
		const pk = world.state.answers.practiceReader1?.pk;
		expect(errorOf(await change('High', {}, 'practiceReader1', 'main'))).toEqual([
			`This account may not change the answer ${pk}`,
			"Only the reader who gave an answer can change it, here 'reader'; editors cannot",
		]);
	});
});

describe('a mask', () => {
	const scan = async () => (await world.sandbox.file(world.state.images.mask?.pk ?? '')).bytes;
	const upload = async (binary: INodeExecutionData['binary'], more: INodeParameters = {}) =>
		await world.run('answer.uploadMask', { question: question('mask'), displaySet: displaySet('nodules2'), ...more }, { ...as('reader2'), items: [{ json: {}, binary }] });
	const bytesOf = async (image: unknown) => (await world.sandbox.file(String(image))).bytes;

	it('is there when the node goes on', async () => {
		const bytes = await scan();
		const result = await upload({ data: await makeBinary(bytes, 'my mask.mha') }, { options: { lastEditSeconds: 5 } });
		expect(result.error?.message).toBeUndefined();
		const [answer] = json(result);
		expect(answer).toMatchObject({ creator: 'reader2', answer_image: expect.any(String) as string, total_edit_seconds: 5 });
		expect((await bytesOf(answer?.answer_image)).equals(bytes)).toBe(true);
	});

	it('may be of several files', async () => {
		const [header, data] = world.state.images.legacy?.files ?? [];
		const binary = { head: await makeBinary(await bytesOf(header), 'legacy.mhd'), voxels: await makeBinary(await bytesOf(data), 'legacy.zraw') };
		expect(json(await upload(binary, { field: 'head, voxels' }))).toMatchObject([{ answer_image: expect.any(String) as string }]);
	});

	it('fills the empty answer that an earlier try has left', async () => {
		const [empty] = json(await give('mask', ''));
		const before = await answers();
		expect(json(await upload({ data: await makeBinary(await scan(), 'mask.mha') }))).toMatchObject([{ pk: empty?.pk, answer_image: expect.any(String) as string }]);
		expect(await answers()).toBe(before);
	});

	it('replaces one that was emptied where the study allows that', async () => {
		const practice = { question: question('region'), displaySet: displaySet('practice1') };
		const binary = { data: await makeBinary(await scan(), 'mask.mha') };
		const [first] = json(await upload(binary, practice));
		const again = await upload(binary, practice);
		expect(errorOf(again)).toEqual([
			`This account has already answered 'Region' (Mask) for this display set, with the answer ${String(first?.pk)}`,
			'Where the study allows changes, Answer: Update with an empty answer makes room for another mask. Elsewhere an editor has to delete the answer on the site',
		]);
		await world.run('answer.update', { answer: id(String(first?.pk)), value: '' }, as('reader2'));
		const [second] = json(await upload(binary, practice));
		expect(second).toMatchObject({ pk: first?.pk, answer_image: expect.any(String) as string });
		expect(second?.answer_image).not.toBe(first?.answer_image);
	});

	it('that cannot be imported is told, with the answer that it belongs to', async () => {
		const result = await upload({ data: await makeBinary(Buffer.from('These are only notes.'), 'notes.mha') });
		const pk = String(leftBy(result).answer);
		expect(result.error?.message).toBe(`Grand Challenge could not import the files of the answer ${pk}: 1 file could not be imported`);
		expect(result.error?.description).toContain(`The answer ${pk} was made`);
	});

	it('that takes too long is told, with the answer that it belongs to', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		const result = await upload({ data: await makeBinary(await scan(), 'mask.mha') }, { options: { maxWait: '={{ 0.01 }}' } });
		expect(result.error?.message).toMatch(/^The answer .* does not show its image yet$/);
		const { reason, answer } = leftBy(result);
		expect(reason).toBe('timeLimit');
		await world.sandbox.settle();
		expect(await world.api(`/api/v1/reader-studies/answers/${String(answer)}/`)).toMatchObject({ answer_image: expect.any(String) as string });
	});

	it('need not be waited for', async () => {
		await world.sandbox.setClock({ mode: 'manual' });
		expect(json(await upload({ data: await makeBinary(await scan(), 'mask.mha') }, { options: { waitForImport: false } }))).toMatchObject([
			{ answer: { upload_session_pk: expect.any(String) as string }, answer_image: null },
		]);
	});

	it('is uploaded once when the word that it was assigned is lost', async () => {
		await lost('POST', '/upload-sessions/$');
		expect(json(await upload({ data: await makeBinary(await scan(), 'mask.mha') }))).toMatchObject([{ answer_image: expect.any(String) as string }]);
		expect((await world.writes()).filter((request) => request.endsWith('/uploads/'))).toHaveLength(1);
	});

	it('leaves no answer behind when its file does not go up', async () => {
		const before = await answers();
		await world.sandbox.addFaults({ match: { origin: 'upload' }, times: -1, action: { status: 403 } });
		expect((await upload({ data: await makeBinary(await scan(), 'mask.mha') })).error?.message).toMatch(/did not answer/);
		expect(await answers()).toBe(before);
	});

	it.each<[string, INodeParameters, string]>([
		['a question of another type', { question: 'present' }, "'Is there a nodule?' (Choice) is not answered with an image"],
		['a field that is not there', { field: 'scan' }, "The input item has no binary data in the field 'scan'"],
		['no field', { field: ' , ' }, "No 'Input Data Field Name' is given"],
		['two files of one name', { field: 'data, data' }, "'Segment the nodule' (Mask) was given two files of the same name: file 1 of 2 (binary field 'data' of item 0) and file 2 of 2 (binary field 'data' of item 0)"],
	])('is not sent for %s', async (_, parameters, message) => {
		const named = typeof parameters.question === 'string' ? { ...parameters, question: question(parameters.question) } : parameters;
		expect(errorOf(await upload({ data: await makeBinary(await scan(), 'mask.mha') }, named))[0]).toBe(message);
		expect(await world.writes()).toEqual([]);
	});
});

it('one’s own answers are listed without others and without ground truth', async () => {
	const list = async (filters: INodeParameters, user: UserName) =>
		json(await world.run('answer.getMany', { readerStudy: id('nodule-reading'), returnAll: true, filters }, as(user))).map(({ pk }) => pk);
	const own = await list({ onlyMine: true }, 'reader2');
	expect(own).toEqual(['reader2Present1', 'reader2Findings1', 'reader2Diameter1'].map((name) => world.state.answers[name]?.pk));
	expect(await list({ onlyMine: true }, 'main')).toEqual([]);
	expect((await list({ onlyMine: false }, 'main')).length).toBeGreaterThan(own.length);
	expect(await list({ onlyMine: true, displaySet: displaySet('nodules2') }, 'reader')).toEqual([world.state.answers.readerPresent2?.pk]);
	expect(await list({ onlyMine: true, reader: 'reader' }, 'reader2')).toEqual([]);
});
