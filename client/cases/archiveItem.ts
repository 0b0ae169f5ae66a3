import { list, text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import { checkAssignments, socketFrom } from '../sockets/check';
import { prepareValues, type PreparedValue } from '../sockets/send';
import type { Assignment } from '../sockets/source';
import { waitForValues } from '../sockets/wait';
import { asIs, badInput, GrandChallengeError, hasReason, withLeft } from '../transport/errors';

export interface NewArchiveItem {
	/** pk, slug or URL. */
	archive: string;
	/** `""` for none. At most 255 characters, and unique in the archive. */
	title: string;
	values: Assignment[];
	/** ms to wait until files and images have arrived; 0 returns at once. */
	waitMs: number;
	/** pk of the item that an earlier try has made, to be filled instead of a new one. */
	made?: string;
}

const LONGEST_TITLE = 255;

/**
 * Adds a case to an archive. Everything is checked, then files go up, then the item is made and filled: so an item is
 * left empty only when the platform refuses its values, and then the error names it.
 * @returns the item as the platform shows it at the end
 * @throws GrandChallengeError
 * @see the API sheet, sections 8.4 and 10.1
 */
export const createArchiveItem = async (gc: GrandChallenge, wanted: NewArchiveItem): Promise<JsonObject> => {
	const title = wanted.title.trim();
	if (title.length > LONGEST_TITLE) throw badInput(`'Title' has ${title.length} characters`, `Use at most ${LONGEST_TITLE}`);
	const archive = await gc.archives.getOnce(wanted.archive);
	const assignments = await checkAssignments(wanted.values, socketFrom(gc.sockets));
	const values = await prepareValues(gc, assignments);
	const pk = wanted.made ?? (await createEmpty(gc, archive, title));
	if (values.length > 0) await fill(gc, pk, values);
	const pending = values.filter((value) => value.pending);
	const read = () => gc.archiveItems.get(pk);
	try {
		return await (pending.length > 0 && wanted.waitMs > 0 ? waitForValues(gc, read, pending, new Map(), wanted.waitMs) : read());
	} catch (error) {
		throw withLeft(error, { archiveItem: pk }, `The archive item ${pk} was made`);
	}
};

const createEmpty = async (gc: GrandChallenge, archive: JsonObject, title: string): Promise<string> => {
	const subject = title ? `the archive item '${title}'` : 'the archive item';
	try {
		const body = { archive: text(archive, 'api_url'), title, values: [] };
		return text(await gc.transport.entity({ method: 'POST', path: 'archives/items/', body, subject }), 'pk');
	} catch (error) {
		// Titles are unique in an archive: an empty item of this title is the one that the lost request made.
		const made = title && hasReason(error, 'outcomeUnknown') ? await findEmpty(gc, text(archive, 'pk'), title) : undefined;
		if (made === undefined) throw asIs(error);
		return made;
	}
};

const findEmpty = async (gc: GrandChallenge, archive: string, title: string): Promise<string | undefined> => {
	for await (const item of gc.archiveItems.iterate({ archive })) {
		if (text(item, 'title') === title && list(item, 'values').length === 0) return text(item, 'pk');
	}
	return undefined;
};

const fill = async (gc: GrandChallenge, pk: string, values: PreparedValue[]) => {
	try {
		await gc.transport.entity({
			method: 'PATCH',
			path: `archives/items/${pk}/`,
			body: { values: values.map(({ body }) => body) },
			subject: 'the values of the archive item',
			labels: { values: values.map(({ slug }) => slug) },
		});
	} catch (error) {
		if (!wasTaken(error)) throw leftBehind(error, pk);
	}
};

/**
 * Uploads and sessions can be used once. When the answer to a first try was lost and the repeat is told that they do
 * not exist any more, the first try was carried out (API sheet, section 10.1).
 */
const wasTaken = (error: unknown): boolean =>
	hasReason(error, 'notAccepted') && error.answerLost && /upload.*does not exist/i.test(error.message);

const leftBehind = (error: unknown, pk: string): unknown => {
	// Refused values leave nothing behind; after a lost answer nobody knows.
	const refused = error instanceof GrandChallengeError && error.status !== undefined && error.status >= 400 && error.status < 500 && !error.answerLost;
	const state = refused ? 'is empty; it can be deleted on the site' : 'may lack its values; look at it before you run the node again';
	return withLeft(error, { archiveItem: pk }, `The archive item ${pk} was made and ${state}`);
};
