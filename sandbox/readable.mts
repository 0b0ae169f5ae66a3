import type { FastifyInstance } from 'fastify';

import { noMatch } from './errors.mts';
import type { JsonObject } from './json.mts';
import { paginated } from './lists.mts';
import type { Platform } from './platform.mts';
import { mount, ok, uuidParam, type Answer, type Call, type View } from './view.mts';

/** A resource that is read as a list and one by one, and where `post` is given also added to. */
interface Readable<T> extends Pick<View, 'permission' | 'csv' | 'since'> {
	path: string;
	/** The platform's class name. */
	model: string;
	/** What the user may see and asks for; one object is looked up in the same list. */
	list: (call: Call) => T[];
	show: (call: Call, item: T) => JsonObject;
	post?: (call: Call) => Promise<Answer>;
}

/** Registers the list and the details of a resource. Returns how to find the object that a URL with `:pk` names. */
export const mountRead = <T extends { pk: string }>(
	app: FastifyInstance,
	platform: Platform,
	{ path, model, list, show, post, ...view }: Readable<T>,
): ((call: Call) => T) => {
	const find = (call: Call): T => {
		const pk = uuidParam(call);
		const item = list(call).find((candidate) => candidate.pk === pk);
		if (item === undefined) throw noMatch(model);
		return item;
	};
	mount(app, platform, path, {
		...view,
		methods: {
			GET: (call) => paginated(call, list(call), (item) => show(call, item)),
			...(post === undefined ? {} : { POST: post }),
		},
	});
	mount(app, platform, `${path}:pk/`, { ...view, methods: { GET: (call) => ok(show(call, find(call))) } });
	return find;
};
