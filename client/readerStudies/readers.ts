import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { asIs, GrandChallengeError, hasReason } from '../transport/errors';
import { quoted } from './question';

/** The filter of display sets for those that a reader has not answered completely. */
export const unansweredBy = (reader: string) => ({ unanswered_by_user: 'true', user: reader });

/**
 * Finds out whether there is such a user before anything else is asked about one. The API does not list readers, and
 * breaks down over a name that nobody has: so it is asked only for names without answers, and only once.
 * @param study pk
 * @throws GrandChallengeError (notFound) where nobody has that name; (noPermission) where others than editors ask about others
 */
export const checkReader = async (gc: GrandChallenge, study: string, reader: string): Promise<void> => {
	if ((await gc.answers.count({ question__reader_study: study, creator: reader })) > 0) return;
	const { path, plural } = gc.displaySets.resource;
	const query = { reader_study: study, ...unansweredBy(reader), limit: 1 };
	try {
		await gc.transport.json({ method: 'GET', path, query, subject: `the list of ${plural}`, final: [500] });
	} catch (error) {
		if (hasReason(error, 'noPermission')) throw notForReaders(reader, error);
		throw hasReason(error, 'unavailable') && error.status === 500 ? nobody(reader, error) : asIs(error);
	}
};

const notForReaders = (reader: string, cause: GrandChallengeError) =>
	new GrandChallengeError('noPermission', `This account may not see what ${quoted(reader)} has answered`, {
		status: cause.status,
		advice: 'Only the editors of a reader study see that of others',
		cause,
	});

const nobody = (reader: string, cause: unknown) =>
	new GrandChallengeError('notFound', `Grand Challenge seems to have no user ${quoted(reader)}`, {
		advice: 'Check the user name, upper and lower case matter. Grand Challenge could not answer (500) when asked what this reader has still to answer, as it does for names that nobody has',
		cause,
	});

/** How far a reader is with a study. */
export interface Progress {
	reader: string;
	displaySets: number;
	/** How many of them lack an answer to any question. */
	unanswered: number;
	/** Those, where they were asked for. */
	unansweredSets?: JsonObject[];
}

/**
 * @param study pk
 * @param readers user names; without any, everybody who has answered something, as far as this account sees it
 * @param withSets whether to read the display sets that are not answered
 * @throws GrandChallengeError as `checkReader` does
 */
export const progressOf = async (gc: GrandChallenge, study: string, readers: string[], withSets: boolean): Promise<Progress[]> => {
	for (const reader of readers) await checkReader(gc, study, reader);
	const displaySets = await gc.displaySets.count({ reader_study: study });
	const progress: Progress[] = [];
	for (const reader of readers.length > 0 ? readers : await readersWithAnswers(gc, study)) {
		const query = { reader_study: study, ...unansweredBy(reader) };
		const unansweredSets = withSets ? await gc.displaySets.all(query) : undefined;
		const unanswered = unansweredSets?.length ?? (await gc.displaySets.count(query));
		progress.push({ reader, displaySets, unanswered, unansweredSets });
	}
	return progress;
};

const readersWithAnswers = async (gc: GrandChallenge, study: string): Promise<string[]> => {
	const readers = new Set<string>();
	for await (const answer of gc.answers.iterate({ question__reader_study: study, is_ground_truth: 'false' })) readers.add(text(answer, 'creator'));
	return [...readers].sort();
};
