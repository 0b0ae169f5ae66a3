import type { FastifyInstance } from 'fastify';

import { noMatch, notFound } from '../errors.mts';
import { filterText, paginated } from '../lists.mts';
import type { Platform } from '../platform.mts';
import { showSocket } from '../values.mts';
import { mount, ok } from '../view.mts';

/** `components/interfaces/`: needs a login also for reading. */
export const socketRoutes = (app: FastifyInstance, platform: Platform): void => {
	mount(app, platform, 'components/interfaces/', {
		permission: 'login',
		methods: {
			GET: (call) => {
				const slug = filterText(call, 'slug');
				return paginated(
					call,
					platform.store.sockets.filter((socket) => slug === undefined || socket.slug === slug),
					showSocket,
				);
			},
		},
	});
	mount(app, platform, 'components/interfaces/:pk/', {
		permission: 'login',
		methods: {
			GET: ({ params }) => {
				const pk = params['pk'] ?? '';
				if (!/^\d+$/u.test(pk)) throw notFound();
				const socket = platform.store.sockets.find((candidate) => candidate.pk === Number(pk));
				if (socket === undefined) throw noMatch('ComponentInterface');
				return ok(showSocket(socket));
			},
		},
	});
};
