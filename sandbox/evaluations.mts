import { isObject, type Json } from './json.mts';
import type { Platform } from './platform.mts';
import { filterMap, type Evaluation, type Phase, type Submission, type User } from './store.mts';
import { attach, jsonValue, valuesOf } from './values.mts';

/** How an evaluation ends: with metrics, or with the reason why there are none. */
export type Outcome = { metrics: Json } | { error: string };

const metricsSlug = 'metrics-json-file';

/** The metrics of an evaluation; undefined while it has none. */
const metricsOf = (platform: Platform, evaluation: Evaluation): Json | undefined =>
	valuesOf(platform, evaluation.outputs).find(({ socket }) => socket.slug === metricsSlug)?.value;

/** What a JSON path of the leaderboard (names with dots between) finds in metrics. */
export const metricAt = (metrics: Json | undefined, path: string): Json | undefined =>
	path.split('.').reduce<Json | undefined>((part, key) => (isObject(part) ? part[key] : undefined), metrics);

/** The metrics that everybody may see: the numbers of the leaderboard. */
export const leaderboardMetrics = (phase: Phase, metrics: Json): Json => {
	const shown: Json = {};
	for (const path of [phase.scorePath, ...phase.extraMetrics]) {
		const value = metricAt(metrics, path);
		if (typeof value !== 'number') continue;
		const keys = path.split('.');
		let place = shown;
		for (const key of keys.slice(0, -1)) {
			const inner = place[key];
			place = isObject(inner) ? inner : (place[key] = {});
		}
		place[keys.at(-1) ?? ''] = value;
	}
	return shown;
};

// 1 for the best; equal scores share a rank.
const rankOf = (score: number, scores: number[], lowerIsBetter: boolean): number =>
	1 + scores.filter((other) => (lowerIsBetter ? other < score : other > score)).length;

/** Ranks the evaluations of a phase anew: the published ones that succeeded, all others have rank 0. */
export const rankPhase = (platform: Platform, phase: Phase): void => {
	const all = filterMap(platform.store.evaluations, (evaluation) => evaluation.phase === phase.pk);
	const paths = [phase.scorePath, ...phase.extraMetrics];
	const scored = all.flatMap((evaluation) => {
		const metrics = metricsOf(platform, evaluation);
		const scores = paths.map((path) => metricAt(metrics, path)).filter((score) => typeof score === 'number');
		const isRanked = evaluation.published && evaluation.status === 'Succeeded' && scores.length === paths.length;
		return isRanked ? [{ evaluation, scores }] : [];
	});
	for (const evaluation of all) Object.assign(evaluation, { rank: 0, rankScore: 0, rankPerMetric: {} });
	for (const { evaluation, scores } of scored) {
		const ranks = scores.map((score, i) =>
			rankOf(
				score,
				scored.map((other) => other.scores[i] ?? 0),
				phase.lowerIsBetter && i === 0,
			),
		);
		evaluation.rankPerMetric = Object.fromEntries(paths.map((path, i) => [path, ranks[i] ?? 0]));
		evaluation.rank = ranks[0] ?? 0;
		evaluation.rankScore = evaluation.rank;
	}
};

/** Writes down how an evaluation ended. */
export const recordOutcome = (platform: Platform, evaluation: Evaluation, outcome: Outcome): void => {
	if ('metrics' in outcome) {
		const socket = platform.store.sockets.find(({ slug }) => slug === metricsSlug);
		if (socket === undefined) throw new Error('There is no socket for metrics');
		attach(platform, evaluation.outputs, jsonValue(platform, socket, outcome.metrics));
		evaluation.status = 'Succeeded';
	} else {
		evaluation.status = 'Failed';
		evaluation.errorMessage = outcome.error;
	}
};

/** Ends an evaluation; the ranks of its phase follow later. */
export const finishEvaluation = (platform: Platform, evaluation: Evaluation, outcome: Outcome): void => {
	recordOutcome(platform, evaluation, outcome);
	const phase = platform.store.phases.get(evaluation.phase);
	if (phase !== undefined) platform.clock.schedule(platform.settings.rankMs, () => rankPhase(platform, phase));
};

/** Puts a submission to a phase on record, with its evaluation, which waits. */
export const addSubmission = (
	platform: Platform,
	phase: Phase,
	creator: User,
	given: Partial<Submission> = {},
): Evaluation => {
	const now = given.created ?? platform.clock.wall();
	const evaluation: Evaluation = {
		pk: platform.random.uuid(),
		phase: phase.pk,
		submission: {
			pk: platform.random.uuid(),
			creator: creator.id,
			created: now,
			comment: '',
			predictionsFile: null,
			supplementaryUrl: '',
			algorithmImage: null,
			algorithmModel: null,
			...given,
		},
		method: phase.external ? null : platform.random.uuid(),
		created: now,
		published: true,
		status: 'Queued',
		outputs: { values: [] },
		rank: 0,
		rankScore: 0,
		rankPerMetric: {},
		execMs: null,
		invokeMs: null,
		claimedBy: null,
		errorMessage: '',
	};
	platform.store.evaluations.set(evaluation.pk, evaluation);
	return evaluation;
};

/** Lets the platform evaluate a submission in the background. */
export const evaluate = (platform: Platform, evaluation: Evaluation, outcome: Outcome): void => {
	const { clock } = platform;
	clock.schedule(5_000, () => {
		evaluation.status = 'Executing';
		clock.schedule(20_000, () => {
			evaluation.execMs = 20_000;
			evaluation.invokeMs = 18_500;
			finishEvaluation(platform, evaluation, outcome);
		});
	});
};
