import { addSubmission, evaluate } from './evaluations.mts';
import { isObject, type Json, type JsonObject } from './json.mts';
import type { Platform } from './platform.mts';
import type { Algorithm, Archive, Challenge } from './store.mts';
import { addItem } from './worker.mts';

// What people do on the site, because the API cannot: a mistake in a request throws.

/** Submits to a phase: the platform evaluates it on its clock, with that outcome. */
export const submit = (platform: Platform, body: Json): JsonObject => {
	const { phase: name, creator = 'reader', metrics, error } = isObject(body) ? body : {};
	const phase = platform.store.phases.get(named(platform, 'phases', name));
	const user = platform.store.users.find(({ username }) => username === creator);
	if (phase === undefined || user === undefined) throw new Error('phase is a name or pk, creator a user name');
	const entry = (kind: string) => platform.store.names.get(`${kind}.entry`) ?? null;
	const container = phase.external ? { algorithmImage: entry('algorithmImages'), algorithmModel: entry('algorithmModels') } : {};
	const evaluation = addSubmission(platform, phase, user, container);
	if (typeof error === 'string') evaluate(platform, evaluation, { error });
	else if (metrics !== undefined) evaluate(platform, evaluation, { metrics });
	return { pk: evaluation.pk, submission: evaluation.submission.pk };
};

/** Uploads a container image of an algorithm: its import ends on the platform's clock. */
export const addContainer = (platform: Platform, body: Json): JsonObject => {
	const { algorithm: name, ends = 'Completed' } = isObject(body) ? body : {};
	const algorithm: Algorithm | undefined = platform.store.algorithms.get(named(platform, 'algorithms', name));
	if (algorithm === undefined || typeof ends !== 'string') throw new Error('algorithm is a name or pk, ends a status');
	const pk = platform.random.uuid();
	const image = {
		pk,
		algorithm: algorithm.pk,
		created: platform.clock.wall(),
		importStatus: 'Queued',
		file: null,
		downloaders: new Set<number>(),
		invokable: false,
	};
	platform.store.algorithmImages.set(pk, image);
	platform.clock.schedule(platform.settings.importMs, () => {
		image.importStatus = ends;
	});
	return { pk };
};

const statuses: readonly Challenge['status'][] = ['OPEN', 'OPEN_SOON', 'CLOSED', 'COMPLETED'];

/** Opens or closes a challenge, which does not count as a modification of it, or gives it another title, which does. */
export const changeChallenge = (platform: Platform, body: Json): JsonObject => {
	const { challenge: name, title, status } = isObject(body) ? body : {};
	const challenge = [...platform.store.challenges.values()].find(({ slug }) => slug === name);
	if (challenge === undefined) throw new Error('challenge is a slug');
	const known = statuses.find((one) => one === status);
	if (known !== undefined) challenge.status = known;
	else if (typeof title === 'string') Object.assign(challenge, { title, modified: platform.clock.wall() });
	else throw new Error(`a title or a status: ${statuses.join(', ')}`);
	return { slug: challenge.slug };
};

/** Fills an archive with empty items, without asking for each. */
export const addItems = (platform: Platform, body: Json): JsonObject => {
	const { archive: name, count } = isObject(body) ? body : {};
	const archive: Archive | undefined = platform.store.archives.get(named(platform, 'archives', name));
	if (archive === undefined || typeof count !== 'number') throw new Error('archive is a name or pk, count a number');
	for (let number = 1; number <= count; number++) addItem(platform, archive.pk, `Item ${number}`);
	return { count };
};

const named = ({ store }: Platform, kind: string, name: Json | undefined): string =>
	store.names.get(`${kind}.${String(name)}`) ?? String(name);
