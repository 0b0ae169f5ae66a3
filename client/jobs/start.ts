import { number, text, type JsonObject } from '../api/json';
import { pkOf, readInterfaces, type AlgorithmInterface, type Socket } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { checkAssignments, socketFrom } from '../sockets/check';
import { prepareValues, type PreparedValue } from '../sockets/send';
import type { Assignment } from '../sockets/source';
import { gather, type Taken } from '../sockets/taken';
import { badInput, hasReason, withLeft } from '../transport/errors';
import { settle } from '../transport/transport';
import { existingJob, sentAgain } from './existing';
import { sendJob } from './lost';
import { MOST_ACTIVE_JOBS, queueOf } from './queue';
import { jobState } from './status';

export interface NewJob {
	/** pk, slug or URL. */
	algorithm: string;
	inputs: Assignment[];
	/** Inputs that come from a case or another job, for the sockets that `inputs` does not name. */
	taken?: Taken[];
	/** Jobs of this client that may run at the same time; the platform's limit by default. */
	most?: number;
	/** What happens when the platform has run these inputs before; `fail` by default. */
	ifResultExists?: 'fail' | 'return' | 'run';
}

export interface StartedJob {
	/** As the platform showed it at `seenAt`. */
	job: JsonObject;
	/** By the clock of the ports, as are all times: when it was started, or taken up. */
	begunAt: number;
	seenAt: number;
	/** The algorithm's average run time in s, where the platform knows one. */
	averageDuration: number | undefined;
	/** pks of the upload sessions that import its images. */
	sessions: string[];
	/** Whether it had been run before, by whomever. */
	existed?: true;
}

/**
 * Starts a job. Inputs are checked against the algorithm's interfaces before anything is sent. When the answer is lost, the job that
 * was started is found, and never a second one made.
 * @throws GrandChallengeError
 * @see the API sheet, section 8.3
 */
export const startJob = async (gc: GrandChallenge, wanted: NewJob): Promise<StartedJob> => {
	const { ifResultExists = 'fail' } = wanted;
	const algorithm = await gc.algorithms.getOnce(wanted.algorithm);
	const interfaces = readInterfaces(algorithm);
	const title = text(algorithm, 'title') || text(algorithm, 'slug');
	const given = withoutIdle(await gather(gc, wanted.inputs, wanted.taken ?? []), interfaces);
	const assignments = await checkAssignments(given, socketOfAlgorithm(gc, interfaces));
	matchInterface(title, interfaces, assignments.map(({ socket }) => socket.slug));
	const queue = queueOf(gc);
	queue.checkCredits(algorithm);
	gc.transport.goOn();
	const inputs = await prepareValues(gc, assignments);
	const request = { algorithm, subject: `the job of ${title}`, inputs };
	const startWith = (given: PreparedValue[]) =>
		queue.start(algorithm, wanted.most ?? MOST_ACTIVE_JOBS, async (final) => {
			const job = await readJob(gc, await sendJob(gc, { ...request, inputs: given }, final));
			return { ...asSeenNow(gc, job), averageDuration: number(algorithm, 'average_duration'), sessions: given.flatMap(({ session }) => session ?? []) };
		});
	// The platform looks for a result before anything of the job is carried out, and knows also those that nobody else sees.
	const outcome = await settle(startWith(inputs));
	if ('value' in outcome) return outcome.value;
	if (!hasReason(outcome.error, 'resultExists') || ifResultExists === 'fail') throw outcome.error;
	if (ifResultExists === 'run') return startWith(await sentAgain(gc, request));
	return { ...(await takeUp(gc, await existingJob(gc, request))), existed: true };
};

/**
 * A job that was started before, to be waited for.
 * @param sessions pks of the upload sessions that import its images, where they are known
 * @throws GrandChallengeError
 */
export const takeUp = async (gc: GrandChallenge, job: JsonObject, sessions: string[] = []): Promise<StartedJob> => {
	const algorithm = text(job, 'algorithm');
	// It only tells how often to look.
	const known = jobState(text(job, 'status')) === 'running' && algorithm !== '' ? await settle(gc.algorithms.getOnce(algorithm)) : {};
	return { ...asSeenNow(gc, job), averageDuration: 'value' in known ? number(known.value, 'average_duration') : undefined, sessions };
};

const asSeenNow = (gc: GrandChallenge, job: JsonObject) => {
	const now = gc.transport.connection.ports.now();
	return { job, begunAt: now, seenAt: now };
};

/**
 * Reads a job that was started; whatever goes wrong then, the error names it.
 * @throws GrandChallengeError
 */
export const readJob = async (gc: GrandChallenge, pk: string): Promise<JsonObject> => {
	try {
		return await gc.jobs.get(pk);
	} catch (error) {
		throw withLeft(error, { job: pk }, `The job ${pk} was started and goes on; Algorithm Job: Get shows it`);
	}
};

/**
 * A case may hold more than an algorithm takes: of its values, those of the largest interface stay that all inputs are there
 * for.
 */
const withoutIdle = (inputs: Assignment[], interfaces: AlgorithmInterface[]): Assignment[] => {
	const has = (socket: Socket, { socket: identifier }: Assignment) => [socket.slug, String(socket.pk)].includes(pkOf(identifier.trim()));
	const wanted = inputs.filter(({ optional }) => !optional);
	const possible = interfaces
		.map((entry) => entry.inputs)
		.filter((sockets) => sockets.every((socket) => inputs.some((input) => has(socket, input))) && wanted.every((input) => sockets.some((socket) => has(socket, input))));
	const [largest] = possible.sort((a, b) => b.length - a.length);
	const taken = largest ?? interfaces.flatMap((entry) => entry.inputs);
	return inputs.filter((input) => !input.optional || taken.some((socket) => has(socket, input)));
};

/** The sockets of an algorithm come with it; others are looked up, so that a wrong one can be told from one that does not exist. */
const socketOfAlgorithm = (gc: GrandChallenge, interfaces: AlgorithmInterface[]) => {
	const own = interfaces.flatMap(({ inputs }) => inputs);
	const other = socketFrom(gc.sockets);
	return async (identifier: string): Promise<Socket> =>
		own.find(({ slug, pk }) => slug === identifier.trim() || String(pk) === identifier.trim()) ?? other(identifier);
};

/**
 * Finds the interface whose inputs are exactly the given sockets.
 * @throws GrandChallengeError (badInput) that names the closest interface and what is missing or too much for it
 */
export const matchInterface = (title: string, interfaces: AlgorithmInterface[], given: string[]): AlgorithmInterface => {
	const [closest] = interfaces
		.map((entry) => {
			const wanted = entry.inputs.map(({ slug }) => slug);
			return { entry, wanted, missing: wanted.filter((slug) => !given.includes(slug)), excess: given.filter((slug) => !wanted.includes(slug)) };
		})
		.sort((a, b) => a.missing.length + a.excess.length - b.missing.length - b.excess.length);
	if (!closest) throw badInput(`${title} takes no inputs at the moment`, 'Its editors have to define its interfaces first');
	const { entry, wanted, missing, excess } = closest;
	if (missing.length === 0 && excess.length === 0) return entry;
	const quoted = (slugs: string[]) => slugs.map((slug) => `'${slug}'`).join(', ');
	const differences = [
		missing.length > 0 ? `missing: ${quoted(missing)}` : '',
		excess.length > 0 ? `not taken: ${quoted(excess)}` : '',
	].filter(Boolean);
	throw badInput(
		`${title} does not take these inputs. The closest of its interfaces takes ${quoted(wanted)} (${differences.join('; ')})`,
		`Give exactly the sockets of one interface: ${interfaces.map(({ inputs }, i) => `${i + 1}: ${quoted(inputs.map(({ slug }) => slug))}`).join('; ')}`,
	);
};
