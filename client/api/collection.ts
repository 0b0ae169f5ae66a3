import { asIs, GrandChallengeError, hasReason } from '../transport/errors';
import { LARGEST_PAGE, pages, type Page } from '../transport/pages';
import { settle, type Query, type Transport } from '../transport/transport';
import { identify } from './identifier';
import { text, type JsonObject } from './json';
import type { Resource } from './resources';

/** The objects of one resource: get one by whatever names it, or iterate over many. */
export class Collection {
	private readonly found = new Map<string, Promise<JsonObject>>();

	constructor(
		private readonly transport: Transport,
		readonly resource: Resource,
	) {}

	/**
	 * @param identifier pk, slug, API URL or page URL
	 * @throws GrandChallengeError; `notFound` when there is none or no access (the platform does not tell which)
	 */
	async get(identifier: string): Promise<JsonObject> {
		const { resource, transport } = this;
		const named = identify(transport.connection.base, resource, identifier);
		const subject = `${resource.singular} '${'pk' in named ? named.pk : named.slug}'`;
		if ('slug' in named) return this.bySlug(named.slug, subject);
		try {
			return await transport.entity({ method: 'GET', path: `${resource.path}${named.pk}/`, subject });
		} catch (error) {
			// Where there are no such objects at all, their list is not found either.
			const listed = resource.recent && hasReason(error, 'notFound') ? await settle(this.iterate({}, 1).next()) : {};
			throw 'error' in listed && hasReason(listed.error, 'notFound') ? listed.error : asIs(error);
		}
	}

	/** As `get`, but asks only once for the same identifier: for what does not change while a workflow runs. */
	getOnce(identifier: string): Promise<JsonObject> {
		const known = this.found.get(identifier);
		if (known) return known;
		const asked = this.get(identifier);
		this.found.set(identifier, asked);
		asked.catch(() => this.found.delete(identifier));
		return asked;
	}

	/** The pk, asked for only where the identifier is not a pk already. */
	async pk(identifier: string): Promise<string> {
		const named = identify(this.transport.connection.base, this.resource, identifier);
		return 'pk' in named ? named.pk : String((await this.getOnce(identifier)).pk);
	}

	/** The slug of an object that is there, which a few requests want. */
	async slug(identifier: string): Promise<string> {
		return slugOf(this.resource, await this.getOnce(identifier));
	}

	/**
	 * @param filters the platform's own; empty values are not sent
	 * @param limit the most objects to read, all by default
	 */
	async *iterate(filters: Query = {}, limit = Infinity): AsyncGenerator<JsonObject> {
		let left = limit;
		if (left <= 0) return;
		for await (const { results } of this.pages(filters, Math.min(limit, LARGEST_PAGE))) {
			for (const entry of results) {
				yield entry;
				if (--left <= 0) return;
			}
		}
	}

	/** @throws GrandChallengeError; a filter by an unknown object reads as "not found", though the platform answers 400 */
	async *pages(filters: Query = {}, pageSize = LARGEST_PAGE): AsyncGenerator<Page> {
		const { resource, transport } = this;
		try {
			yield* pages(transport, resource.path, `the list of ${resource.plural}`, filters, pageSize);
		} catch (error) {
			throw resource.recent && hasReason(error, 'notFound') ? notHere(resource, error) : unknownFilter(error, resource);
		}
	}

	/** One page of the list, for who knows its order. */
	async page(filters: Query, offset: number, limit: number): Promise<Page> {
		for await (const page of this.pages({ ...filters, offset }, limit)) return page;
		return { results: [], count: 0 };
	}

	/** The whole list, where it is known to fit into memory. */
	async all(filters: Query = {}): Promise<JsonObject[]> {
		const entries: JsonObject[] = [];
		for await (const entry of this.iterate(filters)) entries.push(entry);
		return entries;
	}

	/** How many objects there are. */
	async count(filters: Query = {}): Promise<number> {
		for await (const { count } of this.pages(filters, 1)) return count;
		return 0;
	}

	private async bySlug(slug: string, subject: string): Promise<JsonObject> {
		for await (const entry of this.iterate({ slug }, 2)) {
			// An unknown filter is ignored by the platform, so what came must be what was asked for.
			if (slugOf(this.resource, entry) === slug) return entry;
		}
		throw new GrandChallengeError('notFound', `Grand Challenge does not show ${subject}`, {
			status: 404,
			advice: `Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). Slugs are case-sensitive; access is requested at ${this.transport.origin}${this.resource.site ? `${this.resource.site}${slug}/` : ''}`,
		});
	}
}

const notHere = ({ plural }: Resource, cause: unknown) =>
	new GrandChallengeError('notFound', `This Grand Challenge has no ${plural}`, {
		status: 404,
		advice: 'They are newer than the version of Grand Challenge that it runs',
		cause,
	});

const unknownFilter = (error: unknown, resource: Resource): unknown =>
	hasReason(error, 'notAccepted') && /select a valid choice|is not a valid uuid/i.test(error.message)
		? new GrandChallengeError('notFound', `Grand Challenge does not know what the list of ${resource.plural} is filtered by`, {
				status: 404,
				advice: `Either it does not exist, or this account has no access to it. ${error.message}`,
				cause: error,
			})
		: error;

/** Archives do not return their slug, but the address of their page holds it. */
const slugOf = ({ page }: Resource, entry: JsonObject): string => {
	const url = text(entry, 'url');
	return text(entry, 'slug') || ((URL.canParse(url) && page?.exec(new URL(url).pathname)?.[1]) || '');
};
