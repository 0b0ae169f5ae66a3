import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { somethingElse } from '../transport/errors';

/**
 * Lets a viewer session live longer.
 * @param identifier pk or URL
 * @returns the session as the platform shows it then
 * @throws GrandChallengeError; (limit) when it has lived as long as sessions may
 * @see the API sheet, section 8.16
 */
export const keepAlive = async (gc: GrandChallenge, identifier: string): Promise<JsonObject> => {
	const pk = await gc.viewerSessions.pk(identifier);
	const subject = `the extension of viewer session '${pk}'`;
	const answer = await gc.transport.json({ method: 'PATCH', path: `${gc.viewerSessions.resource.path}${pk}/keep_alive/`, body: {}, subject });
	if (text(answer, 'status') === '') throw somethingElse(subject);
	return gc.viewerSessions.get(pk);
};
