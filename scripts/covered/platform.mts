// What the platform can be asked, and the operation of the node that asks it, or why there is none. Which operation really makes which
// request is measured, not taken from here.
import { resources } from '../../test/sandbox/contract/resources.mts';

/** A request that the platform knows. */
export interface Request {
	method: string;
	/** Below the API, or where it goes instead; `<pk>` for what differs. */
	path: string;
	/** A query parameter. */
	query?: string;
	/** The operation ("resource.operation") that makes it. */
	by?: string;
	/** Why there is none. */
	why?: string;
	/** The resource of which the contract test asserts that the platform refuses it. */
	refusedBy?: string;
}

/** What our node calls the resources of the API, and which of its operations write them. */
const nodes: Record<string, { resource?: string; writes?: Partial<Record<Method, string>>; filters?: Record<string, string>; why?: string }> = {
	'algorithms/': { resource: 'algorithm', filters: { slug: 'algorithm.get' } },
	'algorithms/images/': { resource: 'containerImage' },
	'algorithms/jobs/': { resource: 'algorithmJob', writes: { POST: 'algorithmJob.start' } },
	'algorithms/endpoints/': { resource: 'algorithmEndpoint' },
	'algorithms/invocations/': { resource: 'algorithmInvocation' },
	'archives/': { resource: 'archive', filters: { slug: 'archive.get' } },
	'archives/items/': { resource: 'archiveItem', writes: { POST: 'archiveItem.create', PUT: 'archiveItem.replace', PATCH: 'archiveItem.update' } },
	'cases/images/': { resource: 'image' },
	'cases/upload-sessions/': { resource: 'uploadSession', writes: { POST: 'uploadSession.create' } },
	'challenges/': { resource: 'challenge' },
	'components/interfaces/': { resource: 'socket', filters: { slug: 'socket.get' } },
	'evaluations/': { resource: 'evaluation' },
	'notifications/': {
		why: 'Tells only whether there is something unread: no pk, no text, no time, no link, so that nothing can be done with it',
	},
	'reader-studies/': { resource: 'readerStudy', filters: { slug: 'readerStudy.get' } },
	'reader-studies/answers/': { resource: 'answer', writes: { POST: 'answer.create', PATCH: 'answer.update' } },
	'reader-studies/answers/mine/': { resource: 'answer' },
	'reader-studies/questions/': { resource: 'question' },
	'reader-studies/display-sets/': { resource: 'displaySet', writes: { POST: 'displaySet.create', PUT: 'displaySet.replace', PATCH: 'displaySet.update' } },
	'subscriptions/': { why: 'Does not tell what is subscribed to. The HTTP Request node with the credential does it where the pk is known' },
	'uploads/': { resource: 'upload', writes: { POST: 'upload.create' } },
	'workstations/': { resource: 'viewer', filters: { slug: 'viewer.get' } },
	'workstations/configs/': { resource: 'viewerConfiguration' },
	'workstations/feedback/': { why: 'What people write about the viewer while they are in it' },
	'workstations/sessions/': { resource: 'viewerSession' },
};

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];

const KEPT = 'For accounts with a permission of their own, and known from gcapi only: n8n’s Custom API Call and HTTP Request do it with the credential';
const NEVER_PUT = 'The platform refuses every PUT: it wants fields that cannot be changed';

const requestsOf = ({ path, model, filters = {}, unsafe }: (typeof resources)[number]): Request[] => {
	const { resource, writes = {}, filters: ways = {}, why } = nodes[path] ?? {};
	const read = (operation: string) => (resource === undefined ? { why } : { by: `${resource}.${operation}` });
	const one = `${path}<pk>/`;
	return [
		{ method: 'GET', path, ...read('getMany') },
		...Object.keys(filters).map((query) => ({ method: 'GET', path, query, ...(ways[query] === undefined ? read('getMany') : { by: ways[query] }) })),
		...(model === undefined ? [] : [{ method: 'GET', path: one, ...read('get') }]),
		...methods.flatMap((method, i): Request[] => {
			const status = unsafe?.[i];
			if (status === undefined) return writes[method] === undefined ? [] : [{ method, path: method === 'POST' ? path : one, by: writes[method] }];
			const request = { method, path: method === 'POST' ? path : one };
			if (status !== 0) return [{ ...request, why: `The platform refuses it (${status})`, refusedBy: path }];
			if (method === 'POST' && path === 'algorithms/invocations/') return [{ ...request, why: KEPT }];
			if (method === 'PUT' && path === 'reader-studies/answers/') return [{ ...request, why: NEVER_PUT }];
			return [{ ...request, ...(writes[method] === undefined ? { why } : { by: writes[method] }) }];
		}),
	];
};

export const requests: Request[] = [
	...resources.flatMap(requestsOf),
	{ method: 'GET', path: 'archives/<pk>/patients/', why: 'Gone from the platform in December 2025' },
	{ method: 'GET', path: 'archives/<pk>/studies/', why: 'Gone from the platform in December 2025' },
	{ method: 'GET', path: 'cases/images/<pk>/dicom/instances/', by: 'image.download' },
	{ method: 'GET', path: 'cases/images/<pk>/dicom/frames/', why: 'Single frames for the viewer; Image: Download gets the whole instances' },
	{ method: 'GET', path: 'evaluations/claimable_evaluations/', by: 'evaluation.getClaimable' },
	{ method: 'GET', path: 'evaluations/claimable_evaluations/', query: 'submission__phase', why: 'Evaluation: Get Claimable finds those of a phase also by its page; it looks through the list' },
	{ method: 'PATCH', path: 'evaluations/<pk>/claim/', by: 'evaluation.claim' },
	{ method: 'PATCH', path: 'evaluations/<pk>/update_external_evaluation/', by: 'evaluation.report' },
	{ method: 'GET', path: 'gcapi/', why: 'Tells the Python client which versions of it are supported' },
	{ method: 'POST', path: 'github/', why: 'For GitHub, which signs it; not for people with a token' },
	{ method: 'GET', path: 'profiles/users/self/', by: 'account.get' },
	{ method: 'GET', path: 'reader-studies/<pk>/ground-truth/<pk>/', by: 'readerStudy.getGroundTruth' },
	{ method: 'GET', path: 'reader-studies/display-sets/', query: 'unanswered_by_user', by: 'displaySet.getMany' },
	{ method: 'GET', path: 'reader-studies/display-sets/', query: 'user', by: 'displaySet.getMany' },
	{ method: 'PUT', path: 'timezone/', why: 'Sets the time zone of a browser session; a token has none' },
	{ method: 'PATCH', path: 'uploads/<pk>/<id>/generate-presigned-urls/', by: 'upload.create' },
	{ method: 'GET', path: 'uploads/<pk>/<id>/list-parts/', by: 'upload.resume' },
	{ method: 'PATCH', path: 'uploads/<pk>/<id>/complete-multipart-upload/', by: 'upload.create' },
	{ method: 'PATCH', path: 'uploads/<pk>/<id>/abort-multipart-upload/', by: 'upload.abort' },
	{ method: 'PATCH', path: 'workstations/sessions/<pk>/keep_alive/', by: 'viewerSession.keepAlive' },
	{ method: 'POST', path: 'algorithms/endpoints/', why: KEPT },
	{ method: 'PATCH', path: 'algorithms/endpoints/<pk>/keep_alive/', why: KEPT },
	{ method: 'GET', path: '/media/images/<path>', by: 'image.download' },
	{ method: 'GET', path: '/media/components/<path>', by: 'archiveItem.download' },
	{ method: 'GET', path: '/media/docker/<path>', by: 'containerImage.download' },
	{ method: 'GET', path: '/media/models/<path>', by: 'containerImage.download' },
	{ method: 'GET', path: '/media/evaluation/<path>', why: 'The platform refuses a token for what was submitted to a challenge' },
	{ method: 'GET', path: '/media/evaluation-supplementary/<path>', why: 'The platform refuses a token for what was submitted to a challenge' },
	{ method: 'PUT', path: 'signed address of a part of an upload', by: 'upload.create' },
	{ method: 'GET', path: 'signed address of a file', by: 'image.download' },
	{ method: 'GET', path: 'signed address of a DICOM instance', by: 'image.download' },
].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

const origins = { upload: 'signed address of a part of an upload', download: 'signed address of a file', dicom: 'signed address of a DICOM instance' };

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('<path>', '.+').replaceAll(/<\w+>/g, '[^/]+')}$`);

/** The fewer parts of it differ, the better it fits. */
const paths = [...new Set(requests.map(({ path }) => path))]
	.map((path) => ({ path, pattern: patternOf(path), open: path.split('<').length }))
	.sort((a, b) => a.open - b.open);

/** The path, as it stands in the list, of what was asked for. @returns undefined where the list has none */
export const pathOf = (origin: 'api' | 'upload' | 'download' | 'dicom', path: string): string | undefined => {
	if (origin !== 'api') return origins[origin];
	const bare = path.replace(/\?.*$/, '').replace(/^\/api\/v1\//, '');
	return paths.find(({ pattern }) => pattern.test(bare))?.path;
};
