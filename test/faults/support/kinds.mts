// What a request is for, told from the outside: the columns of expectations.md.
import type { LoggedRequest } from '../../../sandbox/requestLog.mts';
import type { Case } from '../operations.mts';

const API = '/api/v1';
const PK = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const UUID = new RegExp(PK, 'g');

/** Method and path without what differs from run to run: "PATCH /uploads/<pk>/<id>/complete-multipart-upload/". */
export const shapeOf = ({ origin, method, path }: Pick<LoggedRequest, 'origin' | 'method' | 'path'>): string => {
	const [bare = ''] = path.split('?');
	if (origin !== 'api') return `${method} ${origin}`;
	if (bare.startsWith('/media/')) return `${method} media`;
	const shape = bare.slice(API.length).replaceAll(UUID, '<pk>').replace(/^(\/uploads\/<pk>\/)[^/]+\//, '$1<id>/');
	return `${method} ${shape}`;
};

/** Matches the requests of a shape, for the sandbox's faults. */
export const matchOf = (shape: string): { origin?: LoggedRequest['origin']; method: string; path?: string } => {
	const [method = '', target = ''] = shape.split(' ');
	if (target === 'upload' || target === 'download' || target === 'dicom') return { origin: target, method };
	if (target === 'media') return { origin: 'api', method, path: '^/media/' };
	const path = target.replaceAll('<pk>', PK).replaceAll('<id>', '[^/?]+');
	return { origin: 'api', method, path: `^${API}${path}(\\?|$)` };
};

/** Whether something other than nothing stands in the body under a key. */
const has = ({ body }: LoggedRequest, key: string): boolean => typeof body === 'object' && body !== null && key in body && Boolean(Reflect.get(body, key));

/** Whether an upload session says where its images go to. */
const hasTarget = (request: LoggedRequest): boolean => ['answer', 'archive', 'archive_item', 'display_set'].some((key) => has(request, key));

/** What leaves nothing behind that matters: an upload, or an upload session that goes nowhere yet. */
const isRegistration = (request: LoggedRequest, shape: string): boolean => shape === 'POST /uploads/' || (isSession(shape) && !hasTarget(request));

/** Whether a job is asked for that neither has an upload session, which is used once, nor only inputs that existed before, which are not run twice. */
const takesFilesOnly = ({ body }: LoggedRequest): boolean => {
	const asked = JSON.stringify(body);
	return asked.includes('"user_upload') && !asked.includes('"upload_session"');
};

const isSession = (shape: string): boolean => shape === 'POST /cases/upload-sessions/';

/** Whether requests of a kind are made only while something is waited for. */
export const whileWaiting = (kind: string): boolean => ['look', 'reason', 'hint'].includes(kind);

/** @param before how many requests of its shape came before in the run */
export const kindOf = (request: LoggedRequest, shape: string, { looks, byName }: Case, before: number): string => {
	const { origin, method, path } = request;
	if (origin !== 'api') return { upload: 'part', download: 'storage', dicom: 'dicom' }[origin];
	if ((shape === looks?.shape && before >= looks.after) || shape === looks?.also) return 'look';
	if (shape === looks?.reason) return 'reason';
	if (shape === looks?.hint) return 'hint';
	if (method === 'GET') return path.startsWith('/media/') ? 'media' : path.includes('limit=') ? 'list' : 'read';
	if (method === 'PUT') return 'write';
	if (method === 'PATCH') return shape.endsWith('/generate-presigned-urls/') ? 'sign' : shape.endsWith('/complete-multipart-upload/') ? 'complete' : has(request, 'last_edit_duration') ? 'create by name' : 'write';
	if (shape === 'POST /reader-studies/answers/') return 'create once';
	if (shape === 'POST /algorithms/jobs/') return takesFilesOnly(request) ? 'create by name' : 'create once';
	if (method === 'POST') return isRegistration(request, shape) ? 'register' : byName || isSession(shape) ? 'create by name' : 'create';
	throw new Error(`No expectations for ${method} ${path}`);
};

/** One kind of request that an operation makes, and how often it makes it when nothing fails. */
export interface Step {
	shape: string;
	kind: string;
	first: LoggedRequest;
	count: number;
	/** How many requests of this shape come before the first of this kind. */
	skip: number;
	/** How many requests of any kind to the API come before it. */
	calls: number;
}

/** The steps of a run in which nothing failed, in order. */
export const stepsOf = (requests: LoggedRequest[], of: Case): Step[] => {
	const steps = new Map<string, Step>();
	const seen = new Map<string, number>();
	let calls = 0;
	for (const request of requests) {
		const shape = shapeOf(request);
		const before = seen.get(shape) ?? 0;
		seen.set(shape, before + 1);
		const kind = kindOf(request, shape, of, before);
		const step = steps.get(`${kind} ${shape}`) ?? { shape, kind, first: request, count: 0, skip: before, calls };
		steps.set(`${kind} ${shape}`, { ...step, count: step.count + 1 });
		if (request.origin === 'api') calls++;
	}
	return [...steps.values()];
};
