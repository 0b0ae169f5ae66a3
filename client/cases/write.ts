import { list, text, type JsonObject } from '../api/json';
import { pkOf, readSocketValues } from '../api/types';
import type { GrandChallenge } from '../grandChallenge';
import { checkAssignments, socketFrom, type CheckedAssignment } from '../sockets/check';
import { prepareValues, type PreparedValue } from '../sockets/send';
import type { Assignment } from '../sockets/source';
import { gather, type Taken } from '../sockets/taken';
import { waitForValues, type PendingValue } from '../sockets/wait';
import { asIs, badInput, GrandChallengeError, hasReason, withLeft } from '../transport/errors';
import { titleOf, type CaseKind } from './kinds';
import { addTitle, inTurn, titlesIn } from './titles';

export interface CaseContent {
	values: Assignment[];
	/** Values that come from elsewhere, for the sockets that `values` does not name. */
	taken?: Taken[];
	/** ms to wait until files and images have arrived; 0 returns at once. */
	waitMs: number;
}

export interface NewCase extends CaseContent {
	/** pk, slug or URL of the archive or reader study. */
	parent: string;
	/** `""` for none. At most 255 characters, and unique in its archive or study. */
	title: string;
	/** Place of a display set among the others; the last when it is left out. */
	order?: number;
	/** What happens when there is a case of this title; `fail` by default. */
	ifTitleExists?: 'fail' | 'skip' | 'update';
	/** pk of the case that an earlier try has made, to be filled instead of a new one. */
	made?: string;
}

export interface CaseChange extends CaseContent {
	/** pk or URL. */
	identifier: string;
	/** `""` removes it; left as it is by default. */
	title?: string;
	order?: number;
	/** Whether values for other sockets are removed. */
	replace: boolean;
}

/** Where a value of files has gone. */
export interface WrittenValue {
	socket: string;
	files: string[];
	/** The image that was made of them. */
	image?: { pk: string; name: string };
}

export interface WrittenCase {
	outcome: 'created' | 'updated' | 'skipped';
	/** As the platform shows it at the end. */
	entity: JsonObject;
	/** Of files, where they have arrived. */
	written: WrittenValue[];
	/** What the platform still works on. */
	pending: PendingValue[];
}

const LONGEST_TITLE = 255;

/**
 * Adds a case to an archive or a reader study. Everything is checked, then files go up, then the case is made and filled:
 * so one is left empty only when the platform refuses its values, and then the error names it.
 * @throws GrandChallengeError
 * @see the API sheet, sections 8.4, 8.14 and 10.1
 */
export const createCase = async (gc: GrandChallenge, kind: CaseKind, wanted: NewCase): Promise<WrittenCase> => {
	const title = checkedTitle(wanted.title);
	const parent = await kind.parents(gc).getOnce(wanted.parent);
	return inTurn(gc, kind, title === '' ? undefined : `${text(parent, 'pk')} ${title}`, () => create(gc, kind, parent, title, wanted));
};

const create = async (gc: GrandChallenge, kind: CaseKind, parent: JsonObject, title: string, wanted: NewCase): Promise<WrittenCase> => {
	const assignments = await checkContent(gc, wanted);
	if (wanted.made !== undefined) return write(gc, kind, { ...wanted, identifier: wanted.made, title, replace: false }, assignments, 'created');
	const existing = await existingCase(gc, kind, parent, title, wanted, assignments);
	if (existing !== undefined && wanted.ifTitleExists === 'skip') return { outcome: 'skipped', entity: await kind.cases(gc).get(existing), written: [], pending: [] };
	if (existing !== undefined) return write(gc, kind, { ...wanted, identifier: existing, title: undefined, replace: false }, assignments);
	const values = await prepareValues(gc, assignments);
	const pk = await createEmpty(gc, kind, parent, title, wanted.order);
	await addTitle(gc, kind, text(parent, 'pk'), title, pk);
	if (values.length > 0) await send(gc, kind, 'PATCH', pk, { values }, (error) => leftBehind(gc, kind, pk, error));
	return arrive(gc, kind, { pk, outcome: 'created', values, before: new Map(), waitMs: wanted.waitMs });
};

/**
 * Changes a case: adds or replaces values, or replaces all of them; changes its title and order.
 * @throws GrandChallengeError
 * @see the API sheet, sections 8.4, 8.14 and 10.1
 */
export const updateCase = (gc: GrandChallenge, kind: CaseKind, change: CaseChange): Promise<WrittenCase> =>
	inTurn(gc, kind, change.identifier.trim(), () => update(gc, kind, change));

const update = async (gc: GrandChallenge, kind: CaseKind, change: CaseChange): Promise<WrittenCase> => {
	const title = change.title === undefined ? undefined : checkedTitle(change.title);
	const assignments = await checkContent(gc, change);
	if (!change.replace && assignments.length === 0 && title === undefined && change.order === undefined) {
		throw badInput('Nothing is to be changed', "Add a value, or one of the options that change something");
	}
	return write(gc, kind, { ...change, title }, assignments);
};

const checkedTitle = (given: string): string => {
	const title = given.trim();
	if (title.length > LONGEST_TITLE) throw badInput(`'Title' has ${title.length} characters`, `Use at most ${LONGEST_TITLE}`);
	return title;
};

const checkContent = async (gc: GrandChallenge, { values, taken = [] }: CaseContent) =>
	checkAssignments(await gather(gc, values, taken), socketFrom(gc.sockets));

/** Whether any value costs an upload. */
const sendsFiles = (assignments: CheckedAssignment[]) =>
	assignments.some(({ socket, source }) => source.from === 'files' || (socket.superKind === 'File' && (source.from === 'json' || source.from === 'value')));

/** The case that has the title already. Where that is not wanted, it is said before files go up for nothing. */
const existingCase = async (gc: GrandChallenge, kind: CaseKind, parent: JsonObject, title: string, { ifTitleExists = 'fail' }: NewCase, assignments: CheckedAssignment[]): Promise<string | undefined> => {
	if (title === '' || (ifTitleExists === 'fail' && !sendsFiles(assignments))) return undefined;
	const existing = (await titlesIn(gc, kind, text(parent, 'pk'))).get(title);
	if (existing === undefined || ifTitleExists !== 'fail') return existing;
	throw badInput(`There is already a case with the title '${title}': ${existing}`, "Change 'Title', leave it empty, or choose under 'If Title Exists' what happens then");
};

const createEmpty = async (gc: GrandChallenge, kind: CaseKind, parent: JsonObject, title: string, order?: number): Promise<string> => {
	const { path, singular: what } = kind.cases(gc).resource;
	const subject = title ? `the ${what} '${title}'` : `the ${what}`;
	try {
		const body = { ...kind.of(parent), title, values: [], ...(order === undefined ? {} : { order }) };
		return text(await gc.transport.entity({ method: 'POST', path, body, subject }), 'pk');
	} catch (error) {
		// Titles are unique in an archive: an empty case of this title is the one that the lost request made.
		const made = title && hasReason(error, 'outcomeUnknown') ? await findEmpty(gc, kind, text(parent, 'pk'), title) : undefined;
		if (made === undefined) throw asIs(error);
		return made;
	}
};

const findEmpty = async (gc: GrandChallenge, kind: CaseKind, parentPk: string, title: string): Promise<string | undefined> => {
	for await (const entity of kind.cases(gc).iterate({ [kind.filter]: parentPk })) {
		if (titleOf(entity) === title && list(entity, 'values').length === 0) return text(entity, 'pk');
	}
	return undefined;
};

const write = async (gc: GrandChallenge, kind: CaseKind, change: CaseChange, assignments: CheckedAssignment[], outcome: 'created' | 'updated' = 'updated'): Promise<WrittenCase> => {
	const entity = await kind.cases(gc).get(change.identifier);
	const pk = text(entity, 'pk');
	if (kind.freezes && sendsFiles(assignments)) await checkUnanswered(gc, pk);
	const before = new Map(readSocketValues(entity, 'values').map((value) => [value.socket.slug, value.pk]));
	const values = await prepareValues(gc, assignments);
	const { order } = change;
	// Without a title, PUT would remove it.
	const title = change.title ?? (change.replace ? titleOf(entity) : undefined);
	const body = { ...(title === undefined ? {} : { title }), ...(order === undefined ? {} : { order }), ...(values.length > 0 || change.replace ? { values } : {}) };
	await send(gc, kind, change.replace ? 'PUT' : 'PATCH', pk, body, asIs);
	return arrive(gc, kind, { pk, outcome, values, before, waitMs: change.waitMs });
};

/** The platform says so too, but only after the files went up. */
const checkUnanswered = async (gc: GrandChallenge, pk: string) => {
	const answered = !(await gc.answers.iterate({ display_set: pk }, 1).next()).done;
	if (answered) throw badInput(`The display set ${pk} cannot be changed any more, since it has been answered`, 'Make a new display set, or have its answers deleted on the site');
};

const send = async (
	gc: GrandChallenge,
	kind: CaseKind,
	method: 'PATCH' | 'PUT',
	pk: string,
	{ values, ...fields }: { values?: PreparedValue[]; title?: string; order?: number },
	explained: (error: unknown) => unknown,
) => {
	const { path, singular: what } = kind.cases(gc).resource;
	try {
		await gc.transport.entity({
			method,
			path: `${path}${pk}/`,
			body: { ...fields, ...(values ? { values: values.map(({ body }) => body) } : {}) },
			subject: values ? `the values of the ${what}` : `the ${what}`,
			labels: { values: (values ?? []).map(({ slug }) => slug) },
		});
	} catch (error) {
		if (!wasTaken(error)) throw explained(error);
	}
};

/**
 * Uploads and sessions can be used once. When the answer to a first try was lost and the repeat is told that they do
 * not exist any more, the first try was carried out (API sheet, section 10.1).
 */
const wasTaken = (error: unknown): boolean =>
	hasReason(error, 'notAccepted') && error.answerLost && /upload.*does not exist/i.test(error.message);

const leftBehind = (gc: GrandChallenge, kind: CaseKind, pk: string, error: unknown): unknown => {
	// Refused values leave nothing behind; after a lost answer nobody knows.
	const refused = error instanceof GrandChallengeError && error.status !== undefined && error.status >= 400 && error.status < 500 && !error.answerLost;
	const state = refused ? 'is empty; it can be deleted on the site' : 'may lack its values; look at it before you run the node again';
	return withLeft(error, { [kind.key]: pk }, `The ${kind.cases(gc).resource.singular} ${pk} was made and ${state}`);
};

/** Waits for the values of a case that was written, where that is wanted, and tells what has become of its files. */
const arrive = async (
	gc: GrandChallenge,
	kind: CaseKind,
	{ pk, outcome, values, before, waitMs }: { pk: string; outcome: 'created' | 'updated'; values: PreparedValue[]; before: Map<string, number | undefined>; waitMs: number },
): Promise<WrittenCase> => {
	const read = () => kind.cases(gc).get(pk);
	const pending = values.filter((value) => value.pending).map(({ slug, session }) => ({ socket: slug, session, before: before.get(slug) }));
	try {
		if (pending.length === 0 || waitMs === 0) return { outcome, entity: await read(), written: [], pending };
		const entity = await waitForValues(gc, read, pending, waitMs);
		return { outcome, entity, written: await writtenIn(gc, entity, values), pending: [] };
	} catch (error) {
		throw withLeft(error, { [kind.key]: pk }, `The ${kind.cases(gc).resource.singular} ${pk} was ${outcome === 'created' ? 'made' : 'changed'}`);
	}
};

const writtenIn = async (gc: GrandChallenge, entity: JsonObject, values: PreparedValue[]): Promise<WrittenValue[]> => {
	const now = new Map(readSocketValues(entity, 'values').map((value) => [value.socket.slug, value]));
	const written: WrittenValue[] = [];
	for (const { slug, files } of values) {
		if (files.length === 0) continue;
		const pk = pkOf(now.get(slug)?.image);
		written.push({ socket: slug, files, ...(pk ? { image: { pk, name: text(await gc.images.getOnce(pk), 'name') } } : {}) });
	}
	return written;
};

/**
 * Waits until a case holds all values that are pending, or an upload session says why one will not come.
 * @param pending as told by `createCase` and `updateCase`; without `before`, any value of the socket will do
 * @param limitMs the longest wait, in ms
 * @throws GrandChallengeError (failedThere, timeLimit, cancelled)
 */
export const waitForCase = async (gc: GrandChallenge, kind: CaseKind, identifier: string, pending: PendingValue[], limitMs: number): Promise<JsonObject> => {
	const read = () => kind.cases(gc).get(identifier);
	return pending.length === 0 ? read() : waitForValues(gc, read, pending, limitMs);
};
