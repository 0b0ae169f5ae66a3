import type { Json, JsonObject } from './json.mts';
import { annotationKinds, schemaProblem } from './kinds.mts';

/** A type of question: code and name as the platform spells them. */
export interface AnswerType {
	code: string;
	name: string;
	/** JSON schema of the answers; a heading takes none. */
	schema: JsonObject | null;
	/** The answer that counts as none. */
	empty: Json;
}

const type = (code: string, name: string, schema: JsonObject | null, empty: Json = null): AnswerType => ({
	code,
	name,
	schema,
	empty,
});

/** Every type of question (section 8.14 of the API sheet). */
const answerTypes: AnswerType[] = [
	type('TEXT', 'Text', { type: 'string' }, ''),
	type('BOOL', 'Bool', { type: 'boolean' }),
	type('NUMB', 'Number', { type: 'number' }),
	type('HEAD', 'Heading', null),
	// Options are given by their ids.
	type('CHOI', 'Choice', { type: 'number' }),
	type('MCHO', 'Multiple choice', { type: 'array', items: { type: 'number' } }, []),
	...annotationKinds.map(({ code, name, schema }) => type(code, name, schema ?? {})),
	type('MASK', 'Mask', {
		type: 'object',
		properties: { upload_session_pk: { type: 'string' } },
		required: ['upload_session_pk'],
	}),
];

/** The type of a code; throws on an unknown one (a mistake in the seed). */
export const answerTypeOf = (code: string): AnswerType => {
	const found = answerTypes.find((candidate) => candidate.code === code);
	if (found === undefined) throw new Error(`No answer type ${code}`);
	return found;
};

/** True if an answer has the shape that the type wants; null is fine where it stands for no answer. */
export const fitsType = ({ schema, empty }: AnswerType, answer: Json): boolean =>
	schema !== null && ((answer === null && empty === null) || schemaProblem(answer, schema) === undefined);

/** True if an answer has the shape of any type. */
export const fitsAnyType = (answer: Json): boolean =>
	answer === null || answerTypes.some((candidate) => fitsType(candidate, answer));
