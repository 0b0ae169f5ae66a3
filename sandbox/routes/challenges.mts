import { isIP } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { canViewChallenge } from '../access.mts';
import { noMatch } from '../errors.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl } from '../links.mts';
import { paginated } from '../lists.mts';
import { apiDate, siteOrigin, type Platform } from '../platform.mts';
import { filterMap, type Challenge } from '../store.mts';
import { mount, ok, type Call } from '../view.mts';

/** `challenges/`, by slug. */
export const challengeRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) =>
		filterMap(platform.store.challenges, (challenge) => canViewChallenge(user, challenge));
	mount(app, platform, 'challenges/', {
		permission: [],
		methods: {
			GET: (call) =>
				paginated(
					call,
					visible(call).sort((a, b) => a.pk - b.pk),
					(challenge) => showChallenge(platform, challenge),
				),
		},
	});
	mount(app, platform, 'challenges/:slug/', {
		permission: [],
		methods: {
			GET: (call) => {
				const challenge = visible(call).find(({ slug }) => slug === call.params['slug']);
				if (challenge === undefined) throw noMatch('Challenge');
				return ok(showChallenge(platform, challenge));
			},
		},
	});
};

/** A challenge lives on a subdomain of its own; an address that is a number can have none. */
const challengeUrl = (platform: Platform, slug: string): string => {
	const url = new URL(siteOrigin(platform));
	url.hostname = `${slug}.${isIP(url.hostname) === 0 ? url.hostname : 'localhost'}`;
	return url.href;
};

const optionalDate = (ms: number | null) => (ms === null ? null : apiDate(ms));

const showChallenge = (platform: Platform, challenge: Challenge): JsonObject => ({
	api_url: apiUrl(platform, 'challenges', challenge.slug),
	url: challengeUrl(platform, challenge.slug),
	slug: challenge.slug,
	title: challenge.title,
	description: challenge.description,
	public: challenge.public,
	status: challenge.status,
	logo: `${siteOrigin(platform)}/static/logos/challenge/${challenge.pk}/logo.png`,
	// The platform gives them no order.
	submission_types: platform.shuffler.shuffle(challenge.submissionTypes),
	start_date: optionalDate(challenge.startDate),
	end_date: optionalDate(challenge.endDate),
	publications: challenge.publications,
	created: apiDate(challenge.created),
	modified: apiDate(challenge.modified),
	incentives: challenge.incentives,
});
