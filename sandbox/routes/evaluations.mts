import type { FastifyInstance } from 'fastify';

import { canClaim, canViewEvaluation, isChallengeAdmin, placeOf } from '../access.mts';
import { ApiError, forbidden, HtmlError, noMatch, nonField } from '../errors.mts';
import { finishEvaluation, leaderboardMetrics } from '../evaluations.mts';
import { FieldErrors, booleanField, integerField, textField } from '../fields.mts';
import type { Json, JsonObject } from '../json.mts';
import { related, submissionFilePath } from '../links.mts';
import { byCreation, filterPk, paginated } from '../lists.mts';
import { apiDate, apiDuration, siteOrigin, usernameOf, type Platform } from '../platform.mts';
import { filterMap, type Evaluation, type User } from '../store.mts';
import { showValue, signedIn, sortedValues } from '../values.mts';
import { bodyObject, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { showAlgorithmImage, showAlgorithmModel } from './algorithms.mts';

/** `evaluations/`, and what external evaluators do with them. */
export const evaluationRoutes = (app: FastifyInstance, platform: Platform): void => {
	const list = (call: Call, may: (evaluation: Evaluation) => boolean) => {
		const phase = filterPk(call, 'submission__phase', (pk) => platform.store.phases.has(pk));
		const found = filterMap(
			platform.store.evaluations,
			(evaluation) => (phase === undefined || evaluation.phase === phase) && may(evaluation),
		);
		return byCreation(found).reverse();
	};
	const find = (call: Call): Evaluation => {
		const evaluation = platform.store.evaluations.get(uuidParam(call));
		if (evaluation === undefined || !canViewEvaluation(platform, call.user, evaluation)) throw noMatch('Evaluation');
		return evaluation;
	};
	mount(app, platform, 'evaluations/', {
		permission: [],
		csv: true,
		methods: {
			GET: (call) =>
				paginated(
					call,
					list(call, (evaluation) => canViewEvaluation(platform, call.user, evaluation)),
					(evaluation) => showEvaluation(call, evaluation),
				),
		},
	});
	mount(app, platform, 'evaluations/:pk/', {
		permission: [],
		csv: true,
		methods: { GET: (call) => ok(showEvaluation(call, find(call))) },
	});
	mount(app, platform, 'evaluations/claimable_evaluations/', {
		permission: [],
		methods: {
			// Neither in pages nor in an envelope.
			GET: (call) =>
				ok(
					list(call, (evaluation) => evaluation.status === 'Queued' && canClaim(platform, call.user, evaluation)).map(
						(evaluation) => showExternal(call, evaluation),
					),
				),
		},
	});
	// These two ask for a user, and the permission to claim on the evaluation itself.
	const action = (name: string, run: (call: Call, user: User, evaluation: Evaluation) => Promise<Answer>) =>
		mount(app, platform, `evaluations/:pk/${name}/`, {
			permission: 'login',
			methods: {
				PATCH: (call) => {
					const user = signedIn(call.user);
					const evaluation = find(call);
					if (!canClaim(platform, user, evaluation)) throw forbidden();
					return run(call, user, evaluation);
				},
			},
		});
	action('claim', claim);
	action('update_external_evaluation', report);
};

// A plain text, not a list of them.
const refuse = (text: string, status = 400) => new ApiError(status, { status: text });

const claimed = 'External Execution In Progress';

const claim = async (call: Call, user: User, evaluation: Evaluation): Promise<Answer> => {
	const { clock, settings, store } = call.platform;
	if (evaluation.status !== 'Queued') throw refuse('You can only claim pending evaluations.');
	// Also one that was reported long ago.
	if (filterMap(store.evaluations, (other) => other.claimedBy === user.id).length >= settings.claimsPerAccount)
		throw refuse('You can only claim one evaluation at a time.');
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const rank = integerField(body, 'rank', errors, { min: 0, max: 2_147_483_647 });
	const published = booleanField(body, 'published', errors);
	errors.throwIfAny();
	// Whatever is sent along is written.
	evaluation.rank = rank ?? evaluation.rank;
	evaluation.published = published ?? evaluation.published;
	evaluation.claimedBy = user.id;
	evaluation.status = claimed;
	clock.schedule(settings.externalEvaluationSeconds * 1000, () => {
		if (evaluation.status === claimed) evaluation.status = 'Cancelled';
	});
	return ok(showExternal(call, evaluation));
};

const report = async (call: Call, user: User, evaluation: Evaluation): Promise<Answer> => {
	if (evaluation.status !== claimed) throw refuse('You need to claim an evaluation before you can update it.');
	if (evaluation.claimedBy !== user.id) throw refuse('You do not have permission to update this evaluation.', 403);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const { metrics, status } = body;
	if (metrics === null) errors.add('metrics', ['This field may not be null.']);
	if (status !== undefined && status !== 'Succeeded' && status !== 'Failed')
		errors.add('status', ['Not a valid choice.']);
	const error = textField(body, 'error_message', errors, { max: 1024 });
	errors.throwIfAny();
	if (status === undefined) throw new HtmlError(500);
	if (status === 'Succeeded' && metrics === undefined)
		throw nonField('Metrics are required for successful evaluations.');
	if (status === 'Failed' && error === undefined)
		throw nonField('An error_message is required for failed evaluations.');
	finishEvaluation(
		call.platform,
		evaluation,
		status === 'Succeeded' && metrics !== undefined ? { metrics } : { error: error ?? '' },
	);
	return ok({
		...(metrics === undefined ? {} : { metrics }),
		status,
		error_message: error ?? '',
	});
};

const showSubmission = ({ platform, requestOrigin }: Call, evaluation: Evaluation): JsonObject => {
	const { phase, challenge } = placeOf(platform, evaluation);
	const { submission } = evaluation;
	const file = submission.predictionsFile;
	return {
		pk: submission.pk,
		phase: { challenge: { title: challenge.title, short_name: challenge.slug }, title: phase.title, slug: phase.slug },
		created: apiDate(submission.created),
		creator: { username: usernameOf(platform, submission.creator) },
		comment: submission.comment,
		predictions_file:
			file === null ? null : siteOrigin(platform) + submissionFilePath(challenge.slug, submission, file.name),
		supplementary_file: null,
		supplementary_url: submission.supplementaryUrl,
		algorithm_image:
			submission.algorithmImage === null
				? null
				: related(requestOrigin, 'algorithms/images', submission.algorithmImage),
	};
};

/** The outputs: images in place, and only the metrics of the leaderboard where the phase hides the others. */
const showOutputs = ({ platform, requestOrigin, user }: Call, evaluation: Evaluation): Json => {
	const { phase, challenge } = placeOf(platform, evaluation);
	const showAll = phase.displayAllMetrics || isChallengeAdmin(user, challenge);
	return sortedValues(platform, evaluation.outputs).map((value) => {
		const image = platform.store.images.get(value.image ?? '');
		const isHidden = !showAll && value.socket.slug === 'metrics-json-file';
		return {
			...showValue(platform, requestOrigin, value),
			value: isHidden ? leaderboardMetrics(phase, value.value ?? null) : (value.value ?? null),
			image: image === undefined ? null : { pk: image.pk, name: image.name },
		};
	});
};

const showEvaluation = (call: Call, evaluation: Evaluation): JsonObject => ({
	pk: evaluation.pk,
	method: evaluation.method,
	submission: showSubmission(call, evaluation),
	created: apiDate(evaluation.created),
	published: evaluation.published,
	outputs: showOutputs(call, evaluation),
	rank: evaluation.rank,
	rank_score: evaluation.rankScore,
	rank_per_metric: evaluation.rankPerMetric,
	status: evaluation.status,
	title: `#${evaluation.rank} ${usernameOf(call.platform, evaluation.submission.creator)}`,
	exec_duration: apiDuration(evaluation.execMs),
	invoke_duration: apiDuration(evaluation.invokeMs),
});

const showExternal = (call: Call, evaluation: Evaluation): JsonObject => {
	const { store } = call.platform;
	const image = store.algorithmImages.get(evaluation.submission.algorithmImage ?? '');
	const model = store.algorithmModels.get(evaluation.submission.algorithmModel ?? '');
	return {
		...showEvaluation(call, evaluation),
		algorithm_model: model === undefined ? null : showAlgorithmModel(call, model),
		algorithm_image: image === undefined ? {} : showAlgorithmImage(call, image),
		claimed_by: evaluation.claimedBy,
		phase_pk: evaluation.phase,
	};
};
