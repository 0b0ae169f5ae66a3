import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import type { Collection, GrandChallenge } from '../../../client';
import { isObject, list, number, text, type JsonObject } from '../../../client/api/json';
import { connect } from '../../n8n/connect';
import { toNodeError } from '../../n8n/errors';

/** Rows per answer of the list. */
const PAGE = 100;
/** Rows per request while searching: the platform has no search, so lists are filtered on our side. */
const SEARCH_PAGE = 1000;

type Search = (this: ILoadOptionsFunctions, filter?: string, paginationToken?: string) => Promise<INodeListSearchResult>;

/** @param describe one entry of the list */
const search = (collection: (gc: GrandChallenge) => Collection, describe: (entity: JsonObject) => INodeListSearchItems): Search =>
	async function (this: ILoadOptionsFunctions, filter, paginationToken) {
		try {
			const gc = await connect(this, {}, new AbortController().signal);
			const { resource } = collection(gc);
			const wanted = filter?.trim().toLowerCase() ?? '';
			const limit = wanted ? SEARCH_PAGE : PAGE;
			let offset = Number(paginationToken ?? 0);
			for (;;) {
				const page = await gc.transport.get(resource.path, `the list of ${resource.plural}`, { limit, offset });
				const entities = list(page, 'results').filter(isObject);
				offset += entities.length;
				const more = entities.length > 0 && offset < (number(page, 'count') ?? 0);
				const results = entities.map(describe).filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted));
				if (results.length > 0 || !more) return { results, paginationToken: more ? String(offset) : undefined };
			}
		} catch (error) {
			throw toNodeError(this.getNode(), error, 0);
		}
	};

const titled = (entity: JsonObject) => text(entity, 'title') || text(entity, 'slug') || text(entity, 'pk');
const page = (entity: JsonObject) => text(entity, 'url') || undefined;

export const listSearch = {
	searchAlgorithms: search(
		(gc) => gc.algorithms,
		(entity) => ({ name: titled(entity), value: text(entity, 'slug'), url: page(entity) }),
	),
	searchArchives: search(
		(gc) => gc.archives,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk'), url: page(entity) }),
	),
	searchArchiveItems: search(
		(gc) => gc.archiveItems,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk') }),
	),
	searchImages: search(
		(gc) => gc.images,
		(entity) => ({ name: text(entity, 'name') || text(entity, 'pk'), value: text(entity, 'pk') }),
	),
	searchJobs: search(
		(gc) => gc.jobs,
		(entity) => ({ name: `${text(entity, 'status')}: ${text(entity, 'pk')}`, value: text(entity, 'pk'), url: page(entity) }),
	),
	searchSockets: search(
		(gc) => gc.sockets,
		(entity) => ({ name: `${titled(entity)} (${text(entity, 'kind')})`, value: text(entity, 'slug') }),
	),
};
