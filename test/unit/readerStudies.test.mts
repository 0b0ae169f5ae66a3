// What is made of answers on our side: what a person gives, as the platform takes it, and what it shows, as a table.
import { answeredCases, answerRow, plainText } from '../../client';
import { annotationProblem } from '../../client/readerStudies/annotations';
import { answerInWords, answerValue } from '../../client/readerStudies/answerValue';
import { readQuestion, type Question } from '../../client/readerStudies/question';
import { annotationKinds, schemaProblem } from '../../sandbox/kinds.mts';
import type { Json, JsonObject } from '../../sandbox/json.mts';

const ask = (answer_type: string, more: object = {}): Question => readQuestion({ pk: 'q1', question_text_safe: 'What?', answer_type, ...more });
const options = [
	{ id: 501, title: 'Yes' },
	{ id: 502, title: 'No, never' },
	{ id: 503, title: '501' },
	{ id: 504, title: 'no, never' },
	{ id: 505, title: 'Twice' },
	{ id: 506, title: 'Twice' },
];
const refusal = (question: Question, given: unknown): string => {
	try {
		return `taken: ${JSON.stringify(answerValue(question, given))}`;
	} catch (error) {
		return error instanceof Error && 'advice' in error ? `${error.message}. ${String(error.advice)}` : String(error);
	}
};

describe('an answer is taken as it is meant', () => {
	it.each<[string, unknown, unknown, object?]>([
		['Text', 'as it is ', 'as it is '],
		['Text', 12, '12'],
		['Text', '', ''],
		['Text', '  ', '  ', { required: true }],
		['Number', '  ', null],
		['Text', undefined, ''],
		['Text', '👍👍', '👍👍', { answer_max_length: 2 }],
		['Bool', true, true],
		['Bool', 'False', false],
		['Bool', 'yes', true],
		['Bool', '', null],
		['Number', 0, 0],
		['Number', ' 7.5 ', 7.5],
		['Number', '', null],
		['Number', 0.3, 0.3, { answer_step_size: '0.100' }],
		['Number', 1234.567, 1234.567, { answer_step_size: '0.001', answer_min_value: -5 }],
		['Choice', 'Yes', 501],
		['Choice', ' yes ', 501],
		['Choice', 'No, never', 502],
		['Choice', 'no, never', 504],
		['Choice', 502, 502],
		['Choice', '501', 503],
		['Choice', 506, 506],
		['Choice', null, null],
		['Multiple choice', ['Yes', 505], [501, 505]],
		['Multiple choice', '["Yes", "No, never"]', [501, 502]],
		['Multiple choice', 'No, never', [502]],
		['Multiple choice', 'Yes, 505', [501, 505]],
		['Multiple choice', 502, [502]],
		['Multiple choice', '[]', []],
		['Multiple choice', '', []],
		['Mask', '', null, { required: true }],
		['Point', '{"type": "Point", "version": {"major": 1, "minor": 0}, "point": [1, 2, 3]}', { type: 'Point', version: { major: 1, minor: 0 }, point: [1, 2, 3] }],
		['Point', '', null],
		['Something new', { any: 'thing' }, { any: 'thing' }],
		['Something new', 'a word', 'a word'],
	])('%s: %j → %j', (type, given, taken, more = {}) => {
		expect(answerValue(ask(type, { options, ...more }), given)).toEqual(taken);
	});

	it.each<[string, unknown, string, object?]>([
		['Heading', 'x', "'What?' is a heading, which takes no answer. Choose a question below it"],
		['Choice', '', "'What?' (Choice) must be answered. Fill in 'Answer'", { required: true }],
		['Multiple choice', [], "'What?' (Multiple choice) must be answered. Fill in 'Answer'", { required: true }],
		['Multiple choice', '[]', "'What?' (Multiple choice) must be answered. Fill in 'Answer'", { required: true }],
		['Choice', 'Maybe', "'What?' (Choice) has no option 'Maybe'. Its options are 'Yes', 'No, never', '501', 'no, never', 'Twice', 'Twice'"],
		['Choice', { title: 'Yes' }, "'What?' (Choice) takes titles of options, not an object. Its options are 'Yes', 'No, never', '501', 'no, never', 'Twice', 'Twice'"],
		['Choice', 'twice', "'What?' (Choice) has several options 'twice'. Give the ID of the one that you mean: 505, 506"],
		['Multiple choice', 'Yes, Maybe', "'What?' (Multiple choice) has no option 'Maybe'. Its options are 'Yes', 'No, never', '501', 'no, never', 'Twice', 'Twice'"],
		['Bool', 'perhaps', "'What?' (Bool) takes true or false, not 'perhaps'. Use one of them"],
		['Number', '7,5', "'What?' (Number) takes a number, not '7,5'. Decimals have a point, as in 7.5"],
		['Number', true, "'What?' (Number) takes a number, not 'true'. Decimals have a point, as in 7.5"],
		['Number', -1, "'What?' (Number) takes no number below 0, and this is -1. Check the value", { answer_min_value: 0 }],
		['Number', 11, "'What?' (Number) takes no number above 10, and this is 11. Check the value", { answer_max_value: 10 }],
		['Number', 1.3, "'What?' (Number) takes numbers in steps of 0.5 from 1, and this is 1.3. Round the value", { answer_step_size: '0.500', answer_min_value: 1 }],
		['Text', 'no', "'What?' (Text) takes at least 3 characters, not 2. Write more", { answer_min_length: 3 }],
		['Text', 'much', "'What?' (Text) takes at most 3 characters, not 4. Write less", { answer_max_length: 3 }],
		['Text', { a: 1 }, "'What?' (Text) takes a text, not an object. Check the expression"],
		['Mask', 'mask.mha', "'What?' (Mask) is answered with an image. Use Answer: Upload Mask"],
		['Point', 'here', "This is no answer to 'What?' (Point): it is no JSON object. Give the annotation as a JSON object, in the shape in which Answer: Get shows one"],
	])('%s: %j is refused', (type, given, words, more = {}) => {
		expect(refusal(ask(type, { options, ...more }), given)).toBe(words);
	});

	it('leaves the pattern to the platform, which reads it otherwise', () => {
		expect(answerValue(ask('Text', { answer_match_pattern: '^[A-Z]' }), 'small')).toBe('small');
	});
});

/** A value that a schema of the platform takes. */
const example = (schema: Json | undefined): Json => {
	const { type, enum: choices, properties = {}, required, items, minItems = 1 } = schema as JsonObject;
	if (Array.isArray(choices)) return choices[0] ?? null;
	if (type === 'array') return Array.from({ length: Number(minItems) }, () => example(items));
	if (type === 'object') return Object.fromEntries((required as string[]).map((key) => [key, example((properties as JsonObject)[key])]));
	return type === 'number' ? 1 : 'a';
};

describe.each(annotationKinds.map(({ name, schema }) => ({ type: name, schema: schema ?? {} })))('annotations of the type $type', ({ type, schema }) => {
	const good = example(schema) as JsonObject;

	it('are taken when the platform takes them', () => {
		expect(schemaProblem(good, schema)).toBeUndefined();
		expect(annotationProblem(type, good)).toBeUndefined();
		expect(annotationProblem(type, { ...good, name: 'A', probability: 0.5 })).toBeUndefined();
	});

	it.each(Object.keys(good))('need %s', (member) => {
		const { [member]: left, ...others } = good;
		expect(annotationProblem(type, others)).toBe(`it has no '${member}'`);
		for (const wrong of ['x', 3, null, { a: 1 }, [left, left, left], Array.isArray(left) ? [1, 2] : []]) {
			const changed = { ...good, [member]: wrong as Json };
			expect([wrong, annotationProblem(type, changed) !== undefined]).toEqual([wrong, schemaProblem(changed, schema) !== undefined]);
		}
	});
});

describe('texts', () => {
	it.each([
		['p &lt; 0.05 &amp; n &gt; 10', 'p < 0.05 & n > 10'],
		['&amp;lt; is how &lt; is written', '&lt; is how < is written'],
		['<p>Scroll through <b>all</b> slices.</p>\n<p>Then<br/>answer.</p>', 'Scroll through all slices.\nThen\nanswer.'],
		['<ul>\n<li>one</li>\n<li>two</li>\n</ul>', 'one\ntwo'],
		['caf&#233; &#x263A; &quot;x&quot;&nbsp;&unknown; &#0;', 'café ☺ "x" &unknown; &#0;'],
		['', ''],
	])('%j → %j', (html, text) => {
		expect(plainText(html)).toBe(text);
	});
});

describe('answers in a table', () => {
	it.each<[string, unknown, unknown]>([
		['Choice', 501, 'Yes'],
		['Choice', 999, '999'],
		['Choice', null, null],
		['Multiple choice', [505, 501], 'Twice, Yes'],
		['Multiple choice', [], ''],
		['Bool', false, false],
		['Number', 0, 0],
		['Text', '', ''],
		['Mask', { upload_session_pk: 'x' }, null],
		['Point', { point: [1, 2, 3] }, '{"point":[1,2,3]}'],
	])('%s: %j reads as %j', (type, answer, words) => {
		expect(answerInWords(ask(type, { options }), answer)).toBe(words);
	});

	const place = { reader_study: 's', display_set: 'd1', display_set_title: 'Case 1' };
	const questions = ['reader', 'Size?', 'Size?', ' ', '__proto__'].map((question_text_safe, i) =>
		readQuestion({ pk: `q${i}`, answer_type: 'Number', question_text_safe }),
	);
	const given = (question: number, answer: unknown, more: object = {}) => ({
		place,
		question: questions[question] ?? ask('Number'),
		answer: { pk: `a${question}`, creator: 'ann', is_ground_truth: false, created: `2026-01-0${question + 1}T00:00:00Z`, modified: `2026-01-0${question + 1}T00:00:00Z`, answer, total_edit_duration: '00:00:10', ...more },
	});

	it('have a column for each question, whatever it is called', () => {
		const answers = [given(0, 1), given(1, 2), given(2, 3), given(4, 5), given(0, 7, { creator: 'bob' }), given(1, 8, { is_ground_truth: true, total_edit_duration: null })];
		const [ann, bob, truth, ...others] = answeredCases({ questions, answers }).map(({ row }) => row);
		expect(others).toEqual([]);
		expect(Object.entries(ann ?? {})).toEqual([
			...Object.entries(place),
			['reader', 'ann'],
			['is_ground_truth', false],
			['created', '2026-01-01T00:00:00Z'],
			['modified', '2026-01-05T00:00:00Z'],
			['total_edit_seconds', 40],
			['reader (2)', 1],
			['Size?', 2],
			['Size? (2)', 3],
			['q3', null],
			['__proto__', 5],
		]);
		expect(Object.keys(bob ?? {})).toEqual(Object.keys(ann ?? {}));
		expect(bob).toMatchObject({ reader: 'bob', 'reader (2)': 7, 'Size?': null });
		expect(truth).toMatchObject({ reader: 'ann', is_ground_truth: true, 'Size?': 8, total_edit_seconds: null });
	});

	it('have the score where the platform tells it', () => {
		expect(answerRow(given(0, 1))).not.toHaveProperty('score');
		expect([0.5, null].map((score) => answerRow(given(0, 1, { score })).score)).toEqual([0.5, null]);
	});
});
