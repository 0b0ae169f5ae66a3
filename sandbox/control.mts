import { createReadStream } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import { parseFaults, type Faults } from './faults.mts';
import { isObject, type Json, type JsonObject } from './json.mts';
import { apiUrl } from './links.mts';
import type { Platform } from './platform.mts';
import type { RequestLog } from './requestLog.mts';
import type { StoredFile } from './store.mts';

/** What the control port works on. */
export interface Controlled {
	platform: Platform;
	log: RequestLog;
	faults: Faults;
	/** Back to the seed. */
	reset(): Promise<void>;
}

/** The control port: JSON over plain http; see README.md. A mistake in a request is answered 400 `{error}`. */
export const controlRoutes = (app: FastifyInstance, controlled: Controlled): void => {
	const { platform, log, faults, reset } = controlled;
	app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
		try {
			const parsed: Json = body.length === 0 ? {} : JSON.parse(String(body));
			done(null, parsed);
		} catch (error) {
			done(error instanceof Error ? Object.assign(error, { statusCode: 400 }) : new Error('Bad JSON'));
		}
	});
	app.setErrorHandler((error, _request, reply) =>
		reply.code(400).send({ error: error instanceof Error ? error.message : String(error) }),
	);

	app.get('/faults', () => faults.list());
	app.post<{ Body: Json }>('/faults', (request) => {
		faults.add(parseFaults(request.body));
		return faults.list();
	});
	app.delete('/faults', () => {
		faults.clear();
		return {};
	});
	app.get('/requests', () => log.list());
	app.delete('/requests', () => {
		log.clear();
		return {};
	});
	app.get('/clock', () => showClock(platform));
	app.post<{ Body: Json }>('/clock', async (request) => {
		const change = isObject(request.body) ? request.body : {};
		const { mode, speed, advance, settle } = change;
		if (mode !== undefined && mode !== 'auto' && mode !== 'manual') throw new Error('mode is auto or manual');
		platform.clock.configure({
			...(mode === undefined ? {} : { mode }),
			...(typeof speed === 'number' ? { speed } : {}),
		});
		if (typeof advance === 'number') await platform.clock.advance(advance);
		if (settle === true) await platform.clock.settle();
		return showClock(platform);
	});
	app.get('/state', () => showState(platform));
	app.get('/settings', () => platform.settings);
	app.patch<{ Body: Json }>('/settings', (request) => {
		const change = isObject(request.body) ? request.body : {};
		const unknown = Object.keys(change).filter((key) => !(key in platform.settings));
		if (unknown.length > 0) throw new Error(`Unknown setting: ${unknown.join(', ')}`);
		Object.assign(platform.settings, change);
		return platform.settings;
	});
	app.post('/reset', async () => {
		await reset();
		return showState(platform);
	});
	app.get<{ Params: { pk: string } }>('/files/:pk', (request, reply) => {
		const file = findFile(platform, request.params.pk);
		if (file === undefined) return reply.code(404).send({ error: 'No file with that pk' });
		return reply
			.header('content-type', 'application/octet-stream')
			.header('content-length', String(file.size))
			.header('x-sha256', file.sha256)
			.header('x-md5', file.md5)
			.header('x-name', encodeURIComponent(file.name))
			.send(createReadStream(file.path));
	});
};

const showClock = ({ clock }: Platform): JsonObject => ({
	mode: clock.mode,
	speed: clock.speed,
	pending: clock.pending(),
	wall: new Date(clock.wall()).toISOString(),
});

/** A file by the pk of its image file, of its socket value, of its image (first file) or by its SOP instance UID. */
const findFile = (platform: Platform, pk: string): StoredFile | undefined => {
	const { store } = platform;
	const value = store.values.get(Number(pk));
	if (value !== undefined) return value.file ?? store.images.get(value.image ?? '')?.files[0]?.file;
	for (const image of store.images.values()) {
		const file = image.files.find((candidate) => candidate.pk === pk || image.pk === pk)?.file;
		const instance = image.dicom?.instances.find((candidate) => candidate.sopInstanceUid === pk)?.file;
		if (file !== undefined || instance !== undefined) return file ?? instance;
	}
	return undefined;
};

const showState = (platform: Platform): JsonObject => {
	const { store } = platform;
	const named: Record<string, JsonObject> = {
		archives: {},
		items: {},
		images: {},
		algorithms: {},
		algorithmImages: {},
	};
	for (const [name, pk] of store.names) {
		const [kind, key] = name.split('.');
		const group = named[kind ?? ''];
		if (group !== undefined && key !== undefined) group[key] = describeNamed(platform, kind ?? '', pk);
	}
	return {
		counts: {
			archives: store.archives.size,
			items: store.items.size,
			images: store.images.size,
			values: store.values.size,
			uploads: store.uploads.size,
			sessions: store.sessions.size,
			algorithms: store.algorithms.size,
			jobs: store.jobs.size,
		},
		users: Object.fromEntries(
			store.users.map((user) => [user.username, { id: user.id, username: user.username, token: user.token }]),
		),
		...named,
		sockets: Object.fromEntries(
			store.sockets.map((socket) => [
				socket.slug,
				{ pk: socket.pk, kind: socket.kind.name, super_kind: socket.superKind },
			]),
		),
		uploads: [...store.uploads.values()].map(({ pk, filename, status }) => ({ pk, filename, status })),
		sessions: [...store.sessions.values()].map(({ pk, status, errorMessage, images }) => ({
			pk,
			status,
			error_message: errorMessage,
			images,
		})),
		jobs: [...store.jobs.values()].map(({ pk, status, algorithm }) => ({
			pk,
			status,
			algorithm: store.algorithms.get(algorithm)?.slug ?? '',
		})),
		clock: showClock(platform),
	};
};

const describeNamed = (platform: Platform, kind: string, pk: string): JsonObject => {
	const { store } = platform;
	const valuesOf = (pks: number[]) =>
		Object.fromEntries(pks.map((value) => [store.values.get(value)?.socket.slug ?? '', value]));
	switch (kind) {
		case 'archives':
			return {
				pk,
				slug: store.archives.get(pk)?.slug ?? '',
				title: store.archives.get(pk)?.title ?? '',
				api_url: apiUrl(platform, 'archives', pk),
			};
		case 'items': {
			const item = store.items.get(pk);
			return { pk, title: item?.title ?? '', archive: item?.archive ?? '', values: valuesOf(item?.values ?? []) };
		}
		case 'images': {
			const image = store.images.get(pk);
			return {
				pk,
				name: image?.name ?? '',
				api_url: apiUrl(platform, 'cases/images', pk),
				files: (image?.files ?? []).map((file) => file.pk),
			};
		}
		case 'algorithms':
			return {
				pk,
				slug: store.algorithms.get(pk)?.slug ?? '',
				title: store.algorithms.get(pk)?.title ?? '',
				api_url: apiUrl(platform, 'algorithms', pk),
			};
		default:
			return { pk };
	}
};
