import { badInput } from './errors';

/**
 * The token as it goes behind `Bearer`. Blanks around and between are dropped, and so is one leading word
 * ("Bearer abc" → "abc"), as in gcapi.
 * @throws GrandChallengeError (badInput) for an empty token or more than two words
 */
export const normaliseToken = (text: string): string => {
	const words = text.trim().split(/\s+/).filter(Boolean);
	const token = words.at(-1);
	if (token === undefined) {
		throw badInput('The API token is empty', "Put your token into the 'API Token' field of the Grand Challenge credential");
	}
	if (words.length > 2) {
		throw badInput(
			`The API token has ${words.length} words`,
			"The 'API Token' field takes the token alone, or two words such as 'Bearer <token>'",
		);
	}
	return token;
};
