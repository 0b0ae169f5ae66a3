import { fitsType } from './answerTypes.mts';
import { canonicalJson, pythonType, type Json } from './json.mts';
import type { Platform } from './platform.mts';
import type { DisplaySet, Question, ReaderAnswer, User } from './store.mts';
import { valuesOf } from './values.mts';

/** An answer that somebody wants to give, or to change. */
interface Draft {
	creator: User;
	question: Question;
	displaySet: DisplaySet;
	answer: Json;
	/** The answer that is changed. */
	instance?: ReaderAnswer;
}

/** Why an answer cannot be taken, in the platform's words and order. */
export const answerProblem = (platform: Platform, draft: Draft): string | undefined => {
	const { creator, question, displaySet, answer, instance } = draft;
	const { answerType } = question;
	if (answerType.code === 'HEAD') return 'Headings are not answerable.';
	if (!fitsType(answerType, answer))
		return `Your answer is not the correct type. ${answerType.name} expected, <class '${pythonType(answer)}'> found.`;
	if (displaySet.readerStudy !== question.readerStudy)
		return `Display set ${describeCase(platform, displaySet)} does not belong to this reader study.`;
	if (isAnswered(platform, draft, instance))
		return `User ${creator.username} has already answered this question for this display set.`;
	const isOption = (id: Json) => question.options.some((option) => option.id === id);
	if (answerType.code === 'CHOI' && !isOption(answer) && (answer !== null || question.required))
		return 'Provided option is not valid for this question';
	if (answerType.code === 'MCHO' && !(Array.isArray(answer) && answer.every(isOption)))
		return 'Provided options are not valid for this question';
	// A mask is empty until its image has been uploaded.
	const isEmpty = answerType.code !== 'MASK' && canonicalJson(answer) === canonicalJson(answerType.empty);
	if (isEmpty) return question.required ? 'Answer for required question cannot be empty' : undefined;
	return typeof answer === 'number' && answerType.code === 'NUMB'
		? numberProblem(question, answer)
		: typeof answer === 'string'
			? textProblem(question, answer)
			: undefined;
};

const isAnswered = (platform: Platform, { creator, question, displaySet }: Draft, self?: ReaderAnswer): boolean =>
	[...platform.store.answers.values()].some(
		(other) =>
			other !== self &&
			!other.isGroundTruth &&
			other.creator === creator.id &&
			other.question === question.pk &&
			other.displaySet === displaySet.pk,
	);

/** A display set as the platform writes it in messages. */
const describeCase = (platform: Platform, displaySet: DisplaySet): string => {
	const values = valuesOf(platform, displaySet);
	const content = values.map(({ socket, value, image, file }) => {
		const title = platform.store.images.get(image ?? '')?.name ?? file?.name ?? JSON.stringify(value);
		return `${socket.title}: ${title.slice(0, 30)}`;
	});
	const summary = values.length === 0 ? 'No content' : values.length > 5 ? '5+ items' : content.join(', ');
	return [displaySet.pk, ...(displaySet.title === '' ? [] : [`'${displaySet.title}'`]), summary].join(', ');
};

/** A step as the platform keeps it: a decimal of three places. */
export const decimal = (value: number): string => value.toFixed(3);

const numberProblem = (question: Question, answer: number): string | undefined => {
	const { minValue, maxValue, stepSize } = question;
	if (minValue !== null && answer < minValue) return `Ensure this value is greater than or equal to ${minValue}.`;
	if (maxValue !== null && answer > maxValue) return `Ensure this value is less than or equal to ${maxValue}.`;
	if (stepSize === null) return undefined;
	const steps = (answer - (minValue ?? 0)) / stepSize;
	if (Math.abs(steps - Math.round(steps)) * stepSize < 1e-9) return undefined;
	const start = `Ensure this value is a multiple of step size ${decimal(stepSize)}`;
	return minValue === null
		? `${start}.`
		: `${start}, starting from ${minValue}, e.g. ${minValue}, ${decimal(minValue + stepSize)}, ${decimal(minValue + 2 * stepSize)}, and so on.`;
};

const textProblem = (question: Question, answer: string): string | undefined => {
	const { minLength, maxLength, matchPattern } = question;
	const length = [...answer].length;
	const characters = (limit: number) => `${limit} character${limit === 1 ? '' : 's'} (it has ${length}).`;
	if (minLength !== null && length < minLength) return `Ensure this value has at least ${characters(minLength)}`;
	if (maxLength !== null && length > maxLength) return `Ensure this value has at most ${characters(maxLength)}`;
	return matchPattern === '' || new RegExp(matchPattern, 'u').test(answer)
		? undefined
		: 'Enter a valid answer that matches with the requested format';
};

/** Puts an answer on record, scored against the ground truth. */
export const saveAnswer = (platform: Platform, answer: ReaderAnswer): void => {
	const truth = [...platform.store.answers.values()].find(
		(other) => other.isGroundTruth && other.question === answer.question && other.displaySet === answer.displaySet,
	);
	answer.modified = platform.clock.wall();
	answer.score = truth === undefined || answer.isGroundTruth ? null : accuracy(answer.answer, truth.answer);
	platform.store.answers.set(answer.pk, answer);
};

// Several options count one by one, in their order.
const accuracy = (answer: Json, truth: Json): number => {
	if (!Array.isArray(answer) || !Array.isArray(truth)) return canonicalJson(answer) === canonicalJson(truth) ? 1 : 0;
	const length = Math.max(answer.length, truth.length);
	if (length === 0) return 1;
	return Array.from({ length }, (_, i) => (answer[i] ?? 0) === (truth[i] ?? 0)).filter(Boolean).length / length;
};

/** An answer in words: titles of options, everything else as it is. */
export const answerText = (question: Question, answer: Json): Json => {
	const titles = (ids: Json[]) => question.options.filter(({ id }) => ids.includes(id)).map(({ title }) => title);
	if (question.answerType.code === 'CHOI') return titles([answer])[0] ?? '';
	if (question.answerType.code === 'MCHO' && Array.isArray(answer)) return titles(answer).sort().join(', ');
	return answer;
};
