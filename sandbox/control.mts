import { createReadStream } from 'node:fs';

import type { FastifyInstance } from 'fastify';

import { dump } from './dump.mts';
import { parseFaults, type Faults } from './faults.mts';
import { isObject, type Json, type JsonObject } from './json.mts';
import { apiUrl } from './links.mts';
import { addContainer, addItems, changeChallenge, submit } from './outside.mts';
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
	app.get('/dump', () => dump(platform));
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
	for (const [path, act] of Object.entries({
		'/submissions': submit,
		'/containers': addContainer,
		'/challenges': changeChallenge,
		'/items': addItems,
	})) {
		app.post<{ Body: Json }>(path, (request) => act(platform, request.body));
	}
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
	const named: Record<string, JsonObject> = Object.fromEntries(Object.keys(namedKinds).map((kind) => [kind, {}]));
	for (const [name, pk] of store.names) {
		const [kind = '', key = ''] = name.split('.');
		const group = named[kind];
		if (group !== undefined) group[key] = { pk, ...namedKinds[kind]?.(platform, pk) };
	}
	const started = [...store.jobs.values()].filter((job) => job.creator !== null);
	return {
		counts: {
			archives: store.archives.size,
			items: store.items.size,
			images: store.images.size,
			values: store.values.size,
			uploads: store.uploads.size,
			sessions: store.sessions.size,
			algorithms: store.algorithms.size,
			jobs: started.length,
			displaySets: store.displaySets.size,
			answers: store.answers.size,
			evaluations: store.evaluations.size,
			endpoints: store.endpoints.size,
			invocations: store.invocations.size,
			feedback: store.feedback.size,
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
		jobs: started.map(({ pk, status, algorithm }) => ({
			pk,
			status,
			algorithm: store.algorithms.get(algorithm)?.slug ?? '',
		})),
		clock: showClock(platform),
	};
};

const valuesBySocket = ({ store }: Platform, pks: number[] = []): JsonObject =>
	Object.fromEntries(pks.map((value) => [store.values.get(value)?.socket.slug ?? '', value]));

/** What `GET /state` tells of the named objects of a kind besides their pk. */
const namedKinds: Record<string, (platform: Platform, pk: string) => JsonObject> = {
	archives: (platform, pk) => ({
		slug: platform.store.archives.get(pk)?.slug ?? '',
		title: platform.store.archives.get(pk)?.title ?? '',
		api_url: apiUrl(platform, 'archives', pk),
	}),
	items: (platform, pk) => {
		const item = platform.store.items.get(pk);
		return {
			title: item?.title ?? '',
			archive: item?.archive ?? '',
			values: valuesBySocket(platform, item?.values),
		};
	},
	images: (platform, pk) => {
		const image = platform.store.images.get(pk);
		return {
			name: image?.name ?? '',
			api_url: apiUrl(platform, 'cases/images', pk),
			files: (image?.files ?? []).map((file) => file.pk),
		};
	},
	algorithms: (platform, pk) => ({
		slug: platform.store.algorithms.get(pk)?.slug ?? '',
		title: platform.store.algorithms.get(pk)?.title ?? '',
		api_url: apiUrl(platform, 'algorithms', pk),
	}),
	algorithmImages: () => ({}),
	algorithmModels: () => ({}),
	readerStudies: (platform, pk) => ({
		slug: platform.store.readerStudies.get(pk)?.slug ?? '',
		title: platform.store.readerStudies.get(pk)?.title ?? '',
		api_url: apiUrl(platform, 'reader-studies', pk),
	}),
	questions: (platform, pk) => {
		const question = platform.store.questions.get(pk);
		return {
			text: question?.text ?? '',
			options: Object.fromEntries((question?.options ?? []).map(({ id, title }) => [title, id])),
			api_url: apiUrl(platform, 'reader-studies/questions', pk),
		};
	},
	displaySets: (platform, pk) => {
		const displaySet = platform.store.displaySets.get(pk);
		return {
			title: displaySet?.title ?? '',
			reader_study: displaySet?.readerStudy ?? '',
			values: valuesBySocket(platform, displaySet?.values),
			api_url: apiUrl(platform, 'reader-studies/display-sets', pk),
		};
	},
	answers: (platform, pk) => ({
		answer: platform.store.answers.get(pk)?.answer ?? null,
		api_url: apiUrl(platform, 'reader-studies/answers', pk),
	}),
	challenges: (platform, slug) => ({
		api_url: apiUrl(platform, 'challenges', slug),
	}),
	phases: (platform, pk) => ({
		slug: platform.store.phases.get(pk)?.slug ?? '',
		challenge: platform.store.phases.get(pk)?.challenge ?? '',
	}),
	evaluations: (platform, pk) => {
		const { status = '', rank = 0, phase = '' } = platform.store.evaluations.get(pk) ?? {};
		return { status, rank, phase };
	},
	systemJobs: () => ({}),
	workstations: () => ({}),
	workstationConfigs: () => ({}),
	viewerSessions: (platform, pk) => ({
		api_url: apiUrl(platform, 'workstations/sessions', pk),
	}),
	notifications: () => ({}),
	subscriptions: () => ({}),
};
