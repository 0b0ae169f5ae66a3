import { parseJson, sameJson } from '../api/json';
import { badInput } from '../transport/errors';
import { annotationProblem } from './annotations';
import { quoted, type Option, type Question } from './question';

/**
 * What a person gave as an answer, as the platform takes it: options may be given by their titles, values as text, and
 * nothing at all stands for no answer. What the question does not allow is refused, as far as that can be told for sure;
 * patterns cannot, since Python reads them otherwise than JavaScript.
 * @throws GrandChallengeError (badInput) naming the question
 * @see the API sheet, section 8.14
 */
export const answerValue = (question: Question, given: unknown): unknown => {
	const { answerType, required } = question;
	if (answerType === 'Heading') throw badInput(`${quoted(question.text)} is a heading, which takes no answer`, 'Choose a question below it');
	const value = isNothing(question, given) ? noAnswer(question) : takenAs(question, given);
	// A mask is empty until its image has arrived.
	if (required && answerType !== 'Mask' && sameJson(value, noAnswer(question))) throw badInput(`${named(question)} must be answered`, "Fill in 'Answer'");
	return value;
};

/** Blanks are a text, if not much of one. */
const isNothing = ({ answerType }: Question, given: unknown): boolean =>
	given === undefined || given === null || given === '' || (answerType !== 'Text' && typeof given === 'string' && given.trim() === '');

/** What the platform takes for no answer. */
const noAnswer = ({ answerType }: Question): unknown => (answerType === 'Text' ? '' : answerType === 'Multiple choice' ? [] : null);

const takenAs = (question: Question, given: unknown): unknown => {
	switch (question.answerType) {
		case 'Text':
			return textAnswer(question, given);
		case 'Bool':
			return boolAnswer(question, given);
		case 'Number':
			return numberAnswer(question, given);
		case 'Choice':
			return optionId(question, given);
		case 'Multiple choice':
			return optionList(question, given).map((option) => optionId(question, option));
		case 'Mask':
			throw badInput(`${named(question)} is answered with an image`, 'Use Answer: Upload Mask');
		default:
			return annotation(question, given);
	}
};

/**
 * An answer as it stands in a table: titles of options, text for annotations, and everything else as it is. Nothing for
 * a mask, which is an image.
 */
export const answerInWords = ({ answerType, options }: Question, answer: unknown): string | number | boolean | null => {
	const title = (id: unknown) => options.find((option) => option.id === id)?.title ?? String(id);
	if (answer === null || answer === undefined || answerType === 'Mask') return null;
	if (answerType === 'Choice') return title(answer);
	if (answerType === 'Multiple choice' && Array.isArray(answer)) return answer.map(title).join(', ');
	return typeof answer === 'string' || typeof answer === 'number' || typeof answer === 'boolean' ? answer : JSON.stringify(answer);
};

/** A question in a message. */
export const named = ({ text, answerType }: Question): string => `${quoted(text)} (${answerType})`;

const textAnswer = (question: Question, given: unknown): string => {
	const text = asWords(given);
	if (text === undefined) throw badInput(`${named(question)} takes a text, not an object`, 'Check the expression');
	const { minLength, maxLength } = question;
	// As Python counts.
	const { length } = [...text];
	if (minLength !== undefined && length < minLength) throw badInput(`${named(question)} takes at least ${minLength} characters, not ${length}`, 'Write more');
	if (maxLength !== undefined && length > maxLength) throw badInput(`${named(question)} takes at most ${maxLength} characters, not ${length}`, 'Write less');
	return text;
};

const boolAnswer = (question: Question, given: unknown): boolean => {
	const flag = { true: true, yes: true, false: false, no: false }[asWords(given)?.trim().toLowerCase() ?? ''];
	if (flag !== undefined) return flag;
	throw badInput(`${named(question)} takes true or false, not ${shown(given)}`, 'Use one of them');
};

/** Binary fractions are off by less than this part of a step. */
const TOLERANCE = 1e-4;
/** More steps than this cannot be told from their neighbours with that tolerance. */
const MOST_STEPS = 1e10;

const numberAnswer = (question: Question, given: unknown): number => {
	const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
	if (typeof value !== 'number' || !Number.isFinite(value)) throw badInput(`${named(question)} takes a number, not ${shown(given)}`, 'Decimals have a point, as in 7.5');
	const { min, max, step } = question;
	if (min !== undefined && value < min) throw badInput(`${named(question)} takes no number below ${min}, and this is ${value}`, 'Check the value');
	if (max !== undefined && value > max) throw badInput(`${named(question)} takes no number above ${max}, and this is ${value}`, 'Check the value');
	if (step === undefined) return value;
	const steps = (value - (min ?? 0)) / step;
	if (Math.abs(steps) < MOST_STEPS && Math.abs(steps - Math.round(steps)) > TOLERANCE) {
		throw badInput(`${named(question)} takes numbers in steps of ${step}${min === undefined ? '' : ` from ${min}`}, and this is ${value}`, 'Round the value');
	}
	return value;
};

/** Titles come first, and in the spelling that was given: options may be numbers. */
const matching = ({ options }: Question, wanted: string): Option[] =>
	[
		options.filter(({ title }) => title.trim() === wanted),
		options.filter(({ title }) => title.trim().toLowerCase() === wanted.toLowerCase()),
		options.filter(({ id }) => String(id) === wanted),
	].find((found) => found.length > 0) ?? [];

const optionId = (question: Question, given: unknown): number => {
	const choices = `Its options are ${question.options.map(({ title }) => quoted(title)).join(', ')}`;
	const wanted = asWords(given);
	if (wanted === undefined) throw badInput(`${named(question)} takes titles of options, not an object`, choices);
	const [found, ...others] = matching(question, wanted.trim());
	if (!found) throw badInput(`${named(question)} has no option ${shown(given)}`, choices);
	if (others.length === 0) return found.id;
	const ids = [found, ...others].map(({ id }) => id).join(', ');
	throw badInput(`${named(question)} has several options ${shown(given)}`, `Give the ID of the one that you mean: ${ids}`);
};

/** A list, the text of a JSON list, one option, or titles between commas. */
const optionList = (question: Question, given: unknown): unknown[] => {
	if (Array.isArray(given)) return given;
	if (typeof given !== 'string' || matching(question, given.trim()).length > 0) return [given];
	const parsed = parseJson(given)?.value;
	if (Array.isArray(parsed)) return parsed;
	return given.split(',').map((title) => title.trim()).filter(Boolean);
};

const annotation = (question: Question, given: unknown): unknown => {
	const value = typeof given === 'string' ? (parseJson(given)?.value ?? given) : given;
	const problem = annotationProblem(question.answerType, value);
	if (problem === undefined) return value;
	throw badInput(`This is no answer to ${named(question)}: ${problem}`, 'Give the annotation as a JSON object, in the shape in which Answer: Get shows one');
};

/** Text, numbers and flags as text; undefined for all else. */
const asWords = (given: unknown): string | undefined =>
	typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? String(given) : undefined;

/** A value in a message. */
const shown = (given: unknown): string => {
	const words = asWords(given);
	return words === undefined ? 'an object' : quoted(words);
};
