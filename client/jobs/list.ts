import type { JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';

/**
 * The jobs of an algorithm that were started last; the platform lists the oldest first.
 * @param offset the first one that is of interest
 * @param most how many of them
 * @returns them in the order in which they were started, and where in the list they begin
 * @throws GrandChallengeError
 */
export const newestJobs = async (gc: GrandChallenge, algorithm: string, offset: number, most: number): Promise<{ jobs: JsonObject[]; offset: number }> => {
	for (let from = offset; ; ) {
		const { value } = await gc.jobs.pages({ algorithm_image__algorithm: algorithm, offset: from }, most).next();
		if (!value || value.count <= from + most) return { jobs: value?.results ?? [], offset: from };
		from = value.count - most;
	}
};
