import { member, text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { GrandChallengeError } from '../transport/errors';
import { LARGEST_PAGE } from '../transport/pages';
import type { Phase, Place } from './phase';

export interface EvaluationsWanted {
	phase?: Phase;
	/** As the platform writes it, e.g. "Succeeded". */
	status?: string;
	/** The most evaluations to give. */
	limit: number;
	/** The most evaluations to look at, newest first, where no pk of a phase is given. */
	mostLooked: number;
}

/**
 * Evaluations, newest first. The platform filters by the pk of a phase only: everything else is filtered here, among the
 * newest evaluations of the whole platform that this account can see, back to the day that the challenge was made.
 * @param tell is given a sentence about what may be missing
 * @throws GrandChallengeError; (notFound) also when there is none among as many as were to be looked at
 * @see the API sheet, section 8.10
 */
export const findEvaluations = async function* (
	gc: GrandChallenge,
	{ phase, status = '', limit, mostLooked }: EvaluationsWanted,
	tell: (sentence: string) => void,
): AsyncGenerator<JsonObject> {
	const pk = phase !== undefined && 'pk' in phase ? phase.pk : undefined;
	const place = phase === undefined || 'pk' in phase ? undefined : phase;
	const since = place === undefined ? 0 : await madeAt(gc, place.challenge);
	const takesAll = place === undefined && status === '';
	const otherPhases = new Set<string>();
	let [found, looked] = [0, 0];
	for await (const { results, count } of gc.evaluations.pages({ submission__phase: pk }, takesAll ? Math.min(limit, LARGEST_PAGE) : LARGEST_PAGE)) {
		for (const entry of results) {
			if (Date.parse(text(entry, 'created')) < since) return tellOthers(place, found, otherPhases, tell);
			if (isAt(entry, place) && (status === '' || sameWord(text(entry, 'status'), status))) {
				yield entry;
				if (++found >= limit) return;
			} else if (place !== undefined && isAt(entry, { challenge: place.challenge })) {
				otherPhases.add(placeOf(entry).phase);
			}
			if (pk === undefined && ++looked >= mostLooked && count > looked) {
				if (found === 0) throw noneAmong(looked, nameOf(place));
				return tell(`Only the newest ${looked} of the ${count} evaluations on Grand Challenge were looked at; 'Evaluations to Look At' sets how many`);
			}
		}
	}
	tellOthers(place, found, otherPhases, tell);
};

/** No evaluation is older than its challenge. */
const madeAt = async (gc: GrandChallenge, challenge: string): Promise<number> =>
	Date.parse(text(await gc.challenges.getOnce(challenge), 'created')) || 0;

/** The challenge and phase that an evaluation belongs to. */
export const placeOf = (evaluation: JsonObject): Required<Place> => {
	const phase = member(member(evaluation, 'submission'), 'phase');
	return { challenge: text(member(phase, 'challenge'), 'short_name'), phase: text(phase, 'slug') };
};

export const isAt = (evaluation: JsonObject, wanted: Place | undefined): boolean => {
	const { challenge, phase } = placeOf(evaluation);
	return wanted === undefined || (sameWord(challenge, wanted.challenge) && (wanted.phase === undefined || sameWord(phase, wanted.phase)));
};

/** Short names of challenges may have capitals, which their addresses do not show. */
const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const nameOf = (place: Place | undefined): string => {
	if (place === undefined) return 'that status';
	return place.phase === undefined ? `the challenge '${place.challenge}'` : `the phase '${place.phase}' of the challenge '${place.challenge}'`;
};

const noneAmong = (looked: number, what: string) =>
	new GrandChallengeError('notFound', `Among the newest ${looked} evaluations on Grand Challenge there is none of ${what}`, {
		advice: "Set 'Evaluations to Look At' higher, or give the ID of the phase: organizers find it in the address behind 'Export' on its leaderboard",
	});

/** A phase without evaluations may be one that is written wrong. */
const tellOthers = (place: Place | undefined, found: number, others: Set<string>, tell: (sentence: string) => void): void => {
	if (found > 0 || place?.phase === undefined || others.size === 0 || others.has(place.phase)) return;
	tell(`This account can see no evaluation of ${nameOf(place)}, but some of: ${[...others].join(', ')}`);
};
