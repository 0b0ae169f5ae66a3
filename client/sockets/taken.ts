import { readSocketValues, type SocketValue } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { badInput } from '../transport/errors';
import type { Assignment } from './source';

/** Values that are taken over from a case or a job. */
export interface Taken {
	from: 'archiveItem' | 'displaySet' | 'job';
	/** pk or URL. */
	identifier: string;
	/** Of a job. */
	sides?: Array<'inputs' | 'outputs'>;
	/** Which values, and the slugs of the sockets that they are for; all of them, each for its own socket, when it is empty. */
	sockets: Array<{ slug: string; to: string }>;
}

/**
 * All values that are asked for: those given, and those taken over for sockets that were given none.
 * @throws GrandChallengeError (badInput) when a value that was named is not there
 */
export const gather = async (gc: GrandChallenge, given: Assignment[], taken: Taken[]): Promise<Assignment[]> => {
	const all = [...given];
	for (const from of taken) {
		const others = await takeFrom(gc, from);
		all.push(...others.filter(({ socket }) => !given.some((own) => own.socket.trim() === socket)));
	}
	return all;
};

const takeFrom = async (gc: GrandChallenge, { from, identifier, sides = ['inputs', 'outputs'], sockets }: Taken): Promise<Assignment[]> => {
	const collection = { archiveItem: gc.archiveItems, displaySet: gc.displaySets, job: gc.jobs }[from];
	const entity = await collection.getOnce(identifier);
	const values = (from === 'job' ? sides.flatMap((side) => readSocketValues(entity, side)) : readSocketValues(entity, 'values')).filter(isThere);
	if (sockets.length === 0) return values.map((value) => ({ socket: value.socket.slug, source: { from: 'value', value }, optional: true }));
	return sockets.map(({ slug, to }) => {
		const value = values.find(({ socket }) => socket.slug === slug);
		if (value) return { socket: to, source: { from: 'value', value } };
		const there = values.map(({ socket }) => `'${socket.slug}'`).join(', ');
		throw badInput(`The ${collection.resource.singular} ${String(entity.pk)} has no value for the socket '${slug}'`, there ? `It has values for ${there}` : 'It has no values at all');
	});
};

const isThere = ({ value, file, image }: SocketValue): boolean => value !== null || file !== undefined || image !== undefined;
