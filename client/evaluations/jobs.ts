import { isObject, list, member, number, text, type JsonObject } from '../api/json';
import { pkOf, readSocketValues } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { badInput, hasReason, somethingElse } from '../transport/errors';
import { LARGEST_PAGE } from '../transport/pages';
import { settle } from '../transport/transport';

export interface JobsWanted {
	/** pk or URL. */
	evaluation: string;
	/** The algorithm that was submitted, where it is known: only its editors can look it up. */
	algorithm?: string;
	/** The archive with the cases of the phase: only jobs on one of its items. */
	archive?: string;
	/** The most jobs to look at, the newest ones, where the algorithm cannot be found out. */
	mostLooked: number;
}

export interface JobBehind {
	job: JsonObject;
	/** The archive item that it ran on, where the archive is known. */
	item?: JsonObject;
}

/**
 * The algorithm jobs behind an evaluation, in the order in which they were made. The API does not link the two. What the
 * platform does is to run the submitted container image on the items of the phase's archive, with the same socket values, and
 * to use a job again that there is already: so these are the jobs of that container image, and with the archive
 * those of them whose inputs are all values of one of its items.
 * @param tell is given a sentence about what may be missing
 * @throws GrandChallengeError; (badInput) where predictions were submitted, not an algorithm
 * @see the API sheet, section 8.3: the admins of a challenge see these jobs
 */
export const jobsOfEvaluation = async (gc: GrandChallenge, wanted: JobsWanted, tell: (sentence: string) => void): Promise<JobBehind[]> => {
	const evaluation = await gc.evaluations.get(wanted.evaluation);
	const image = pkOf(text(member(evaluation, 'submission'), 'algorithm_image'));
	if (image === '') {
		throw badInput(`The evaluation ${text(evaluation, 'pk')} has no algorithm jobs behind it`, 'Predictions were submitted to it, not an algorithm');
	}
	const items = wanted.archive === undefined ? undefined : await itemsOf(gc, wanted.archive);
	const algorithm = wanted.algorithm === undefined ? await algorithmOf(gc, image) : await gc.algorithms.pk(wanted.algorithm);
	const found: JobBehind[] = [];
	const jobs = algorithm === undefined ? newest(gc, wanted.mostLooked, tell) : gc.jobs.iterate({ algorithm_image__algorithm: algorithm });
	for await (const job of jobs) {
		if (pkOf(text(job, 'algorithm_image')) !== image) continue;
		if (items === undefined) {
			found.push({ job });
			continue;
		}
		const inputs = valuePks(job, 'inputs');
		const item = items.find(({ values }) => inputs.every((pk) => values.includes(pk)));
		if (inputs.length > 0 && item) found.push({ job, item: item.item });
	}
	return found;
};

const valuePks = (entry: JsonObject, key: 'inputs' | 'values') => readSocketValues(entry, key).map(({ pk }) => pk);

const itemsOf = async (gc: GrandChallenge, archive: string) => {
	const items: Array<{ item: JsonObject; values: Array<number | undefined> }> = [];
	for await (const item of gc.archiveItems.iterate({ archive: await gc.archives.pk(archive) })) items.push({ item, values: valuePks(item, 'values') });
	return items;
};

/** @returns undefined where this account may not see the container image: only editors of its algorithm may */
const algorithmOf = async (gc: GrandChallenge, image: string): Promise<string | undefined> => {
	const outcome = await settle(gc.containerImages.get(image));
	if ('value' in outcome) return pkOf(text(outcome.value, 'algorithm'));
	if (hasReason(outcome.error, 'notFound')) return undefined;
	throw outcome.error;
};

/** The platform lists jobs from the oldest on, also everybody's public ones: only the last of them are read. */
const newest = async function* (gc: GrandChallenge, most: number, tell: (sentence: string) => void): AsyncGenerator<JsonObject> {
	const { path, plural } = gc.jobs.resource;
	const subject = `the list of ${plural}`;
	const count = number(await gc.transport.get(path, subject, { limit: 1 }), 'count');
	if (count === undefined) throw somethingElse(subject);
	const start = Math.max(0, count - most);
	if (start > 0) tell(`Only the newest ${most} of the ${count} jobs that this account can see were looked at; 'Jobs to Look At' sets how many`);
	for (let offset = start; offset < count; offset += LARGEST_PAGE) {
		const page = await gc.transport.get(path, subject, { limit: LARGEST_PAGE, offset });
		if (!Array.isArray(member(page, 'results'))) throw somethingElse(subject);
		yield* list(page, 'results').filter(isObject);
	}
};
