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
	pk: 'uuid' | 'integer';
	/** Whether `?slug=` finds one; objects without are addressed by pk only. */
	slug: boolean;
	/** Takes the identifier (pk or slug) out of the path of a page of the site. */
	page?: RegExp;
}

const uuid = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';

export const ALGORITHM: Resource = {
	singular: 'algorithm',
	plural: 'algorithms',
	path: 'algorithms/',
	pk: 'uuid',
	slug: true,
	page: /^\/algorithms\/(?!images\/|jobs\/)([^/]+)/,
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

export const READER_STUDY: Resource = {
	singular: 'reader study',
	plural: 'reader studies',
	path: 'reader-studies/',
	pk: 'uuid',
	slug: true,
	page: /^\/reader-studies\/([^/]+)/,
};

export const UPLOAD_SESSION: Resource = {
	singular: 'upload session',
	plural: 'upload sessions',
	path: 'cases/upload-sessions/',
	pk: 'uuid',
	slug: false,
};
