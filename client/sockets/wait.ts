import { text, type JsonObject } from '../api/json';
import { readSocketValues } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { GrandChallengeError } from '../transport/errors';
import { cleanText } from '../transport/explain';
import { unlessAway } from '../transport/transport';
import type { PreparedValue } from './send';

/** ms; the waits grow from the first to the longest. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/** What an upload session says when its import failed, in one sentence; undefined while it has not failed. */
export const importFailure = async (gc: GrandChallenge, session: string): Promise<string | undefined> => {
	const answer = await gc.transport.get(session, 'the upload session');
	const status = text(answer, 'status');
	if (status !== 'Failed' && status !== 'Cancelled') return undefined;
	return cleanText(text(answer, 'error_message')) || `the import was ${status.toLowerCase()}`;
};

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
	const { ports } = gc.transport.connection;
	const start = ports.now();
	for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 1.5, LONGEST_WAIT)) {
		const current = await unlessAway(read());
		const arrived = new Map(readSocketValues(current, 'values').map((value) => [value.socket.slug, value.pk]));
		const missing = values.filter(({ slug }) => !arrived.has(slug) || arrived.get(slug) === before.get(slug));
		if (current && missing.length === 0) return current;
		for (const { slug, session } of missing) {
			const why = session === undefined ? undefined : await unlessAway(importFailure(gc, session));
			if (why !== undefined) throw importFailed(slug, why);
		}
		const left = start + limitMs - ports.now();
		if (left <= 0) throw notInTime(missing, limitMs);
		await gc.transport.pause(Math.min(wait * (1 + ports.random() / 4), left));
	}
};

const importFailed = (slug: string, why: string) =>
	new GrandChallengeError('failedThere', `Grand Challenge could not import the files of the socket '${slug}': ${why}`, {
		advice: 'Check that the files are of a format that Grand Challenge imports, and that they make up one image',
	});

const notInTime = (missing: PreparedValue[], limitMs: number) =>
	new GrandChallengeError(
		'timeLimit',
		`After ${Number((limitMs / 60_000).toPrecision(2))} minutes there is no value for ${missing.map(({ slug }) => `'${slug}'`).join(', ')} yet`,
		{
			advice:
				"It may still come. The platform drops a file that is not what its socket wants without a word here; its notifications on the site may say more. 'Longest Wait' sets the time",
		},
	);
