import type { JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import type { StartedJob } from './start';

/** What a client keeps of the jobs that it has started. */
export interface JobBook {
	/** Those that it has not seen to end, by pk. */
	running: Map<string, StartedJob>;
	/** pks of all of them. */
	known: Set<string>;
	/** How many jobs of an algorithm there were before its own, by the pk of the algorithm. */
	before: Map<string, Promise<number>>;
	/** How long the last job of an algorithm ran, in s. */
	ran: Map<string, number>;
	/** All jobs of an algorithm, where they had to be looked through. */
	listed: Map<string, Promise<JsonObject[]>>;
}

const books = new WeakMap<GrandChallenge, JobBook>();

export const bookOf = (gc: GrandChallenge): JobBook => {
	const book = books.get(gc) ?? { running: new Map<string, StartedJob>(), known: new Set<string>(), before: new Map<string, Promise<number>>(), ran: new Map<string, number>(), listed: new Map<string, Promise<JsonObject[]>>() };
	books.set(gc, book);
	return book;
};
