/**
 * What the client knows of each resource: reading a list or one object is the same everywhere.
 * @see the API sheet, sections 4, 7 and 8
 */
export interface Resource {
	/** In words, for messages. */
	singular: string;
	plural: string;
	/** Below `/api/v1/`, with the trailing slash. */
	path: string;
	/** Challenges are addressed by their slug. */
	pk: 'uuid' | 'integer' | 'slug';
	/** Whether `?slug=` finds one; objects without are addressed by pk only. */
	slug: boolean;
	/** Takes the identifier (pk or slug) out of the path of a page of the site. */
	page?: RegExp;
	/** Path of the pages on which access is requested, to which the slug is added. */
	site?: string;
	/** Whether its page is a site of its own below the platform's, named by the slug. */
	subdomain?: true;
	/** Whether there are installations that do not have it yet. */
	recent?: true;
}

const uuid = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';

export const ALGORITHM: Resource = {
	singular: 'algorithm',
	plural: 'algorithms',
	path: 'algorithms/',
	pk: 'uuid',
	slug: true,
	site: '/algorithms/',
	page: /^\/algorithms\/(?!images\/|jobs\/)([^/]+)/,
};

export const ALGORITHM_ENDPOINT: Resource = {
	singular: 'algorithm endpoint',
	plural: 'algorithm endpoints',
	path: 'algorithms/endpoints/',
	pk: 'uuid',
	slug: false,
	recent: true,
};

export const ALGORITHM_INVOCATION: Resource = {
	singular: 'algorithm invocation',
	plural: 'algorithm invocations',
	path: 'algorithms/invocations/',
	pk: 'uuid',
	slug: false,
	recent: true,
};

export const ALGORITHM_JOB: Resource = {
	singular: 'algorithm job',
	plural: 'algorithm jobs',
	path: 'algorithms/jobs/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`^/algorithms/[^/]+/jobs/(${uuid})`, 'i'),
};

export const ARCHIVE: Resource = {
	singular: 'archive',
	plural: 'archives',
	path: 'archives/',
	pk: 'uuid',
	slug: true,
	site: '/archives/',
	page: /^\/archives\/(?!items\/)([^/]+)/,
};

export const ARCHIVE_ITEM: Resource = {
	singular: 'archive item',
	plural: 'archive items',
	path: 'archives/items/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`^/archives/[^/]+/items/(${uuid})`, 'i'),
};

export const IMAGE: Resource = {
	singular: 'image',
	plural: 'images',
	path: 'cases/images/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`^/cases/images/(${uuid})`, 'i'),
};

export const SOCKET: Resource = {
	singular: 'socket',
	plural: 'sockets',
	path: 'components/interfaces/',
	pk: 'integer',
	slug: true,
	page: /^\/components\/(?:interfaces|sockets)\/(?:[^/]+\/)*([^/]+)\/?$/,
};

export const CONTAINER_IMAGE: Resource = {
	singular: 'container image',
	plural: 'container images',
	path: 'algorithms/images/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`^/algorithms/[^/]+/images/(${uuid})`, 'i'),
};

export const READER_STUDY: Resource = {
	singular: 'reader study',
	plural: 'reader studies',
	path: 'reader-studies/',
	pk: 'uuid',
	slug: true,
	site: '/reader-studies/',
	page: /^\/reader-studies\/(?!answers\/|questions\/|display-sets\/)([^/]+)/,
};

export const QUESTION: Resource = {
	singular: 'question',
	plural: 'questions',
	path: 'reader-studies/questions/',
	pk: 'uuid',
	slug: false,
};

export const DISPLAY_SET: Resource = {
	singular: 'display set',
	plural: 'display sets',
	path: 'reader-studies/display-sets/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`^/reader-studies/[^/]+/display-sets/(${uuid})`, 'i'),
};

export const ANSWER: Resource = {
	singular: 'answer',
	plural: 'answers',
	path: 'reader-studies/answers/',
	pk: 'uuid',
	slug: false,
};

/** The answers of the account itself, without the ground truth that it has given. */
export const OWN_ANSWER: Resource = { ...ANSWER, path: `${ANSWER.path}mine/` };

export const CHALLENGE: Resource = {
	singular: 'challenge',
	plural: 'challenges',
	path: 'challenges/',
	pk: 'slug',
	slug: false,
	subdomain: true,
};

export const EVALUATION: Resource = {
	singular: 'evaluation',
	plural: 'evaluations',
	path: 'evaluations/',
	pk: 'uuid',
	slug: false,
	page: new RegExp(`/evaluation/(?:[^/]+/)*(${uuid})`, 'i'),
	subdomain: true,
};

export const UPLOAD: Resource = {
	singular: 'upload',
	plural: 'uploads',
	path: 'uploads/',
	pk: 'uuid',
	slug: false,
};

export const VIEWER: Resource = {
	singular: 'viewer',
	plural: 'viewers',
	path: 'workstations/',
	pk: 'uuid',
	slug: true,
	page: /^\/viewers\/([^/]+)/,
};

export const VIEWER_CONFIGURATION: Resource = {
	singular: 'viewer configuration',
	plural: 'viewer configurations',
	path: 'workstations/configs/',
	pk: 'uuid',
	slug: false,
};

export const VIEWER_SESSION: Resource = {
	singular: 'viewer session',
	plural: 'viewer sessions',
	path: 'workstations/sessions/',
	pk: 'uuid',
	slug: false,
};

export const UPLOAD_SESSION: Resource = {
	singular: 'upload session',
	plural: 'upload sessions',
	path: 'cases/upload-sessions/',
	pk: 'uuid',
	slug: false,
};
