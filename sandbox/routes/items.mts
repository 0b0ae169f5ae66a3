import type { FastifyInstance } from 'fastify';

import { canUploadToArchive, canViewItem } from '../access.mts';
import { bareError, forbidden, noMatch, nonField } from '../errors.mts';
import { FieldErrors, linkField, textField } from '../fields.mts';
import type { JsonObject } from '../json.mts';
import { related } from '../links.mts';
import { filterPk, paginated, unordered } from '../lists.mts';
import type { Platform } from '../platform.mts';
import { filterMap, type Archive, type ArchiveItem, type User } from '../store.mts';
import { readValues, showPosted, showValue, signedIn, valuesOf } from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { addItem, changeValues } from '../worker.mts';

/** `archives/items/`. */
export const itemRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) => filterMap(platform.store.items, (item) => canViewItem(platform, user, item));
	const find = (call: Call): ArchiveItem => {
		const pk = uuidParam(call);
		const item = platform.store.items.get(pk);
		if (item === undefined || !canViewItem(platform, call.user, item)) throw noMatch('ArchiveItem');
		return item;
	};
	mount(app, platform, 'archives/items/', {
		permission: ['add', 'change'],
		methods: {
			GET: (call) => {
				const archive = filterPk(call, 'archive', (pk) => platform.store.archives.has(pk));
				const found = visible(call).filter((item) => archive === undefined || item.archive === archive);
				// The platform gives them no order.
				return paginated(call, unordered(platform, found), (item) => showItem(call, item));
			},
			POST: createItem,
		},
	});
	mount(app, platform, 'archives/items/:pk/', {
		permission: ['add', 'change'],
		methods: {
			GET: (call) => ok(showItem(call, find(call))),
			PATCH: (call) => updateItem(call, find(call), 'patch'),
			PUT: (call) => updateItem(call, find(call), 'replace'),
		},
	});
};

const uploadable =
	(platform: Platform, user: User) =>
	(pk: string): Archive | undefined => {
		const archive = platform.store.archives.get(pk);
		return archive !== undefined && canUploadToArchive(user, archive) ? archive : undefined;
	};

const isTitleTaken = (platform: Platform, archive: string, title: string, self?: ArchiveItem): boolean =>
	title !== '' &&
	filterMap(platform.store.items, (item) => item !== self && item.archive === archive && item.title === title).length >
		0;

const notUnique = 'The fields title, archive must make a unique set.';

const createItem = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const archive = linkField(body, 'archive', errors, 'archives', uploadable(platform, user), { required: true });
	const title = textField(body, 'title', errors, { blank: true, max: 255 }) ?? '';
	const values =
		body['values'] === undefined ? [] : readValues(platform, user, 'values', body['values'], 'required', errors);
	errors.throwIfAny();
	if (archive === undefined) throw new Error('unreachable: the archive is required');
	if (isTitleTaken(platform, archive.pk, title)) throw nonField(notUnique);
	if (values.length > 0) throw bareError('Values can only be added via update');
	return created(showWritten(call, addItem(platform, archive.pk, title)));
};

const updateItem = async (call: Call, item: ArchiveItem, how: 'patch' | 'replace'): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const own = platform.store.archives.get(item.archive);
	if (own === undefined || !canUploadToArchive(user, own)) throw forbidden();
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const archive = linkField(body, 'archive', errors, 'archives', uploadable(platform, user)) ?? own;
	const title = textField(body, 'title', errors, { blank: true, max: 255 }) ?? (how === 'replace' ? '' : item.title);
	const values =
		body['values'] === undefined
			? []
			: readValues(platform, user, 'values', body['values'], how === 'patch' ? 'patch' : 'required', errors);
	errors.throwIfAny();
	if (isTitleTaken(platform, archive.pk, title, item)) throw nonField(notUnique);
	const refused = values.find(({ socket }) => archive.allowedSockets?.includes(socket.slug) === false);
	if (refused !== undefined) throw bareError(`Socket '${refused.socket.slug}' is not allowed for this archive.`);

	item.archive = archive.pk;
	item.title = title;
	changeValues(platform, user, item, values, how);
	return ok(showWritten(call, item));
};

const showItem = (call: Call, item: ArchiveItem): JsonObject => ({
	pk: item.pk,
	archive: related(call.requestOrigin, 'archives', item.archive),
	values: valuesOf(call.platform, item).map((value) => showValue(call.platform, call.requestOrigin, value)),
	hanging_protocol: null,
	optional_hanging_protocols: [],
	view_content: {},
	title: item.title,
});

const showWritten = (call: Call, item: ArchiveItem): JsonObject => ({
	...showItem(call, item),
	values: valuesOf(call.platform, item).map((value) => showPosted(call.platform, call.requestOrigin, value)),
});
