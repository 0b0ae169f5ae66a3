import { isObject, list, member, text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { badInput, GrandChallengeError, somethingElse } from '../transport/errors';
import { readQuestion, type Question } from './question';

export interface GroundTruth {
	question: Question;
	answer: unknown;
	explanation: string;
}

/**
 * The answers that readers of an educational study are measured by, in the order of the questions.
 * @param study pk, slug or URL
 * @param displaySet pk or URL
 * @returns nothing where the display set has none
 * @throws GrandChallengeError (notFound) where the study shows no ground truth
 * @see the API sheet, section 8.14
 */
export const groundTruthOf = async (gc: GrandChallenge, study: string, displaySet: string): Promise<{ displaySet: JsonObject; truths: GroundTruth[] }> => {
	const found = await gc.readerStudies.getOnce(study);
	const slug = text(found, 'slug');
	if (found.is_educational === false || found.has_ground_truth === false) throw notShown(slug, found.is_educational === false);
	const shown = await gc.displaySets.getOnce(displaySet);
	const pk = text(found, 'pk');
	if (pkOf(text(shown, 'reader_study')) !== pk) {
		throw badInput(`The display set ${text(shown, 'pk')} is not of the reader study '${slug}'`, "Choose a 'Display Set' of that study");
	}
	const subject = `the ground truth of the display set ${text(shown, 'pk')}`;
	const answer = await gc.transport.get(`${gc.readerStudies.resource.path}${pk}/ground-truth/${text(shown, 'pk')}/`, subject);
	if (!isObject(answer) || !Object.values(answer).every((truth) => isObject(truth) && 'answer' in truth)) throw somethingElse(subject);
	const truths = list(found, 'questions')
		.filter(isObject)
		.map(readQuestion)
		.flatMap((question): GroundTruth[] => {
			const truth = answer[question.pk];
			if (truth === undefined) return [];
			return [{ question, answer: member(truth, 'answer'), explanation: text(truth, 'explanation') }];
		});
	return { displaySet: shown, truths };
};

const notShown = (slug: string, notEducational: boolean) =>
	new GrandChallengeError('notFound', `The reader study '${slug}' ${notEducational ? 'is not educational, so that it shows no ground truth' : 'has no ground truth'}`, {
		advice: 'Its editors can change that on the site: they make a study educational in its settings, and add ground truth on its page',
	});
