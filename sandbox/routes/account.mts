import type { FastifyInstance } from 'fastify';

import { forbidden } from '../errors.mts';
import { siteOrigin, type Platform } from '../platform.mts';
import { mount, ok } from '../view.mts';

/** `profiles/users/self/`, `gcapi/`, and the router's index. */
export const accountRoutes = (app: FastifyInstance, platform: Platform): void => {
	mount(app, platform, 'profiles/users/self/', {
		permission: [],
		methods: {
			GET: ({ user }) => {
				const profile = user?.profile ?? { institution: '', department: '', location: '', website: '' };
				return ok({
					user: { username: user?.username ?? 'AnonymousUser' },
					mugshot: `${siteOrigin(platform)}/static/images/mugshot.png`,
					...profile,
				});
			},
		},
	});
	mount(app, platform, 'gcapi/', {
		permission: 'open',
		methods: {
			GET: () =>
				ok({ latest_version: platform.settings.gcapiLatest, lowest_supported_version: platform.settings.gcapiLowest }),
		},
	});
	mount(app, platform, '', {
		permission: 'login',
		methods: {
			GET: () => {
				throw forbidden();
			},
		},
	});
};
