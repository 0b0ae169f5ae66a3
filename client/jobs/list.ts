import type { JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import type { Page } from '../transport/pages';

/**
 * The jobs of an algorithm that were started last; the platform lists the oldest first.
 * @param offset the first one that is of interest
 * @param most how many of them
 * @returns them in the order in which they were started, and where in the list they begin
 * @throws GrandChallengeError
 */
export const newestJobs = async (gc: GrandChallenge, algorithm: string, offset: number, most: number): Promise<{ jobs: JsonObject[]; offset: number }> => {
	for (let from = offset; ; ) {
		const { count, results } = await pageAt(gc, algorithm, from, most);
		if (count <= from + most) return { jobs: results, offset: from };
		from = count - most;
	}
};

const pageAt = async (gc: GrandChallenge, algorithm: string, offset: number, most: number): Promise<Page> => {
	for await (const page of gc.jobs.pages({ algorithm_image__algorithm: algorithm, offset }, most)) return page;
	return { count: 0, results: [] };
};
