import { text } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { settle } from '../transport/transport';
import { titleOf, type CaseKind } from './kinds';

const known = new WeakMap<GrandChallenge, Map<string, Promise<Map<string, string>>>>();

const keyOf = (kind: CaseKind, name: string) => `${kind.key} ${name}`;

/**
 * Titles and pks of the cases of an archive or reader study. The list is read once for all input items.
 * @throws GrandChallengeError
 */
export const titlesIn = (gc: GrandChallenge, kind: CaseKind, parentPk: string): Promise<Map<string, string>> => {
	const all = known.get(gc) ?? new Map<string, Promise<Map<string, string>>>();
	known.set(gc, all);
	const key = keyOf(kind, parentPk);
	const asked = all.get(key) ?? read(gc, kind, parentPk);
	all.set(key, asked);
	asked.catch(() => all.delete(key));
	return asked;
};

/** Tells that there is a new case, where the titles have been read already. */
export const addTitle = async (gc: GrandChallenge, kind: CaseKind, parentPk: string, title: string, pk: string): Promise<void> => {
	(await known.get(gc)?.get(keyOf(kind, parentPk)))?.set(title, pk);
};

const read = async (gc: GrandChallenge, kind: CaseKind, parentPk: string): Promise<Map<string, string>> => {
	const titles = new Map<string, string>();
	for await (const entity of kind.cases(gc).iterate({ [kind.filter]: parentPk })) titles.set(titleOf(entity), text(entity, 'pk'));
	return titles;
};

const turns = new WeakMap<GrandChallenge, Map<string, Promise<unknown>>>();

/**
 * Lets those who are about the same case come one after the other, so that the second sees what the first has done.
 * @param name of the case: its parent and title, or what identifies it; undefined where it is like no other
 */
export const inTurn = async <T>(gc: GrandChallenge, kind: CaseKind, name: string | undefined, work: () => Promise<T>): Promise<T> => {
	if (name === undefined) return work();
	const all = turns.get(gc) ?? new Map<string, Promise<unknown>>();
	turns.set(gc, all);
	const key = keyOf(kind, name);
	const turn = settle(all.get(key) ?? Promise.resolve()).then(work);
	all.set(key, turn);
	return turn;
};
