import type { FastifyInstance } from 'fastify';

import { noMatch, notFound } from '../errors.mts';
import { booleanField, FieldErrors, textField } from '../fields.mts';
import type { JsonObject } from '../json.mts';
import { paginated, unordered } from '../lists.mts';
import type { Platform } from '../platform.mts';
import { filterMap } from '../store.mts';
import { bodyObject, mount, ok, uuidParam, type Call } from '../view.mts';

/** What a user was told or wants to be told: may be read, changed and deleted by nobody else. */
interface Inbox<T> {
	path: string;
	model: string;
	all: () => Map<string, T>;
	key: (call: Call) => string;
	change: (item: T, body: JsonObject, errors: FieldErrors) => void;
	show: (item: T) => JsonObject;
}

/** `notifications/` and `subscriptions/`: the only things that can be deleted through the API. */
export const inboxRoutes = (app: FastifyInstance, platform: Platform): void => {
	mountInbox(app, platform, {
		path: 'notifications/',
		model: 'Notification',
		all: () => platform.store.notifications,
		key: uuidParam,
		change: (notification, body, errors) => {
			notification.read = booleanField(body, 'read', errors) ?? notification.read;
		},
		// Really nothing else: no pk, no text, no time.
		show: ({ read }) => ({ read }),
	});
	mountInbox(app, platform, {
		path: 'subscriptions/',
		model: 'Follow',
		all: () => platform.store.follows,
		key: ({ params }) => {
			const pk = params['pk'] ?? '';
			if (!/^\d+$/u.test(pk)) throw notFound();
			return pk;
		},
		change: (follow, body, errors) => {
			follow.flag = textField(body, 'flag', errors, { blank: true, max: 255 }) ?? follow.flag;
		},
		show: ({ pk, flag }) => ({ pk, flag }),
	});
};

const mountInbox = <T extends { user: number }>(app: FastifyInstance, platform: Platform, inbox: Inbox<T>): void => {
	const permission = ['change', 'delete'] as const;
	const find = (call: Call): T => {
		const item = inbox.all().get(inbox.key(call));
		if (item === undefined || item.user !== call.user?.id) throw noMatch(inbox.model);
		return item;
	};
	const change = async (call: Call) => {
		const item = find(call);
		const errors = new FieldErrors();
		inbox.change(item, await bodyObject(call), errors);
		errors.throwIfAny();
		return ok(inbox.show(item));
	};
	mount(app, platform, inbox.path, {
		permission,
		methods: {
			GET: (call) => {
				const own = filterMap(inbox.all(), (item) => item.user === call.user?.id);
				return paginated(call, unordered(platform, own), inbox.show);
			},
		},
	});
	mount(app, platform, `${inbox.path}:pk/`, {
		permission,
		methods: {
			GET: (call) => ok(inbox.show(find(call))),
			PUT: change,
			PATCH: change,
			DELETE: (call) => {
				find(call);
				inbox.all().delete(inbox.key(call));
				return { status: 204, body: null };
			},
		},
	});
};
