import { procedure } from './procedure';

/** Tags are hexadecimal, with blanks between them. What is in none of the lists is removed. */
export interface Procedure {
	version: string;
	classes: Array<{
		/** SOP class. */
		uid: string;
		name: string;
		/** Left as they are. */
		keep: string;
		/** Sequences that stay, their items cleaned by the same table. */
		items: string;
		/** Sequences that stay without items. */
		emptySequence: string;
		/** Get a new UID, the same for the same one. */
		uids: Array<{ vr: string; tags: string }>;
		/** Get this value. */
		texts: Array<{ vr: string; value: string; tags: string }>;
	}>;
}

/** What is done with an element; none is for those that are removed. */
export type Rule = { to: 'keep' | 'items' | 'emptySequence' } | { to: 'uid'; vr: string } | { to: 'text'; vr: string; value: string };

export type Rules = ReadonlyMap<number, Rule>;

const tagsIn = (list: string): number[] => list.split(/\s+/).filter(Boolean).map((tag) => parseInt(tag, 16));

const made = new Map<string, Rules>();

/** The rules for a SOP class; none where the procedure refuses it. */
export const rulesFor = (sopClass: string): Rules | undefined => {
	const known = made.get(sopClass);
	const found = procedure.classes.find(({ uid }) => uid === sopClass);
	if (known || found === undefined) return known;
	const lists: Array<[string, Rule]> = [
		...(['keep', 'items', 'emptySequence'] as const).map((to): [string, Rule] => [found[to], { to }]),
		...found.uids.map(({ vr, tags }): [string, Rule] => [tags, { to: 'uid', vr }]),
		...found.texts.map(({ vr, value, tags }): [string, Rule] => [tags, { to: 'text', vr, value }]),
	];
	const rules = new Map(lists.flatMap(([tags, rule]) => tagsIn(tags).map((tag) => [tag, rule] as const)));
	made.set(sopClass, rules);
	return rules;
};

/** In words, for messages. */
export const supportedKinds = (): string => procedure.classes.map(({ name }) => name).join(', ');

export const procedureVersion = procedure.version;
