import { text, type JsonObject } from '../api/json';
import type { GrandChallenge } from '../grandChallenge';
import type { FileSource } from '../ports';
import { checkAssignments, nameOf, socketFrom } from '../sockets/check';
import { badInput } from '../transport/errors';

/** Where the images of an upload session go to. */
export interface ImageTarget {
	/** Every image becomes an item of an archive, or the only one goes into a case. */
	to: 'archive' | 'archiveItem' | 'displaySet';
	/** pk, slug or URL. */
	identifier: string;
	/** Slug, pk or URL; archives have one of their own for it, generic-medical-image. */
	socket?: string;
}

/**
 * The part of the request for an upload session that tells where its images go to.
 * @param files that it is for
 * @throws GrandChallengeError (badInput, notFound)
 * @see the API sheet, section 8.6: archives go by their slug, cases by their pk
 */
export const targetBody = async (gc: GrandChallenge, { to, identifier, socket }: ImageTarget, files: FileSource[]): Promise<JsonObject> => {
	const place = {
		archive: async () => ({ archive: await gc.archives.slug(identifier) }),
		archiveItem: async () => ({ archive_item: text(await gc.archiveItems.get(identifier), 'pk') }),
		displaySet: async () => ({ display_set: text(await gc.displaySets.get(identifier), 'pk') }),
	}[to];
	if (socket === undefined && to === 'archive') return place();
	return { ...(await place()), interface: await imageSocket(gc, socket ?? '', files) };
};

/** @returns its slug */
const imageSocket = async (gc: GrandChallenge, identifier: string, files: FileSource[]): Promise<string> => {
	const [checked] = await checkAssignments([{ socket: identifier, source: { from: 'files', files } }], socketFrom(gc.sockets));
	if (checked?.socket.superKind === 'Image') return checked.socket.slug;
	throw badInput(`${checked ? nameOf(checked.socket) : 'The socket'} takes no image`, "Choose a 'Socket' for images");
};
