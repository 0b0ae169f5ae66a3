import { text, type JsonObject } from '../api/json';
import { pkOf } from '../api/types';
import { imageFiles } from '../files/remote';
import type { GrandChallenge } from '../grandChallenge';
import { copyFile, inSession, type PreparedValue } from '../sockets/send';
import { GrandChallengeError } from '../transport/errors';
import { bookOf } from './book';
import { newestJobs } from './list';
import { hasInputs, type JobRequest } from './lost';

/** Jobs that are looked through beyond those of a list that was read before. */
const LATEST = 100;

/**
 * The last job with the same inputs, which the platform refuses to run again.
 * @throws GrandChallengeError (resultExists) when there is one that this account does not see
 */
export const existingJob = async (gc: GrandChallenge, { algorithm, inputs }: JobRequest): Promise<JsonObject> => {
	const pk = text(algorithm, 'pk');
	const image = inputs.map(({ body }) => pkOf(text(body, 'image'))).find(Boolean);
	const jobs = image === undefined ? await allJobs(gc, pk) : await gc.jobs.all({ algorithm_image__algorithm: pk, input_image: image });
	const among = (some: JsonObject[]) => some.findLast((job) => hasInputs(job, inputs));
	// Another input item may have started it since the list was read.
	const found = among(jobs) ?? (image === undefined ? among((await newestJobs(gc, pk, jobs.length, LATEST)).jobs) : undefined);
	if (found) return found;
	throw new GrandChallengeError('resultExists', 'Grand Challenge has a result for these inputs already, but does not show it to this account', {
		advice: "Somebody else has run them, or a challenge has; failed jobs count too. Ask the editors of the algorithm, or choose 'Run Anyway' under 'If a Result Exists'",
	});
};

/** Values cannot be searched for; the list is read once for all input items. */
const allJobs = (gc: GrandChallenge, algorithm: string): Promise<JsonObject[]> => {
	const { listed } = bookOf(gc);
	const asked = listed.get(algorithm) ?? gc.jobs.all({ algorithm_image__algorithm: algorithm });
	listed.set(algorithm, asked);
	asked.catch(() => listed.delete(algorithm));
	return asked;
};

/**
 * The same inputs with one of the images sent again: what is uploaded is never the same to the platform.
 * @throws GrandChallengeError (resultExists) when there is none
 */
export const sentAgain = async (gc: GrandChallenge, { inputs }: JobRequest): Promise<PreparedValue[]> => {
	const image = inputs.find(({ body, dicom }) => 'image' in body && !dicom);
	if (image === undefined) {
		throw new GrandChallengeError('resultExists', 'Grand Challenge has a result for these inputs already, and they cannot be run again', {
			advice: "Only images (no DICOM image sets) make a job new when they are sent again. Change a value, or choose 'Return It' under 'If a Result Exists'",
		});
	}
	const entity = await gc.images.getOnce(text(image.body, 'image'));
	const files = await imageFiles(gc.transport, entity, text(entity, 'pk'));
	const uploads: string[] = [];
	for (const file of files) uploads.push(await copyFile(gc, file));
	const again: PreparedValue = { ...image, ...(await inSession(gc, image.slug, uploads, files.map(({ name }) => name))) };
	return inputs.map((input) => (input === image ? again : input));
};
