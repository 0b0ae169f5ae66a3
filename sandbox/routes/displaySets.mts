import type { FastifyInstance } from 'fastify';

import { canReadPart, isStudyEditor, type Asker } from '../access.mts';
import { ApiError, bareError, forbidden, HtmlError, noMatch, nonField } from '../errors.mts';
import { FieldErrors, integerField, slugField, textField } from '../fields.mts';
import { safe } from '../html.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, related } from '../links.mts';
import { byCreation, byOrder, filterPk, filterText, paginated } from '../lists.mts';
import { isSince, type Platform } from '../platform.mts';
import { createRandom } from '../random.mts';
import { filterMap, type DisplaySet, type ReaderStudy, type User } from '../store.mts';
import { readValues, showPosted, showValue, signedIn, sortedValues, valuesOf } from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { addDisplaySet, changeValues, nextOrder } from '../worker.mts';
import { questionsOf } from './questions.mts';

/** `reader-studies/display-sets/`. */
export const displaySetRoutes = (app: FastifyInstance, platform: Platform): void => {
	const find = (call: Call): DisplaySet => {
		const displaySet = platform.store.displaySets.get(uuidParam(call));
		if (displaySet === undefined || !canReadPart(platform, call.user, displaySet)) throw noMatch('DisplaySet');
		return displaySet;
	};
	const permission = ['add', 'change', 'delete'] as const;
	mount(app, platform, 'reader-studies/display-sets/', {
		permission,
		csv: true,
		methods: { GET: listDisplaySets, POST: createDisplaySet },
	});
	mount(app, platform, 'reader-studies/display-sets/:pk/', {
		permission,
		csv: true,
		methods: {
			GET: (call) => {
				const displaySet = find(call);
				return ok(showDisplaySet(call, displaySet, orderFor(platform, call.user, displaySet.readerStudy)));
			},
			PATCH: (call) => updateDisplaySet(call, find(call), 'patch'),
			PUT: (call) => updateDisplaySet(call, find(call), 'replace'),
		},
	});
};

/** The display sets of a study in the order in which that user gets them. */
const orderFor = (platform: Platform, user: Asker, study: string): DisplaySet[] => {
	const all = filterMap(platform.store.displaySets, (displaySet) => displaySet.readerStudy === study);
	if (platform.store.readerStudies.get(study)?.shuffled !== true) return byOrder(all);
	// Random, but the same for the same user each time.
	const random = createRandom(user?.id ?? 0);
	const places = new Map(byCreation(all).map((displaySet) => [displaySet, random.float()]));
	return [...all].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
};

const listDisplaySets = (call: Call): Answer => {
	const { platform, user } = call;
	const { store } = platform;
	const pk = filterPk(call, 'reader_study', (candidate) => store.readerStudies.has(candidate));
	const study = pk === undefined ? undefined : store.readerStudies.get(pk);
	const ordered = study === undefined ? byOrder([...store.displaySets.values()]) : orderFor(platform, user, study.pk);
	const visible = ordered.filter((displaySet) => canReadPart(platform, user, displaySet));
	const reader = unansweredBy(call, study);
	const found =
		reader === undefined || study === undefined
			? visible
			: visible.filter((displaySet) => !isDone(platform, study, displaySet, reader.user));
	return paginated(call, found, (displaySet) =>
		showDisplaySet(call, displaySet, study === undefined ? undefined : ordered),
	);
};

const truths: Record<string, boolean> = Object.fromEntries([
	...['y', 'yes', 't', 'true', 'on', '1'].map((word) => [word, true] as const),
	...['n', 'no', 'f', 'false', 'off', '0'].map((word) => [word, false] as const),
]);

/** Whose unanswered display sets are asked for; undefined: all are. */
const unansweredBy = (call: Call, study: ReaderStudy | undefined): { user: Asker } | undefined => {
	const { store } = call.platform;
	const isAsked = truths[(call.query.getAll('unanswered_by_user').at(-1) ?? 'false').toLowerCase()];
	if (isAsked === undefined) throw new HtmlError(500);
	const username = filterText(call, 'user');
	if (username !== undefined && !isAsked)
		throw bareError('Specifying a user is only possible when retrieving unanswered display sets.');
	const named = store.users.find((candidate) => candidate.username === username);
	if (username !== undefined && named === undefined) throw new HtmlError(500);
	const user = named ?? call.user;
	if (user !== call.user && (study === undefined || !isStudyEditor(call.user, study))) {
		throw new ApiError(403, { detail: "You do not have permission to retrieve this user's unanswered display sets." });
	}
	if (!isAsked) return undefined;
	if (study === undefined) throw bareError('Please provide a reader study when filtering for unanswered display_sets.');
	return { user };
};

const isDone = (platform: Platform, study: ReaderStudy, displaySet: DisplaySet, reader: Asker): boolean => {
	const questions = questionsOf(platform, study.pk).filter((question) => question.answerType.code !== 'HEAD');
	const answers = answersOf(platform, displaySet).filter(
		(answer) => !answer.isGroundTruth && answer.creator === reader?.id,
	);
	return answers.length >= questions.length;
};

const answersOf = (platform: Platform, displaySet: DisplaySet) =>
	filterMap(platform.store.answers, (answer) => answer.displaySet === displaySet.pk);

const editable =
	(platform: Platform, user: User) =>
	(slug: string): ReaderStudy | undefined =>
		filterMap(platform.store.readerStudies, (study) => study.slug === slug && isStudyEditor(user, study))[0];

const isTitleTaken = (platform: Platform, study: string, title: string, self?: DisplaySet): boolean =>
	title !== '' &&
	[...platform.store.displaySets.values()].some(
		(other) => other !== self && other.readerStudy === study && other.title === title,
	);

const notUnique = 'The fields title, reader_study must make a unique set.';
const largestOrder = 2_147_483_647;

const createDisplaySet = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const study = slugField(body, 'reader_study', errors, editable(platform, user), { required: true });
	const title = textField(body, 'title', errors, { blank: true, max: 255 }) ?? '';
	const order = integerField(body, 'order', errors, { min: 0, max: largestOrder }) ?? 0;
	const values =
		body['values'] === undefined ? [] : readValues(platform, user, 'values', body['values'], 'required', errors);
	errors.throwIfAny();
	if (study === undefined) throw new Error('unreachable: the reader study is required');
	if (isTitleTaken(platform, study.pk, title)) throw nonField(notUnique);
	if (values.length > 0) throw bareError('Values can only be added via update');
	return created(showWritten(call, addDisplaySet(platform, study.pk, title, order)));
};

const updateDisplaySet = async (call: Call, displaySet: DisplaySet, how: 'patch' | 'replace'): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const own = platform.store.readerStudies.get(displaySet.readerStudy);
	if (own === undefined || !isStudyEditor(user, own)) throw forbidden();
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const study = slugField(body, 'reader_study', errors, editable(platform, user)) ?? own;
	const title =
		textField(body, 'title', errors, { blank: true, max: 255 }) ?? (how === 'replace' ? '' : displaySet.title);
	const order = integerField(body, 'order', errors, { min: 0, max: largestOrder }) ?? displaySet.order;
	const values =
		body['values'] === undefined
			? []
			: readValues(platform, user, 'values', body['values'], how === 'patch' ? 'patch' : 'required', errors);
	errors.throwIfAny();
	if (isTitleTaken(platform, study.pk, title, displaySet)) throw nonField(notUnique);
	if (answersOf(platform, displaySet).length > 0)
		throw bareError('This display set cannot be changed, as answers for it already exist.');

	displaySet.readerStudy = study.pk;
	displaySet.title = title;
	displaySet.order = order === 0 ? nextOrder(platform, study.pk) : order;
	changeValues(platform, user, displaySet, values, how);
	return ok(showWritten(call, displaySet));
};

/** What the descriptions of the images of a display set say, by image name. */
const descriptionsOf = (platform: Platform, displaySet: DisplaySet): Record<string, string> => {
	const texts = platform.store.readerStudies.get(displaySet.readerStudy)?.caseTexts ?? {};
	const names = valuesOf(platform, displaySet).map(({ image }) => platform.store.images.get(image ?? '')?.name ?? '');
	return Object.fromEntries(
		[...new Set(names)].flatMap((name) => {
			const text = texts[name];
			return text === undefined ? [] : [[name, text]];
		}),
	);
};

/** @param ordered all display sets of the study in the reader's order; unknown for a shuffled one without a filter. */
const showDisplaySet = (
	{ platform, requestOrigin }: Call,
	displaySet: DisplaySet,
	ordered: DisplaySet[] | undefined,
): JsonObject => {
	const study = platform.store.readerStudies.get(displaySet.readerStudy);
	const isLate = isSince(platform, 'C');
	const all = ordered ?? (study?.shuffled === true ? undefined : orderFor(platform, null, displaySet.readerStudy));
	const descriptions = descriptionsOf(platform, displaySet);
	return {
		pk: displaySet.pk,
		...(isLate ? {} : { title: displaySet.title }),
		title_safe: safe(displaySet.title),
		reader_study: related(requestOrigin, 'reader-studies', displaySet.readerStudy),
		values: sortedValues(platform, displaySet).map((value) => showValue(platform, requestOrigin, value)),
		order: displaySet.order,
		api_url: apiUrl(platform, 'reader-studies/display-sets', displaySet.pk),
		hanging_protocol: null,
		optional_hanging_protocols: [],
		view_content: study?.viewContent ?? {},
		description: Object.values(descriptions).join(''),
		...(isLate ? { descriptions_map_safe: descriptions } : {}),
		index: all === undefined ? null : all.indexOf(displaySet),
	};
};

const showWritten = (call: Call, displaySet: DisplaySet): JsonObject => {
	const { platform, user, requestOrigin } = call;
	return {
		...showDisplaySet(call, displaySet, orderFor(platform, user, displaySet.readerStudy)),
		title: displaySet.title,
		reader_study: platform.store.readerStudies.get(displaySet.readerStudy)?.slug ?? '',
		values: sortedValues(platform, displaySet).map((value) => showPosted(platform, requestOrigin, value)),
	};
};
