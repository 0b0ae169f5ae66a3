import { answerTypeOf } from './answerTypes.mts';
import { saveAnswer } from './answers.mts';
import { storeFile } from './files.mts';
import { blankImage, describe, imageFile } from './importer.mts';
import type { Json } from './json.mts';
import { encodeVoxels, mhaHeaderText, parseMhaHeader } from './media/mha.mts';
import type { Platform } from './platform.mts';
import { day, firstDay, seededValue, type People } from './seedParts.mts';
import type { DisplaySet, Question, ReaderAnswer, ReaderStudy, User } from './store.mts';
import { attach } from './values.mts';
import { addDisplaySet } from './worker.mts';

const version = { major: 1, minor: 0 };

/** Reader studies with questions, cases, answers of two readers (one has finished a case) and ground truth. */
export const seedStudies = async (platform: Platform, people: People): Promise<void> => {
	await seedNodules(platform, people);
	seedPractice(platform, people);
	seedShuffled(platform, people);
	addStudy(platform, 'public', {
		slug: 'public-reader-study',
		title: 'Public Reader Study',
		public: true,
		editors: new Set([people.other.id]),
	});
};

const addStudy = (
	platform: Platform,
	name: string,
	given: Partial<ReaderStudy> & Pick<ReaderStudy, 'slug' | 'title'>,
): ReaderStudy => {
	const study: ReaderStudy = {
		pk: platform.random.uuid(),
		description: '',
		helpText: '',
		endOfStudyText: '',
		created: firstDay + (60 + platform.store.readerStudies.size) * day,
		public: false,
		editors: new Set(),
		readers: new Set(),
		isEducational: false,
		instantVerification: false,
		allowAnswerModification: false,
		shuffled: false,
		viewContent: { main: ['ct-image'] },
		caseTexts: {},
		...given,
	};
	platform.store.readerStudies.set(study.pk, study);
	platform.store.names.set(`readerStudies.${name}`, study.pk);
	return study;
};

/** Adds a question after the others of its study. `options`: titles, the first is what readers find chosen. */
const addQuestion = (
	platform: Platform,
	study: ReaderStudy,
	name: string,
	code: string,
	text: string,
	{ options = [], ...more }: Partial<Omit<Question, 'options'>> & { options?: string[] } = {},
): Question => {
	const { questions, names } = platform.store;
	const earlier = [...questions.values()];
	const order = 10 * (1 + earlier.filter(({ readerStudy }) => readerStudy === study.pk).length);
	const firstId = 501 + earlier.reduce((sum, question) => sum + question.options.length, 0);
	const question: Question = {
		pk: platform.random.uuid(),
		readerStudy: study.pk,
		created: study.created + order * 1000,
		order,
		text,
		helpText: '',
		answerType: answerTypeOf(code),
		vertical: false,
		imagePort: '',
		annotationColor: '',
		required: false,
		options: options.map((title, i) => ({ id: firstId + i, title, default: i === 0 })),
		socket: null,
		overlaySegments: [],
		widget: '',
		minValue: null,
		maxValue: null,
		stepSize: null,
		minLength: null,
		maxLength: null,
		matchPattern: '',
		emptyAnswerConfirmation: false,
		emptyAnswerConfirmationLabel: '',
		...more,
	};
	questions.set(question.pk, question);
	names.set(`questions.${name}`, question.pk);
	return question;
};

const addCase = (
	platform: Platform,
	study: ReaderStudy,
	name: string,
	title: string,
	contents: Array<[string, Parameters<typeof seededValue>[2]]>,
): DisplaySet => {
	const displaySet = addDisplaySet(platform, study.pk, title, 0);
	displaySet.created = study.created + displaySet.order * 60_000;
	for (const [slug, content] of contents) attach(platform, displaySet, seededValue(platform, slug, content));
	platform.store.names.set(`displaySets.${name}`, displaySet.pk);
	return displaySet;
};

const addAnswer = (
	platform: Platform,
	name: string,
	creator: User,
	question: Question,
	displaySet: DisplaySet,
	answer: Json,
	more: Partial<ReaderAnswer> = {},
): ReaderAnswer => {
	const given: ReaderAnswer = {
		pk: platform.random.uuid(),
		question: question.pk,
		displaySet: displaySet.pk,
		creator: creator.id,
		created: firstDay + 90 * day + platform.store.answers.size * 97_000,
		modified: 0,
		answer,
		image: null,
		lastEditMs: 12_500,
		totalEditMs: 30_000,
		isGroundTruth: false,
		score: null,
		explanation: '',
		...more,
	};
	saveAnswer(platform, given);
	given.modified = given.created;
	platform.store.names.set(`answers.${name}`, given.pk);
	return given;
};

/** The id of an option by its title. */
const option = (question: Question, title: string): number => {
	const found = question.options.find((candidate) => candidate.title === title);
	if (found === undefined) throw new Error(`No option ${title}`);
	return found.id;
};

const seedNodules = async (platform: Platform, { main, reader, reader2 }: People) => {
	const study = addStudy(platform, 'nodules', {
		slug: 'nodule-reading',
		title: 'Nodule Reading',
		description: 'What readers see in the lung phantoms',
		helpText: '<p>Scroll through <b>all</b> slices first.</p>',
		endOfStudyText: '<p>Thank you.</p>',
		editors: new Set([main.id]),
		readers: new Set([reader.id, reader2.id]),
		isEducational: true,
		caseTexts: { 'lung-1.mha': '<p>Cough for three weeks.</p>' },
	});
	const add = (name: string, code: string, text: string, more: Parameters<typeof addQuestion>[5] = {}) =>
		addQuestion(platform, study, name, code, text, more);
	add('heading', 'HEAD', 'Findings');
	const present = add('present', 'CHOI', 'Is there a nodule?', {
		required: true,
		widget: 'Radio Select',
		options: ['Yes', 'No', 'Unsure'],
	});
	const findings = add('findings', 'MCHO', 'What else do you see?', {
		widget: 'Checkbox Select Multiple',
		options: ['Emphysema', 'Fibrosis', 'Pleural effusion'],
	});
	const diameter = add('diameter', 'NUMB', 'Diameter in mm', {
		widget: 'Number Input',
		minValue: 0,
		maxValue: 100,
		stepSize: 0.5,
	});
	const impression = add('impression', 'TEXT', 'Impression', {
		widget: 'Text Area',
		helpText: 'One <em>sentence</em> is enough.',
		minLength: 3,
		maxLength: 200,
		emptyAnswerConfirmation: true,
		emptyAnswerConfirmationLabel: 'I have nothing to say',
	});
	const quality = add('quality', 'BOOL', 'Is the image good enough?');
	const drawn = { imagePort: 'Main', annotationColor: '#ff8800' };
	const box = add('box', '2DBB', 'Mark the nodule', { ...drawn, socket: boxSocket(platform) });
	const outline = add('outline', 'POLY', 'Outline the nodule', drawn);
	const mask = add('mask', 'MASK', 'Segment the nodule', {
		...drawn,
		overlaySegments: [{ name: 'Nodule', voxel_value: 1, visible: true }],
	});

	const [first, second] = [1, 2, 3, 4].map((number) =>
		addCase(platform, study, `nodules${number}`, `Patient ${number}`, [
			['ct-image', { image: `lung${number}` }],
			['patient-age', { json: 60 + number }],
		]),
	);
	if (first === undefined || second === undefined) throw new Error('unreachable: there are four cases');
	const truth = { isGroundTruth: true, lastEditMs: null, totalEditMs: null };
	addAnswer(platform, 'truthPresent1', main, present, first, option(present, 'Yes'), {
		...truth,
		explanation: 'A solid nodule in the left lung.',
	});
	addAnswer(platform, 'truthFindings1', main, findings, first, [option(findings, 'Emphysema')], truth);
	addAnswer(platform, 'truthPresent2', main, present, second, option(present, 'No'), truth);

	const by = (user: User, displaySet: DisplaySet, answers: Array<[string, Question, Json, Partial<ReaderAnswer>?]>) => {
		for (const [name, question, answer, more] of answers)
			addAnswer(platform, name, user, question, displaySet, answer, more);
	};
	by(reader, first, [
		['readerPresent1', present, option(present, 'Yes')],
		['readerFindings1', findings, [option(findings, 'Emphysema'), option(findings, 'Fibrosis')]],
		['readerDiameter1', diameter, 7.5],
		['readerImpression1', impression, 'Solid nodule, follow-up in 3 months'],
		['readerQuality1', quality, true, { lastEditMs: null, totalEditMs: null }],
		['readerBox1', box, noduleBox],
		['readerOutline1', outline, noduleOutline],
	]);
	const image = await addMask(platform);
	addAnswer(
		platform,
		'readerMask1',
		reader,
		mask,
		first,
		{ upload_session_pk: platform.random.uuid() },
		{
			image: image.pk,
		},
	);
	by(reader, second, [['readerPresent2', present, option(present, 'Unsure')]]);
	by(reader2, first, [
		['reader2Present1', present, option(present, 'No')],
		['reader2Findings1', findings, []],
		['reader2Diameter1', diameter, null],
	]);
};

const boxSocket = (platform: Platform) =>
	platform.store.sockets.find((candidate) => candidate.slug === 'nodule-box') ?? null;

const noduleBox = {
	version,
	type: '2D bounding box',
	name: 'Nodule',
	corners: [
		[10, 20, 24],
		[17, 20, 24],
		[17, 28, 24],
		[10, 28, 24],
	],
};

const noduleOutline = {
	version,
	type: 'Polygon',
	seed_point: [13, 24, 24],
	path_points: [
		[10, 20, 24],
		[17, 20, 24],
		[13, 28, 24],
	],
	sub_type: 'brush',
	groups: [],
};

/** A small image of zeros and ones. */
const addMask = async (platform: Platform) => {
	const header = { size: [8, 8, 4], spacing: [1.5, 1.5, 3], elementType: 'MET_UCHAR' };
	const voxels = Array.from({ length: 256 }, (_, i) => (i % 8 === 3 ? 1 : 0));
	const bytes = Buffer.concat([Buffer.from(mhaHeaderText(header)), encodeVoxels(voxels, 'MET_UCHAR')]);
	const parsed = parseMhaHeader(bytes);
	if (parsed === undefined) throw new Error('The seed made a bad mask');
	const name = 'mask.mha';
	const files = [imageFile(platform, 'MHD', await storeFile(platform, name, bytes))];
	const image = describe({ ...blankImage(platform, name, null), files }, parsed, [0, 1]);
	platform.store.images.set(image.pk, image);
	platform.store.names.set('images.mask', image.pk);
	return image;
};

const seedPractice = (platform: Platform, { main, reader, reader2 }: People) => {
	const study = addStudy(platform, 'practice', {
		slug: 'practice-study',
		title: 'Practice Study',
		description: 'Answers may be changed here',
		editors: new Set([main.id]),
		readers: new Set([reader.id, reader2.id]),
		allowAnswerModification: true,
	});
	const grade = addQuestion(platform, study, 'grade', 'CHOI', 'Grade', {
		required: true,
		widget: 'Select',
		options: ['Low', 'High'],
	});
	addQuestion(platform, study, 'remark', 'TEXT', 'Remark', { widget: 'Text Input', matchPattern: '^[A-Z]' });
	addQuestion(platform, study, 'points', 'MPOI', 'All nodules < 6 mm & calcified', {
		imagePort: 'Main',
		widget: 'Accept/Reject Findings',
	});
	addQuestion(platform, study, 'region', 'MASK', 'Region', { imagePort: 'Main', required: true });
	const first = addCase(platform, study, 'practice1', 'Practice 1', [['ct-image', { image: 'lung1' }]]);
	addCase(platform, study, 'practice2', '', [['ct-image', { image: 'lung2' }]]);
	addCase(platform, study, 'practice3', 'Empty', []);
	addAnswer(platform, 'practiceReader1', reader, grade, first, option(grade, 'Low'));
};

const seedShuffled = (platform: Platform, { main, reader, reader2 }: People) => {
	const study = addStudy(platform, 'shuffled', {
		slug: 'shuffled-study',
		title: 'Shuffled Study',
		description: 'Every reader gets the cases in another order',
		editors: new Set([main.id]),
		readers: new Set([reader.id, reader2.id]),
		shuffled: true,
		viewContent: {},
	});
	addQuestion(platform, study, 'old', 'BOOL', 'Older than 50?');
	for (let number = 1; number <= 8; number += 1) {
		addCase(platform, study, `shuffled${number}`, `Person ${number}`, [['patient-age', { json: 42 + number * 2 }]]);
	}
};
