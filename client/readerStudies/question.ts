import { asText, list, number, text, type JsonObject } from '../api/json';
import { plainText } from '../api/plainText';
import { pkOf } from '../api/types';

export interface Option {
	id: number;
	title: string;
}

/** A question of a reader study. */
export interface Question {
	pk: string;
	apiUrl: string;
	/** pk of its reader study. */
	study: string;
	text: string;
	/** As the platform calls it, e.g. "Multiple choice". */
	answerType: string;
	required: boolean;
	/** For the types Choice and Multiple choice. */
	options: Option[];
	min: number | undefined;
	max: number | undefined;
	step: number | undefined;
	minLength: number | undefined;
	maxLength: number | undefined;
	/** A regular expression of Python's. */
	pattern: string;
}

/** A text of the platform that it gives sanitised; the twin without `_safe` is on its way out. */
export const safeText = (entity: JsonObject, key: string): string => plainText(asText(entity[`${key}_safe`]) ?? text(entity, key));

export const readQuestion = (entity: JsonObject): Question => {
	// A decimal, which the platform writes as text.
	const step = Number(entity.answer_step_size ?? NaN);
	return {
		pk: text(entity, 'pk'),
		apiUrl: text(entity, 'api_url'),
		study: pkOf(text(entity, 'reader_study')),
		text: safeText(entity, 'question_text'),
		answerType: text(entity, 'answer_type'),
		required: entity.required === true,
		options: list(entity, 'options').flatMap((option) => {
			const id = number(option, 'id');
			return id === undefined ? [] : [{ id, title: text(option, 'title') }];
		}),
		min: number(entity, 'answer_min_value'),
		max: number(entity, 'answer_max_value'),
		step: step > 0 ? step : undefined,
		minLength: number(entity, 'answer_min_length'),
		maxLength: number(entity, 'answer_max_length'),
		pattern: text(entity, 'answer_match_pattern'),
	};
};

const LONGEST_TEXT = 100;

/** A text in a message. */
export const quoted = (words: string): string => `'${words.length > LONGEST_TEXT ? `${words.slice(0, LONGEST_TEXT)}…` : words}'`;
