// What the official client can do, and what does the same here.
import listed from '../../test/gcapi/methods.json' with { type: 'json' };

/** A method of the client: it makes these requests, or is what an operation does as a whole. */
export interface Method {
	/** e.g. "archives.detail" */
	name: string;
	/** As in the list of requests: "GET archives/<pk>/". */
	request?: string;
	operations?: string[];
	/** The recipe that does it, and has a twin. */
	page?: string;
	why?: string;
}

const paths: Record<string, string> = {
	algorithm_endpoints: 'algorithms/endpoints/',
	algorithm_images: 'algorithms/images/',
	algorithm_invocations: 'algorithms/invocations/',
	algorithm_jobs: 'algorithms/jobs/',
	algorithms: 'algorithms/',
	archive_items: 'archives/items/',
	archives: 'archives/',
	images: 'cases/images/',
	interfaces: 'components/interfaces/',
	raw_image_upload_sessions: 'cases/upload-sessions/',
	reader_studies: 'reader-studies/',
	'reader_studies.answers': 'reader-studies/answers/',
	'reader_studies.answers.mine': 'reader-studies/answers/mine/',
	'reader_studies.display_sets': 'reader-studies/display-sets/',
	'reader_studies.questions': 'reader-studies/questions/',
	sessions: 'workstations/sessions/',
	uploads: 'uploads/',
	workstation_configs: 'workstations/configs/',
};

const verbs: Record<string, (path: string) => string> = {
	create: (path) => `POST ${path}`,
	delete: (path) => `DELETE ${path}<pk>/`,
	detail: (path) => `GET ${path}<pk>/`,
	iterate_all: (path) => `GET ${path}`,
	list: (path) => `GET ${path}`,
	page: (path) => `GET ${path}`,
	partial_update: (path) => `PATCH ${path}<pk>/`,
	update: (path) => `PUT ${path}<pk>/`,
};

const MINE = 'The method is there, but the platform has only a list of one’s own answers; reader_studies.answers does it';
const UNKNOWN = 'The method is there; nothing is known of a platform that takes it';
const GONE = 'The client itself says that it is no longer supported';

const special: Record<string, Omit<Method, 'name'>> = {
	__call__: { why: 'Any request: n8n’s Custom API Call and HTTP Request do it with the credential' },
	add_case_to_archive: { operations: ['archiveItem.create'], page: 'usage/archive/create_archive_items' },
	add_case_to_reader_study: { operations: ['displaySet.create'], page: 'usage/reader_study/create_display_sets' },
	add_cases_to_archive: { why: GONE },
	add_cases_to_reader_study: { why: GONE },
	'algorithm_endpoints.keep_alive': { request: 'PATCH algorithms/endpoints/<pk>/keep_alive/' },
	'algorithm_jobs.by_input_image': { request: 'GET algorithms/jobs/?input_image' },
	download_socket_value: {
		operations: ['archiveItem.download', 'displaySet.download', 'algorithmJob.download', 'archive.download'],
		page: 'usage/archive/download_archive_items',
	},
	'images.download': { operations: ['image.download'], page: 'api/images' },
	invoke_algorithm_endpoint: { request: 'POST algorithms/invocations/' },
	'reader_studies.ground_truth': { request: 'GET reader-studies/<pk>/ground-truth/<pk>/' },
	run_external_job: { why: GONE },
	start_algorithm_job: { operations: ['algorithmJob.startAndWait', 'algorithmJob.start'], page: 'usage/algorithm/start_algorithm_jobs' },
	update_archive_item: { operations: ['archiveItem.update'], page: 'usage/archive/update_archive_items' },
	update_display_set: { operations: ['displaySet.update'], page: 'usage/reader_study/update_display_sets' },
	'uploads.abort_multipart_upload': { request: 'PATCH uploads/<pk>/<id>/abort-multipart-upload/' },
	'uploads.complete_multipart_upload': { request: 'PATCH uploads/<pk>/<id>/complete-multipart-upload/' },
	'uploads.generate_presigned_urls': { request: 'PATCH uploads/<pk>/<id>/generate-presigned-urls/' },
	'uploads.list_parts': { request: 'GET uploads/<pk>/<id>/list-parts/' },
	'uploads.upload_fileobj': { operations: ['upload.create'], page: 'api/uploads' },
	'uploads.upload_multiple_fileobj': { operations: ['upload.create'], page: 'api/uploads' },
};

const methodOf = (name: string): Method => {
	const known = special[name];
	if (known) return { name, ...known };
	const at = name.lastIndexOf('.');
	const [api, verb] = [name.slice(0, at), name.slice(at + 1)];
	if (api === 'reader_studies.answers.mine' && !['iterate_all', 'list', 'page'].includes(verb)) return { name, why: MINE };
	if (api === 'algorithm_endpoints' && ['delete', 'partial_update', 'update'].includes(verb)) return { name, why: UNKNOWN };
	const path = paths[api];
	const request = path === undefined ? undefined : verbs[verb]?.(path);
	return { name, ...(request === undefined ? {} : { request }) };
};

/** Every public method of the versions that the tests run with. */
export const methods: Method[] = [...listed.both, ...Object.values(listed.only).flat()].sort().map(methodOf);
