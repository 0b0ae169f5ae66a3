import { sameJson, text, type JsonObject } from '../api/json';
import { pkOf, readSocketValues } from '../api/types';
import { importFailed, importFailure } from '../files/sessions';
import type { GrandChallenge } from '../grandChallenge';
import type { PreparedValue } from '../sockets/send';
import { asIs, GrandChallengeError, hasReason } from '../transport/errors';
import { settle, unlessAway } from '../transport/transport';
import { until } from '../until';
import { bookOf } from './book';
import { newestJobs } from './list';

/** ms; imports take seconds to minutes, and the platform gives up after two hours. */
const LONGEST_IMPORT = 7_200_000;
/** ms; files are taken within seconds. */
const LONGEST_COPY = 60_000;
/** ms in which a request that was still carried out, its answer lost, comes to its end. */
const LONGEST_COMMIT = 10_000;
/** Jobs that are looked through; those that a lost answer has left are among the last ones. */
const LATEST = 100;

/** A request for a job. */
export interface JobRequest {
	algorithm: JsonObject;
	/** In words, for messages. */
	subject: string;
	inputs: PreparedValue[];
}

/**
 * What shows whether a request was carried out whose answer was lost (API sheet, section 10.1): an upload session of ours, which is used
 * once; inputs that existed before, which are not run twice; or uploaded files, which disappear when they were taken.
 */
type Proof = 'session' | 'existing' | 'uploads';

const proofOf = ({ inputs }: JobRequest): Proof => (inputs.some(({ session }) => session !== undefined) ? 'session' : inputs.some(({ pending }) => pending) ? 'uploads' : 'existing');

/** Whether the platform refuses to carry a request out twice. */
const isUnique = (request: JobRequest): boolean => proofOf(request) !== 'uploads';

/**
 * Sends a request for a job, and never makes two of it.
 * @param final statuses that are not to be retried
 * @returns the pk of the job
 * @throws GrandChallengeError (outcomeUnknown) with the jobs that may be the one, where nothing shows whether there is one
 */
export const sendJob = async (gc: GrandChallenge, request: JobRequest, final: number[]): Promise<string> => {
	const { algorithm, inputs, subject } = request;
	await countBefore(gc, text(algorithm, 'pk'));
	try {
		const created = await gc.transport.entity({
			method: 'POST',
			path: gc.jobs.resource.path,
			body: { algorithm: text(algorithm, 'api_url'), inputs: inputs.map(({ body }) => body) },
			subject,
			labels: { inputs: inputs.map(({ slug }) => slug) },
			final,
			repeatable: isUnique(request),
		});
		return claim(gc, text(created, 'pk'));
	} catch (error) {
		if (!mayHaveStarted(error, isUnique(request))) throw asIs(error);
		return lostJob(gc, request, error);
	}
};

/**
 * Whether there may be a job, though the last that was heard of it is an error.
 * @param repeated whether the request was made more than once, so that an earlier try counts too
 */
const mayHaveStarted = (error: unknown, repeated: boolean): error is GrandChallengeError =>
	hasReason(error, 'outcomeUnknown') || (repeated && error instanceof GrandChallengeError && (error.answerLost || hasReason(error, 'notReachable', 'unavailable', 'unexpectedAnswer')));

/** What is added to the list of jobs later was started since. */
const countBefore = (gc: GrandChallenge, algorithm: string): Promise<number> => {
	const { before } = bookOf(gc);
	const asked = before.get(algorithm) ?? gc.jobs.count({ algorithm_image__algorithm: algorithm });
	before.set(algorithm, asked);
	asked.catch(() => before.delete(algorithm));
	return asked;
};

/** @returns the pk of the job that a request with this outcome has started; @throws the outcome, where it has started none */
const lostJob = async (gc: GrandChallenge, request: JobRequest, outcome: GrandChallengeError): Promise<string> => {
	const found = await { session: ofSession, existing: ofExisting, uploads: ofUploads }[proofOf(request)](gc, request);
	if (found !== undefined) return found;
	if (isUnique(request)) throw outcome;
	throw inDoubt(gc, request, await candidates(gc, request), outcome);
};

const claim = (gc: GrandChallenge, pk: string): string => {
	bookOf(gc).known.add(pk);
	return pk;
};

/** For a request that was carried out: its job is among those, and so is known when there is only one. */
const onlyCandidate = async (gc: GrandChallenge, request: JobRequest): Promise<string | undefined> => {
	const [one, ...others] = await candidates(gc, request);
	return one !== undefined && others.length === 0 ? claim(gc, one) : undefined;
};

/** A job takes our upload session, and is the only one to have its image. */
const ofSession = async (gc: GrandChallenge, request: JobRequest): Promise<string | undefined> => {
	const { algorithm, inputs, subject } = request;
	const session = inputs.find((input) => input.session !== undefined)?.session ?? '';
	const isOurs = (job: JsonObject) => pkOf(text(job, 'algorithm')) === text(algorithm, 'pk');
	if (text(await gc.uploadSessions.get(session), 'status') === 'Queued') return undefined;
	const found = await until(gc.transport, LONGEST_IMPORT, async () => {
		const only = await onlyCandidate(gc, request);
		if (only !== undefined) return only;
		for await (const image of gc.images.iterate({ origin: session })) {
			for await (const job of gc.jobs.iterate({ input_image: text(image, 'pk') })) if (isOurs(job)) return claim(gc, text(job, 'pk'));
		}
		const answer = await unlessAway(gc.uploadSessions.get(session));
		const why = answer && importFailure(answer);
		if (why !== undefined) throw importFailed(`the files of ${subject}, which was started`, why);
		return undefined;
	});
	if (found === undefined) throw new GrandChallengeError('outcomeUnknown', `Grand Challenge has started ${subject}, but does not show which one it is`, { left: { uploadSession: session } });
	return found;
};

/** What existed before is not run twice, so that a new job with just these inputs is ours. */
const ofExisting = async (gc: GrandChallenge, request: JobRequest): Promise<string | undefined> => {
	const [found] = await candidates(gc, request);
	return found && claim(gc, found);
};

/** Uploads that were taken show that there is a job. */
const ofUploads = async (gc: GrandChallenge, request: JobRequest): Promise<string | undefined> => {
	const uploads = request.inputs.flatMap(({ body }) => [text(body, 'user_upload'), ...(Array.isArray(body.user_uploads) ? body.user_uploads.map(String) : [])]).filter(Boolean);
	// A job is shown as soon as there is one.
	const some = await until(gc.transport, LONGEST_COMMIT, async () => ((await candidates(gc, request)).length > 0 ? true : undefined));
	return some && until(gc.transport, LONGEST_COPY, async () => ((await areTaken(gc, uploads)) ? onlyCandidate(gc, request) : undefined));
};

const areTaken = async (gc: GrandChallenge, uploads: string[]): Promise<boolean> => {
	for (const upload of uploads) {
		const asked = await settle(gc.uploads.get(upload));
		if (!('error' in asked) || !hasReason(asked.error, 'notFound')) return false;
	}
	return true;
};

/** Jobs that were started since this client began, not known to be of another request, and have what a request has asked for. */
const candidates = async (gc: GrandChallenge, { algorithm, inputs }: JobRequest): Promise<string[]> => {
	const { before, known } = bookOf(gc);
	const pk = text(algorithm, 'pk');
	const { jobs } = await newestJobs(gc, pk, (await before.get(pk)) ?? 0, LATEST);
	return jobs.filter((job) => hasInputs(job, inputs)).map((job) => text(job, 'pk')).filter((job) => !known.has(job));
};

/** Whether a job has these inputs, as far as they are shown at once: what was uploaded comes later. */
export const hasInputs = (job: JsonObject, inputs: PreparedValue[]): boolean => {
	const given = readSocketValues(job, 'inputs');
	const fits = ({ slug, body, pending }: PreparedValue) => {
		const value = given.find(({ socket }) => socket.slug === slug);
		if (value === undefined || pending) return pending;
		return 'image' in body ? pkOf(value.image) === pkOf(text(body, 'image')) : sameJson(value.value, body.value);
	};
	return inputs.every(fits) && given.every(({ socket }) => inputs.some(({ slug }) => slug === socket.slug));
};

const inDoubt = (gc: GrandChallenge, { subject }: JobRequest, found: string[], { advice, message }: GrandChallengeError) =>
	found.length === 0
		? new GrandChallengeError('outcomeUnknown', message, { advice: `So far Grand Challenge shows no job of it. ${advice ?? ''}`.trim() })
		: new GrandChallengeError('outcomeUnknown', message, {
				left: { candidates: found.join(', ') },
				advice: `One of these may be ${subject}: ${found.map((pk) => gc.transport.own(`${gc.jobs.resource.path}${pk}/`)).join(', ')}. Look at them before you run the node again, so that nothing is made twice`,
			});
