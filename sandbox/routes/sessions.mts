import type { FastifyInstance } from 'fastify';

import { canUploadToArchive, isStudyEditor } from '../access.mts';
import { saveAnswer } from '../answers.mts';
import { noMatch, nonField } from '../errors.mts';
import { FieldErrors, linksField, pkField, slugField } from '../fields.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, related } from '../links.mts';
import { paginated, unordered } from '../lists.mts';
import type { Platform } from '../platform.mts';
import { filterMap, type UploadSession } from '../store.mts';
import { sessionLimitProblem, signedIn } from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { createSession, runSession, toAnswer, toArchive, toCase } from '../worker.mts';

/** `cases/upload-sessions/`. */
export const sessionRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) => filterMap(platform.store.sessions, (session) => session.creator === user?.id);
	mount(app, platform, 'cases/upload-sessions/', {
		permission: ['add', 'change'],
		methods: {
			// The platform gives them no order.
			GET: (call) => paginated(call, unordered(platform, visible(call)), (session) => showSession(call, session)),
			POST: postSession,
		},
	});
	mount(app, platform, 'cases/upload-sessions/:pk/', {
		permission: ['add', 'change'],
		methods: {
			GET: (call) => {
				const pk = uuidParam(call);
				const session = visible(call).find((candidate) => candidate.pk === pk);
				if (session === undefined) throw noMatch('RawImageUploadSession');
				return ok(showSession(call, session));
			},
		},
	});
};

const postSession = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const { store } = platform;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const own = (pk: string) => {
		const upload = store.uploads.get(pk);
		return upload?.user === user.id && upload.status === 'Completed' ? upload : undefined;
	};
	const mayUpload = (pk: string) => {
		const archive = store.archives.get(pk);
		return archive !== undefined && canUploadToArchive(user, archive);
	};
	const uploads = linksField(body, 'uploads', errors, 'uploads', own, { required: true });
	const optional = { nullable: true };
	const archive = slugField(
		body,
		'archive',
		errors,
		(slug) => filterMap(store.archives, (candidate) => candidate.slug === slug && mayUpload(candidate.pk))[0],
		optional,
	);
	const item = pkField(body, 'archive_item', errors, (pk) => {
		const found = store.items.get(pk);
		return found !== undefined && mayUpload(found.archive) ? found : undefined;
	});
	const displaySet = pkField(body, 'display_set', errors, (pk) => {
		const found = store.displaySets.get(pk);
		const study = store.readerStudies.get(found?.readerStudy ?? '');
		return study !== undefined && isStudyEditor(user, study) ? found : undefined;
	});
	const answer = pkField(body, 'answer', errors, (pk) => {
		const found = store.answers.get(pk);
		return found?.creator === user.id ? found : undefined;
	});
	if (answer !== undefined && store.questions.get(answer.question)?.answerType.code !== 'MASK')
		errors.add('answer', ['This question does not accept image type answers.']);
	else if (answer !== undefined && answer.answer !== null)
		errors.add('answer', ['This answer already has an image assignment pending']);
	const socket = slugField(
		body,
		'interface',
		errors,
		(slug) => store.sockets.find((candidate) => candidate.slug === slug),
		optional,
	);
	errors.throwIfAny();
	if (uploads === undefined) throw new Error('unreachable: uploads are required');

	if ([archive, item, displaySet, answer].filter((target) => target !== undefined).length > 1)
		throw nonField('Only one of archive, archive item, answer or reader study can be set');
	if (socket !== undefined && archive === undefined && item === undefined && displaySet === undefined) {
		throw nonField('An interface can only be defined for archive, archive item or display set uploads.');
	}
	if (item !== undefined && socket === undefined)
		throw nonField('An interface needs to be defined to upload to an archive item.');
	if (displaySet !== undefined && socket === undefined)
		throw nonField('An interface needs to be defined to upload to a display set.');
	const problem = sessionLimitProblem(platform, user, uploads);
	if (problem !== undefined) throw nonField(problem);

	const session = createSession(platform, user, uploads, 'Queued');
	const generic = store.sockets.find((candidate) => candidate.slug === 'generic-medical-image');
	const target = socket ?? generic;
	if (archive !== undefined && target !== undefined)
		runSession(platform, session, toArchive(platform, archive.pk, target));
	const set = item ?? displaySet;
	if (set !== undefined && socket !== undefined) runSession(platform, session, toCase(platform, set, socket));
	if (answer !== undefined) {
		answer.answer = { upload_session_pk: session.pk };
		saveAnswer(platform, answer);
		runSession(platform, session, toAnswer(platform, answer));
	}
	return created(showSession(call, session));
};

const showSession = (call: Call, session: UploadSession): JsonObject => ({
	pk: session.pk,
	creator: session.creator,
	status: session.status,
	error_message: session.errorMessage,
	image_set: session.images.map((pk) => related(call.requestOrigin, 'cases/images', pk)),
	api_url: apiUrl(call.platform, 'cases/upload-sessions', session.pk),
	user_uploads: session.uploads,
	uploads: session.uploads.map((pk) => related(call.requestOrigin, 'uploads', pk)),
});
