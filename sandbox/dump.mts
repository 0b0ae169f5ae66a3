import { readFile } from 'node:fs/promises';

import type { Json, JsonObject } from './json.mts';
import { usernameOf, type Platform } from './platform.mts';
import type { Image, SocketValue, StoredFile } from './store.mts';

/**
 * What users can change, told without pks and times: objects by their names, files by their bytes, JSON files by what they say.
 * Two platforms on which the same was done give the same.
 */
export const dump = async (platform: Platform): Promise<JsonObject> => {
	const { store } = platform;
	const jsonFiles = await readJsonFiles([...store.values.values()].flatMap(({ file }) => file ?? []));
	const showSocketFile = (file: StoredFile): JsonObject => {
		const json = jsonFiles.get(file);
		return json === undefined ? showFile(file) : { name: file.name, json };
	};
	const values = (pks: number[]): JsonObject => {
		const held = pks.map((pk) => store.values.get(pk)).filter((value) => value !== undefined);
		return Object.fromEntries(
			held.map((value) => [value.socket.slug, showValue(value)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
		);
	};
	const showValue = ({ value, file, image }: SocketValue): Json => {
		if (file !== undefined) return { file: showSocketFile(file) };
		return image === undefined ? { value: value ?? null } : { image: showImage(store.images.get(image)) };
	};
	const algorithmOf = (pk: string) => store.algorithms.get(pk)?.slug ?? '';
	const studyOf = (pk: string) => store.readerStudies.get(pk)?.slug ?? '';
	return {
		items: listed(store.items, ({ archive, title, values: held }) => ({
			archive: store.archives.get(archive)?.slug ?? '',
			title,
			values: values(held),
		})),
		displaySets: listed(store.displaySets, ({ readerStudy, title, order, values: held }) => ({
			readerStudy: studyOf(readerStudy),
			title,
			order,
			values: values(held),
		})),
		answers: listed(store.answers, (given) => {
			const question = store.questions.get(given.question);
			const displaySet = store.displaySets.get(given.displaySet);
			return {
				readerStudy: studyOf(question?.readerStudy ?? ''),
				question: question?.text ?? '',
				displaySet: { title: displaySet?.title ?? '', values: values(displaySet?.values ?? []) },
				creator: usernameOf(platform, given.creator),
				// That of a mask is the pk of its upload session.
				answer: question?.answerType.code === 'MASK' ? given.answer !== null : given.answer,
				image: showImage(store.images.get(given.image ?? '')),
				lastEditMs: given.lastEditMs,
				totalEditMs: given.totalEditMs,
				isGroundTruth: given.isGroundTruth,
			};
		}),
		jobs: listed(store.jobs, ({ algorithm, creator, status, inputs, outputs }) => ({
			algorithm: algorithmOf(algorithm),
			creator: creator === null ? null : usernameOf(platform, creator),
			status,
			inputs: values(inputs.values),
			outputs: values(outputs.values),
		})),
		endpoints: listed(store.endpoints, ({ algorithm, creator, status }) => ({
			algorithm: algorithmOf(algorithm),
			creator: usernameOf(platform, creator),
			status,
		})),
		invocations: listed(store.invocations, ({ endpoint, status, errorMessage, inputs, outputs }) => ({
			algorithm: algorithmOf(store.endpoints.get(endpoint)?.algorithm ?? ''),
			status,
			errorMessage,
			inputs: values(inputs.values),
			outputs: values(outputs.values),
		})),
		evaluations: listed(
			store.evaluations,
			({ submission, phase, status, rank, published, outputs, claimedBy, errorMessage }) => ({
				phase: store.phases.get(phase)?.slug ?? '',
				creator: usernameOf(platform, submission.creator),
				status,
				rank,
				published,
				outputs: values(outputs.values),
				claimedBy: claimedBy === null ? null : usernameOf(platform, claimedBy),
				errorMessage,
			}),
		),
		uploads: listed(store.uploads, ({ user, filename, status, parts }) => ({
			user: usernameOf(platform, user),
			filename,
			status,
			bytes: [...parts.values()].reduce((sum, { size }) => sum + size, 0),
		})),
		sessions: listed(store.sessions, ({ creator, status, errorMessage, images }) => ({
			creator: usernameOf(platform, creator),
			status,
			errorMessage,
			images: images.map((pk) => showImage(store.images.get(pk))),
		})),
		notifications: listed(store.notifications, ({ user, read }) => ({ user: usernameOf(platform, user), read })),
		subscriptions: listed(store.follows, ({ user, flag }) => ({ user: usernameOf(platform, user), flag })),
		feedback: listed(store.feedback, ({ screenshot, comment, context }) => ({ screenshot, comment, context })),
		credits: Object.fromEntries(
			store.users.map(({ username, spent }) => [username, spent.reduce((sum, { credits }) => sum + credits, 0)]),
		),
	};
};

/** In an order that does not depend on when or under which pk they were made. */
const listed = <T,>(objects: Map<string, T>, show: (object: T) => JsonObject): Json[] =>
	[...objects.values()]
		.map(show)
		.map((shown) => ({ shown, text: JSON.stringify(shown) }))
		.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
		.map(({ shown }) => shown);

const readJsonFiles = async (files: StoredFile[]): Promise<Map<StoredFile, Json>> => {
	const found = new Map<StoredFile, Json>();
	for (const file of files.filter(({ name }) => name.endsWith('.json'))) {
		const json: Json = JSON.parse(await readFile(file.path, 'utf8'));
		found.set(file, json);
	}
	return found;
};

const showFile = ({ name, size, sha256 }: StoredFile): JsonObject => ({ name, size, sha256 });

const showImage = (image: Image | undefined): Json =>
	image === undefined
		? null
		: {
				name: image.name,
				files: image.files.map(({ type, file }) => ({ type, ...showFile(file) })),
				instances: (image.dicom?.instances ?? []).map(({ sopInstanceUid, file }) => ({
					sopInstanceUid,
					...showFile(file),
				})),
			};
