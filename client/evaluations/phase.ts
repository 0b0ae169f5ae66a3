import { badInput } from '../transport/errors';

/** The slugs of a challenge and of one of its phases, or of all of them. */
export interface Place {
	challenge: string;
	phase?: string;
}

/** What names a phase: the API filters by its pk only, and does not show it. */
export type Phase = { pk: string } | Place;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const SLUG = /^[\w-]+$/;
/** Takes the slug of a phase out of the path of its pages. */
const PAGE = /^\/evaluation\/(?!(?:combined-leaderboards|configure-algorithm-phases|leaderboard|phase|results|submissions)(?:\/|$))([\w-]+)/;

const HOW =
	"Give the address of its leaderboard, choose its 'Challenge' and give its slug, or give its ID, which organizers find in the address behind 'Export' on the leaderboard";

/**
 * Understands a pk, the address behind Export on a leaderboard, the address of a page of a phase, and its slug where the
 * challenge is known. Nothing is asked.
 * @param text what a person gave for the phase
 * @param challenge slug of the challenge, where a person gave one besides
 * @returns undefined where neither is given
 * @throws GrandChallengeError (badInput) where it names no phase
 * @see the API sheet, section 8.10
 */
export const readPhase = (text: string, challenge?: string): Phase | undefined => {
	const value = text.trim();
	if (value === '') return challenge === undefined ? undefined : { challenge };
	if (UUID.test(value)) return { pk: value.toLowerCase() };
	const { host, path, pk } = readAddress(value);
	if (pk !== undefined) return { pk };
	const slug = path === undefined ? value : PAGE.exec(path)?.[1];
	if (slug === undefined || !SLUG.test(slug) || UUID.test(slug)) throw badInput(`'${value.slice(0, 100)}' does not name a phase`, HOW);
	if (host !== undefined && challenge !== undefined && host !== challenge.toLowerCase()) {
		throw badInput(`'Challenge' is '${challenge}', but the address of the phase belongs to '${host}'`, 'Leave one of them out');
	}
	const owner = challenge ?? host;
	if (owner === undefined) throw badInput(`'${value.slice(0, 100)}' does not tell which challenge the phase belongs to`, HOW);
	return { challenge: owner, phase: slug };
};

/** An address is only read here, never called; each challenge has a host of its own, named by its slug. */
const readAddress = (value: string): { host?: string; path?: string; pk?: string } => {
	const isPath = value.startsWith('/');
	if (!isPath && !URL.canParse(value)) return {};
	const { hostname, pathname, searchParams } = new URL(value, 'https://path.invalid');
	const pk = searchParams.get('submission__phase') ?? '';
	if (UUID.test(pk)) return { pk: pk.toLowerCase() };
	return { path: pathname, host: isPath ? undefined : hostname.split('.')[0] };
};
