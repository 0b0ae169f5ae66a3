import type { JsonObject } from '../api/json';
import { readSocketValues } from '../api/types';
import { importFailed, importFailure } from '../files/sessions';
import type { GrandChallenge } from '../grandChallenge';
import { GrandChallengeError } from '../transport/errors';
import { unlessAway } from '../transport/transport';
import { until } from '../until';
import type { PreparedValue } from './send';

/**
 * Waits until a case shows all values that are pending. A session says "Succeeded" before its image is attached, so the
 * case itself is what counts; the session only tells why nothing will come (API sheet, section 10.1).
 * @param read reads the case
 * @param before pks of the values that the case had before, by slug; a value has arrived when its pk is another
 * @param limitMs the longest wait, in ms
 * @returns the case as it is then
 * @throws GrandChallengeError (failedThere, timeLimit, cancelled)
 */
export const waitForValues = async (
	gc: GrandChallenge,
	read: () => Promise<JsonObject>,
	values: PreparedValue[],
	before: Map<string, number | undefined>,
	limitMs: number,
): Promise<JsonObject> => {
	let missing = values;
	const complete = await until(gc.transport, limitMs, async () => {
		const current = await unlessAway(read());
		const arrived = new Map(readSocketValues(current, 'values').map((value) => [value.socket.slug, value.pk]));
		missing = values.filter(({ slug }) => !arrived.has(slug) || arrived.get(slug) === before.get(slug));
		if (current && missing.length === 0) return current;
		for (const { slug, session } of missing) {
			const answer = session === undefined ? undefined : await unlessAway(gc.uploadSessions.get(session));
			const why = answer && importFailure(answer);
			if (why !== undefined) throw importFailed(`the files of the socket '${slug}'`, why);
		}
		return undefined;
	});
	if (complete === undefined) throw notInTime(missing, limitMs);
	return complete;
};

const notInTime = (missing: PreparedValue[], limitMs: number) =>
	new GrandChallengeError(
		'timeLimit',
		`After ${Number((limitMs / 60_000).toPrecision(2))} minutes there is no value for ${missing.map(({ slug }) => `'${slug}'`).join(', ')} yet`,
		{
			advice:
				"It may still come. The platform drops a file that is not what its socket wants without a word here; its notifications on the site may say more. 'Longest Wait' sets the time",
		},
	);
