import type { JsonObject } from '../api/json';
import { readSocketValues } from '../api/types';
import { importFailed, importFailure } from '../files/sessions';
import type { GrandChallenge } from '../grandChallenge';
import { GrandChallengeError } from '../transport/errors';
import { unlessAway } from '../transport/transport';
import { until } from '../until';

/** A value that the platform still works on. */
export interface PendingValue {
	/** Slug. */
	socket: string;
	/** pk of the upload session that its image comes from. */
	session?: string;
	/** pk of the value that the socket had before; it has arrived when its pk is another. */
	before?: number;
}

/**
 * Waits until a case shows all values that are pending. A session says "Succeeded" before its image is attached, so the
 * case itself is what counts; the session only tells why nothing will come (API sheet, section 10.1).
 * @param read reads the case
 * @param limitMs the longest wait, in ms
 * @returns the case as it is then
 * @throws GrandChallengeError (failedThere, timeLimit, cancelled)
 */
export const waitForValues = async (
	gc: GrandChallenge,
	read: () => Promise<JsonObject>,
	values: PendingValue[],
	limitMs: number,
): Promise<JsonObject> => {
	let missing = values;
	const complete = await until(gc.transport, limitMs, async () => {
		const current = await unlessAway(read());
		const arrived = new Map(readSocketValues(current, 'values').map((value) => [value.socket.slug, value.pk]));
		missing = values.filter(({ socket, before }) => !arrived.has(socket) || arrived.get(socket) === before);
		if (current && missing.length === 0) return current;
		for (const { socket, session } of missing) {
			const answer = session === undefined ? undefined : await unlessAway(gc.uploadSessions.get(session));
			const why = answer && importFailure(answer);
			if (why !== undefined) throw importFailed(`the files of the socket '${socket}'`, why);
		}
		return undefined;
	});
	if (complete === undefined) throw notInTime(missing, limitMs);
	return complete;
};

const notInTime = (missing: PendingValue[], limitMs: number) =>
	new GrandChallengeError(
		'timeLimit',
		`After ${Number((limitMs / 60_000).toPrecision(2))} minutes there is no value for ${missing.map(({ socket }) => `'${socket}'`).join(', ')} yet`,
		{
			advice:
				"It may still come. The platform drops a file that is not what its socket wants without a word here; its notifications on the site may say more. 'Longest Wait' sets the time",
		},
	);
