import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import type { Collection, GrandChallenge } from '../../../client';
import { isObject, list, number, text, type JsonObject } from '../../../client/api/json';
import { pkOf } from '../../../client/api/types';
import { safeText } from '../../../client/readerStudies/question';
import { settle, type Query } from '../../../client/transport/transport';
import { claimableEvaluations } from '../../../client/evaluations/external';
import { connect } from '../../n8n/connect';
import { toNodeError } from '../../n8n/errors';
import { asString } from '../../n8n/parameters';

/** Rows per answer of the list, and the most that a search gives. */
const PAGE = 100;

type Search = (this: ILoadOptionsFunctions, filter?: string, paginationToken?: string) => Promise<INodeListSearchResult>;

/** What of a list fits to the fields that are filled in already. */
type Narrow = (context: ILoadOptionsFunctions, gc: GrandChallenge) => Promise<Query>;

/**
 * @param describe one entry of the list
 * @param narrow the whole list unless given
 */
const search = (collection: (gc: GrandChallenge) => Collection, describe: (entity: JsonObject) => INodeListSearchItems, narrow?: Narrow): Search =>
	async function (this: ILoadOptionsFunctions, filter, paginationToken) {
		try {
			const gc = await connect(this, {}, new AbortController().signal);
			const wanted = filter?.trim().toLowerCase() ?? '';
			const query = await narrow?.(this, gc);
			if (wanted) return { results: distinct(await matches(collection(gc), describe, wanted, query)) };
			const { resource } = collection(gc);
			const offset = Number(paginationToken ?? 0);
			const page = await gc.transport.get(resource.path, `the list of ${resource.plural}`, { ...query, limit: PAGE, offset });
			const entities = list(page, 'results').filter(isObject);
			const next = offset + entities.length;
			const more = entities.length > 0 && next < (number(page, 'count') ?? 0);
			return { results: distinct(entities.map(describe)), paginationToken: more ? String(next) : undefined };
		} catch (error) {
			throw toNodeError(this.getNode(), error, 0);
		}
	};

/** Tells entries of the same name apart by what identifies them. */
const distinct = (entries: INodeListSearchItems[]): INodeListSearchItems[] => {
	const counts = new Map<string, number>();
	for (const { name } of entries) counts.set(name, (counts.get(name) ?? 0) + 1);
	return entries.map((entry) => ((counts.get(entry.name) ?? 0) > 1 ? { ...entry, name: `${entry.name} (${String(entry.value)})` } : entry));
};

/** The platform has no search, so the whole list is read; lists without an order are read until they are complete. */
const matches = async (collection: Collection, describe: (entity: JsonObject) => INodeListSearchItems, wanted: string, query?: Query) => {
	const found: INodeListSearchItems[] = [];
	for await (const entity of collection.iterate(query)) {
		const entry = describe(entity);
		if (isMatch(entry, wanted)) found.push(entry);
		if (found.length === PAGE) break;
	}
	return found;
};

const isMatch = ({ name, value }: INodeListSearchItems, wanted: string) => `${name} ${value}`.toLowerCase().includes(wanted);

/**
 * Only what belongs to the reader study that is chosen in another field, or that what is chosen there belongs to. A field
 * that an expression fills, or that is wrong, narrows nothing.
 */
const ofChosenStudy =
	(neighbour: 'question' | 'displaySet'): Narrow =>
	async (context, gc) => {
		const chosen = (field: string) => asString(context.getCurrentNodeParameter(field), field).trim();
		const study = async (): Promise<string> => {
			if (chosen('readerStudy')) return gc.readerStudies.pk(chosen('readerStudy'));
			const collection = neighbour === 'question' ? gc.questions : gc.displaySets;
			return chosen(neighbour) ? pkOf(text(await collection.get(chosen(neighbour)), 'reader_study')) : '';
		};
		const outcome = await settle(study());
		return 'value' in outcome ? { reader_study: outcome.value } : {};
	};

const titled = (entity: JsonObject) => safeText(entity, 'title') || text(entity, 'slug') || text(entity, 'pk');
const page = (entity: JsonObject) => text(entity, 'url') || undefined;

/** A job has no title, and its algorithm's slug only in the address of its page. */
const jobName = (job: JsonObject) => {
	const [, algorithm] = /\/algorithms\/([^/]+)\/jobs\//.exec(text(job, 'url')) ?? [];
	return [algorithm, text(job, 'status'), text(job, 'pk')].filter(Boolean).join(', ');
};

/** The one list that comes without pages. */
const searchClaimable: Search = async function (this: ILoadOptionsFunctions, filter) {
	try {
		const gc = await connect(this, {}, new AbortController().signal);
		const wanted = filter?.trim().toLowerCase() ?? '';
		return { results: (await claimableEvaluations(gc)).map(describeEvaluation).filter((entry) => isMatch(entry, wanted)) };
	} catch (error) {
		throw toNodeError(this.getNode(), error, 0);
	}
};

const describeEvaluation = (entity: JsonObject): INodeListSearchItems => ({
	name: [titled(entity), text(entity, 'status'), text(entity, 'created')].join(', '),
	value: text(entity, 'pk'),
});

const statusAndPk = (entity: JsonObject): INodeListSearchItems => ({ name: [text(entity, 'status'), text(entity, 'pk')].join(', '), value: text(entity, 'pk') });

export const listSearch = {
	searchAlgorithmEndpoints: search((gc) => gc.algorithmEndpoints, statusAndPk),
	searchAlgorithmInvocations: search((gc) => gc.algorithmInvocations, statusAndPk),
	searchAlgorithms: search(
		(gc) => gc.algorithms,
		(entity) => ({ name: titled(entity), value: text(entity, 'slug'), url: page(entity) }),
	),
	searchAnswers: search(
		(gc) => gc.answers,
		(entity) => ({ name: [text(entity, 'creator'), text(entity, 'created'), text(entity, 'pk')].join(', '), value: text(entity, 'pk') }),
	),
	searchArchives: search(
		(gc) => gc.archives,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk'), url: page(entity) }),
	),
	searchArchiveItems: search(
		(gc) => gc.archiveItems,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk') }),
	),
	searchChallenges: search(
		(gc) => gc.challenges,
		(entity) => ({ name: titled(entity), value: text(entity, 'slug'), url: page(entity) }),
	),
	searchClaimableEvaluations: searchClaimable,
	searchContainerImages: search(
		(gc) => gc.containerImages,
		(entity) => ({ name: [text(entity, 'created'), text(entity, 'import_status'), text(entity, 'pk')].join(', '), value: text(entity, 'pk'), url: page(entity) }),
	),
	searchDisplaySets: search(
		(gc) => gc.displaySets,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk') }),
		ofChosenStudy('question'),
	),
	searchEvaluations: search((gc) => gc.evaluations, describeEvaluation),
	searchImages: search(
		(gc) => gc.images,
		(entity) => ({ name: text(entity, 'name') || text(entity, 'pk'), value: text(entity, 'pk') }),
	),
	searchJobs: search(
		(gc) => gc.jobs,
		(entity) => ({ name: jobName(entity), value: text(entity, 'pk'), url: page(entity) }),
	),
	searchQuestions: search(
		(gc) => gc.questions,
		(entity) => ({ name: `${safeText(entity, 'question_text')} (${text(entity, 'answer_type')})`, value: text(entity, 'pk') }),
		ofChosenStudy('displaySet'),
	),
	searchReaderStudies: search(
		(gc) => gc.readerStudies,
		(entity) => ({ name: titled(entity), value: text(entity, 'slug'), url: page(entity) }),
	),
	searchSockets: search(
		(gc) => gc.sockets,
		(entity) => ({ name: `${titled(entity)} (${text(entity, 'kind')})`, value: text(entity, 'slug') }),
	),
	searchUploads: search(
		(gc) => gc.uploads,
		(entity) => ({ name: `${text(entity, 'filename')} (${text(entity, 'status')})`, value: text(entity, 'pk') }),
	),
	searchUploadSessions: search((gc) => gc.uploadSessions, statusAndPk),
	searchViewers: search(
		(gc) => gc.viewers,
		(entity) => ({ name: titled(entity), value: text(entity, 'slug'), url: page(entity) }),
	),
	searchViewerConfigurations: search(
		(gc) => gc.viewerConfigurations,
		(entity) => ({ name: titled(entity), value: text(entity, 'pk') }),
	),
	searchViewerSessions: search((gc) => gc.viewerSessions, statusAndPk),
};
