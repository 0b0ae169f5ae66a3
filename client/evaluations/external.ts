import { isObject, text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { asIs, badInput, GrandChallengeError, hasReason, somethingElse, withLeft } from '../transport/errors';
import { settle } from '../transport/transport';
import { isAt } from './find';
import type { Phase } from './phase';

/** The status of an evaluation that somebody has claimed. */
const CLAIMED = 'External Execution In Progress';
/** The platform takes no more. */
const LONGEST_ERROR = 1024;
/** Bytes; what stands in front of the platform takes no larger requests. */
const LARGEST_METRICS = 15 * 1024 * 1024;

/**
 * The evaluations that this account may claim as an external evaluator, with their container and model.
 * @throws GrandChallengeError
 * @see the API sheet, section 8.10
 */
export const claimableEvaluations = async (gc: GrandChallenge, phase?: Phase): Promise<JsonObject[]> => {
	const subject = 'the list of claimable evaluations';
	const answer = await gc.transport.get(`${gc.evaluations.resource.path}claimable_evaluations/`, subject);
	if (!Array.isArray(answer)) throw somethingElse(subject);
	const all: unknown[] = answer;
	const isWanted = (entry: JsonObject) => phase === undefined || ('pk' in phase ? text(entry, 'phase_pk') === phase.pk : isAt(entry, phase));
	return all.filter(isObject).filter(isWanted);
};

/**
 * Claims an evaluation. The platform shows where its container and model are only before, and in its answer.
 * @param identifier pk or URL
 * @returns the evaluation with container and model
 * @throws GrandChallengeError; (limit) when this account has ever claimed one before
 */
export const claimEvaluation = async (gc: GrandChallenge, identifier: string): Promise<JsonObject> => {
	const pk = await gc.evaluations.pk(identifier);
	const before = (await claimableEvaluations(gc)).find((entry) => text(entry, 'pk') === pk);
	if (before === undefined) throw await notClaimable(gc, pk);
	try {
		// Whatever is in the body would be written.
		return await gc.transport.entity({ method: 'PATCH', path: action(gc, pk, 'claim'), body: {}, subject: `the claim of evaluation '${pk}'` });
	} catch (error) {
		const isTold = hasReason(error, 'notAccepted') && error.answerLost && /pending evaluations/i.test(error.message);
		if (!isTold || !(await isOurs(gc, pk))) throw asIs(error);
		return { ...before, status: CLAIMED };
	}
};

const action = (gc: GrandChallenge, pk: string, name: 'claim' | 'update_external_evaluation') => `${gc.evaluations.resource.path}${pk}/${name}/`;

/**
 * Whether a claim is this account's. No answer of the platform shows it, but a report that it cannot take is refused to
 * everybody else for want of permission first.
 */
const isOurs = async (gc: GrandChallenge, pk: string): Promise<boolean> => {
	const report = gc.transport.json({ method: 'PATCH', path: action(gc, pk, 'update_external_evaluation'), body: { status: '?' }, subject: `the claim of evaluation '${pk}'` });
	const outcome = await settle(report);
	return 'error' in outcome && hasReason(outcome.error, 'notAccepted') && /not a valid choice/i.test(outcome.error.message);
};

const notClaimable = async (gc: GrandChallenge, pk: string): Promise<GrandChallengeError> => {
	const status = text(await gc.evaluations.get(pk), 'status');
	const refuse = (message: string, advice: string) => new GrandChallengeError('notAccepted', message, { advice });
	if (status === 'Queued') {
		return refuse(`This account may not claim the evaluation ${pk}`, 'Only external evaluators of its challenge may, and only in phases that are evaluated externally. Ask the organizers');
	}
	if (status === CLAIMED && (await isOurs(gc, pk))) {
		return refuse(`This account has claimed the evaluation ${pk} before`, 'Go on with Evaluation: Report. The addresses of container and model were in the answer to the claim and cannot be asked for again');
	}
	return refuse(`The evaluation ${pk} can not be claimed any more: its status is '${status}'`, 'Evaluation: Get Claimable lists those that are left');
};

/** How an external evaluation has ended. */
export type Report = { status: 'Succeeded'; metrics: unknown } | { status: 'Failed'; error: string };

/**
 * Tells the platform how a claimed evaluation has ended. Its rank follows later.
 * @param identifier pk or URL
 * @throws GrandChallengeError
 * @see the API sheet, section 8.10
 */
export const reportEvaluation = async (gc: GrandChallenge, identifier: string, report: Report): Promise<void> => {
	checkReport(report);
	const pk = await gc.evaluations.pk(identifier);
	const { status } = report;
	const body = report.status === 'Succeeded' ? { status, metrics: report.metrics } : { status, error_message: report.error };
	const subject = `the report on evaluation '${pk}'`;
	try {
		const answer = await gc.transport.json({ method: 'PATCH', path: action(gc, pk, 'update_external_evaluation'), body, subject });
		if (text(answer, 'status') !== status) throw somethingElse(subject);
	} catch (error) {
		// After a lost answer the repeat is told that there is no claim any more; only who has claimed it can have reported.
		const isTold = hasReason(error, 'notAccepted') && error.answerLost && /need to claim/i.test(error.message);
		if (!isTold || text(await gc.evaluations.get(pk), 'status') !== status) throw asIs(error);
	}
};

/**
 * Reads an evaluation that was reported.
 * @throws GrandChallengeError that says so
 */
export const readReported = async (gc: GrandChallenge, identifier: string): Promise<JsonObject> => {
	try {
		return await gc.evaluations.get(identifier);
	} catch (error) {
		throw withLeft(error, { evaluation: identifier }, 'The evaluation was reported; Evaluation: Get shows it');
	}
};

const checkReport = (report: Report): void => {
	if (report.status === 'Failed') {
		const { length } = report.error;
		if (report.error.trim() === '') throw badInput("'Error Message' is empty", 'Say why the evaluation failed');
		if (length > LONGEST_ERROR) throw badInput(`'Error Message' has ${length} characters`, `Use at most ${LONGEST_ERROR}`);
		return;
	}
	if (!isObject(report.metrics)) throw badInput("'Metrics' is no JSON object", 'Give what the evaluation found as {"name": value, …}; the leaderboard of the phase tells which names it shows');
	const bytes = Buffer.byteLength(JSON.stringify(report.metrics));
	if (bytes > LARGEST_METRICS) throw badInput(`'Metrics' has ${Math.round(bytes / 1024 / 1024)} MiB`, 'Grand Challenge takes 15 MiB. Leave out what the leaderboard does not need');
};
