import { inSeconds } from '../api/duration';
import { asText, isObject, list, number, text, type JsonObject } from '../api/json';
import { pkOf, readSocketValues } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { answerInWords } from './answerValue';
import { readQuestion, safeText, type Question } from './question';

export interface WantedAnswers {
	/** pk, slug or URL. */
	study: string;
	/** User names; everybody where there are none. */
	readers: string[];
	/** pks or URLs; all where there are none. */
	displaySets: string[];
	groundTruth: boolean;
	/** Whether to tell the images of the display sets. */
	images: boolean;
}

/** Cells of a table, by the names of their columns. */
export type Row = Record<string, string | number | boolean | null>;

/** An answer with what it is about. */
export interface ExportedAnswer {
	/** As the platform shows it. */
	answer: JsonObject;
	question: Question;
	/** The cells that tell its study and display set. */
	place: Row;
}

export interface StudyAnswers {
	/** All that can be answered, in their order. */
	questions: Question[];
	answers: ExportedAnswer[];
}

/**
 * Reads the answers of a reader study with few requests: study, display sets and images once, answers by pages.
 * @throws GrandChallengeError
 */
export const answersOf = async (gc: GrandChallenge, wanted: WantedAnswers): Promise<StudyAnswers> => {
	const study = await gc.readerStudies.getOnce(wanted.study);
	const pk = text(study, 'pk');
	const sets: string[] = [];
	for (const displaySet of wanted.displaySets) sets.push(await gc.displaySets.pk(displaySet));
	const questions = new Map(list(study, 'questions').filter(isObject).map(readQuestion).map((question) => [question.pk, question]));
	const placeOf = await places(gc, study, wanted.images);
	// The platform filters by one only.
	const only = (values: string[]) => (values.length === 1 ? values[0] : undefined);
	const query = {
		question__reader_study: pk,
		creator: only(wanted.readers),
		display_set: only(sets),
		is_ground_truth: wanted.groundTruth ? undefined : 'false',
	};
	const isWanted = (values: string[], value: string) => values.length === 0 || values.includes(value);
	const answers: ExportedAnswer[] = [];
	for await (const answer of gc.answers.iterate(query)) {
		const displaySet = pkOf(text(answer, 'display_set'));
		if (!isWanted(wanted.readers, text(answer, 'creator')) || !isWanted(sets, displaySet)) continue;
		const question = pkOf(text(answer, 'question'));
		answers.push({ answer, question: questions.get(question) ?? readQuestion({ pk: question }), place: placeOf(displaySet) });
	}
	return { questions: [...questions.values()].filter(({ answerType }) => answerType !== 'Heading'), answers };
};

/** What gives the cells for a display set of the study by its pk. */
const places = async (gc: GrandChallenge, study: JsonObject, withImages: boolean): Promise<(displaySet: string) => Row> => {
	const pk = text(study, 'pk');
	const about = { reader_study: pk, reader_study_slug: text(study, 'slug'), reader_study_title: safeText(study, 'title') };
	const names = new Map<string, string>();
	if (withImages) {
		for await (const image of gc.images.iterate({ reader_study: pk })) names.set(text(image, 'pk'), text(image, 'name'));
	}
	const row = (displaySet: JsonObject): Row => {
		const images = readSocketValues(displaySet, 'values').flatMap(({ image }) => (image === undefined ? [] : [pkOf(image)]));
		return {
			...about,
			display_set: text(displaySet, 'pk') || null,
			display_set_title: safeText(displaySet, 'title'),
			...(withImages ? { image_names: images.map((image) => names.get(image) ?? image).join(', '), images: images.join(', ') } : {}),
		};
	};
	const known = new Map<string, Row>();
	for await (const displaySet of gc.displaySets.iterate({ reader_study: pk })) known.set(text(displaySet, 'pk'), row(displaySet));
	return (displaySet) => known.get(displaySet) ?? row({ pk: displaySet });
};

/** pk of the image that is the answer, for masks. */
export const imageOf = (answer: JsonObject): string | null => pkOf(asText(answer.answer_image)) || null;

/** Who gave an answer, and as what. */
const byWhom = (answer: JsonObject): Row => ({ reader: text(answer, 'creator'), is_ground_truth: answer.is_ground_truth === true });

/** The cells of one answer. */
export const answerRow = ({ answer, question, place }: ExportedAnswer): Row => ({
	pk: text(answer, 'pk'),
	...place,
	...byWhom(answer),
	question: question.pk,
	question_text: question.text,
	answer_type: question.answerType,
	answer: answerInWords(question, answer.answer),
	answer_image: imageOf(answer),
	// Newer versions of the platform tell it.
	...('score' in answer ? { score: number(answer, 'score') ?? null } : {}),
	created: text(answer, 'created'),
	modified: text(answer, 'modified'),
	last_edit_seconds: inSeconds(answer.last_edit_duration),
	total_edit_seconds: inSeconds(answer.total_edit_duration),
});

/** What one reader has answered for one display set. */
export interface AnsweredCase {
	/** Its cells, with a column for each question of the study. */
	row: Row;
	answers: Array<ExportedAnswer & { column: string }>;
}

/** The answers in rows of one display set and reader each, all with the same columns. */
export const answeredCases = ({ questions, answers }: StudyAnswers): AnsweredCase[] => {
	const cases = new Map<string, ExportedAnswer[]>();
	for (const exported of answers) {
		const key = JSON.stringify([exported.place.display_set, byWhom(exported.answer)]);
		const known = cases.get(key);
		if (known) known.push(exported);
		else cases.set(key, [exported]);
	}
	return [...cases.values()].map((of) => {
		const fixed = caseCells(of);
		const columns = columnsOf(questions, Object.keys(fixed));
		const cells = new Map([...columns.values()].map((column): [string, Row[string]] => [column, null]));
		const named = of.flatMap((exported) => {
			const column = columns.get(exported.question.pk);
			return column === undefined ? [] : [{ ...exported, column }];
		});
		for (const { column, question, answer } of named) cells.set(column, answerInWords(question, answer.answer) ?? imageOf(answer));
		return { row: { ...fixed, ...Object.fromEntries(cells) }, answers: named };
	});
};

/** The cells of a case besides its answers. */
const caseCells = (answers: ExportedAnswer[]): Row => {
	const [first] = answers;
	const times = (key: string) => answers.map(({ answer }) => text(answer, key)).sort();
	const seconds = answers.map(({ answer }) => inSeconds(answer.total_edit_duration)).filter((known) => known !== null);
	return {
		...first?.place,
		...(first ? byWhom(first.answer) : {}),
		created: times('created')[0] ?? null,
		modified: times('modified').at(-1) ?? null,
		total_edit_seconds: seconds.length > 0 ? seconds.reduce((sum, each) => sum + each, 0) : null,
	};
};

/** The texts of the questions, on one line and made different from each other and from the other columns, by pk. */
const columnsOf = (questions: Question[], others: string[]): Map<string, string> => {
	const taken = new Set(others);
	return new Map(
		questions.map(({ pk, text: words }) => {
			const name = words.replace(/\s+/g, ' ') || pk;
			let column = name;
			for (let n = 2; taken.has(column); n++) column = `${name} (${n})`;
			taken.add(column);
			return [pk, column];
		}),
	);
};
