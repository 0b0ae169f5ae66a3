// What the API sheet states of each resource: the matrix of section 7, the filters and orders of section 4, the permissions of
// section 3 and the shapes of sections 8, 9 and 11, for the server of December 2025. Written from the sheet, not from the sandbox.
import type { SandboxState } from '../../../sandbox/client.mts';
import { isObject } from '../../../sandbox/json.mts';
import type { Drift } from '../../../sandbox/settings.mts';
import {
	any,
	bool,
	clockDuration,
	dateTime,
	decimal,
	exactly,
	int,
	isoDuration,
	link,
	listOf,
	mapOf,
	media,
	nothing,
	nullable,
	number,
	object,
	objectWith,
	oneOf,
	text,
	url,
	uuid,
	type Shape,
} from './shape.mts';

/** How a filter takes its values: one pk, several, a text, true or false, one of a set of words. */
export type Filter = 'pk' | 'pks' | 'text' | 'boolean';

export interface Resource {
	/** Below `/api/v1/`. */
	path: string;
	/** The class name in "No … matches the given query."; absent: nothing is addressed by pk. */
	model?: string;
	pk?: 'uuid' | 'integer' | 'slug';
	/** An object that `main` may see. */
	sample?: (state: Sample) => string | number;
	/** Whether the sample is visible without a token. */
	public?: true;
	/** Whether reading needs a token. */
	auth?: true;
	shape: Shape;
	filters?: Record<string, Filter>;
	/** A field by which the list is in order; a minus: the largest first. Absent: it has no order, or none that it shows. */
	order?: string;
	/** Whether the list comes in another order each time. */
	unordered?: true;
	csv?: true;
	/** What is answered to POST on the list, to PUT, PATCH and DELETE on one; 0: there is such a thing. */
	unsafe?: [post: number, put: number, patch: number, remove: number];
	since?: Drift;
}

/** The seed, and what the test has made besides. */
export type Sample = SandboxState & { made: Record<'job' | 'session' | 'upload' | 'endpoint' | 'invocation', string> };

const pkOf = (named: { pk: string } | undefined): string => {
	if (named === undefined) throw new Error('The seed has no such thing');
	return named.pk;
};

// 8.8
const lookUpTable = object({
	pk: int,
	slug: text,
	title: text,
	description: text,
	...Object.fromEntries(['color', 'alpha', 'color_invert', 'alpha_invert'].map((key) => [key, text])),
	range_min: number,
	range_max: number,
	relative: bool,
	color_interpolation: text,
	color_interpolation_invert: text,
});
const overlaySegments = listOf(object({ name: text, voxel_value: int, visible: bool }));
const socket = object({
	title: text,
	description: text,
	slug: text,
	kind: text,
	pk: int,
	default_value: any,
	super_kind: oneOf('Image', 'File', 'Value'),
	relative_path: text,
	overlay_segments: overlaySegments,
	look_up_table: nullable(lookUpTable),
});

const image = link('cases/images');
const socketFile = media('components/componentinterfacevalue');

/** 8.9: exactly one of value, file and image is set, by the kind of the socket; 0.1: newer servers show the socket twice. */
const valueWith =
	(shownImage: Shape): Shape =>
	(value, at) => {
		const fields = { interface: socket, 'socket?': socket, value: any, file: nullable(socketFile), image: nullable(shownImage), pk: int };
		const wrong = object(fields)(value, at);
		if (wrong.length > 0 || !isObject(value) || !isObject(value['interface'])) return wrong;
		const kind = String(value['interface']['super_kind']).toLowerCase();
		const set = ['value', 'file', 'image'].filter((source) => value[source] !== null);
		const twin = value['socket'] ?? value['interface'];
		return [
			...(set.join() === kind ? [] : [`${at} of kind ${kind} has ${set.join(', ')}`]),
			...(JSON.stringify(twin) === JSON.stringify(value['interface']) ? [] : [`${at}.socket is not the same as interface`]),
		];
	};
const socketValue = valueWith(image);
// In evaluations (8.10).
const evaluationOutput = valueWith(object({ pk: uuid, name: text }));

/** 9.2 */
export const postedValue = object({ interface: text, value: any, file: nullable(socketFile), image: nullable(image), pk: int, image_name: nothing });

const hangingProtocol = object({ json: any, title: text, pk: uuid, svg_icon: text });
const layout = { hanging_protocol: nullable(hangingProtocol), optional_hanging_protocols: listOf(hangingProtocol), view_content: mapOf(any) };

const itemBase = { pk: uuid, title: text, archive: link('archives'), ...layout };
const displaySetBase = { pk: uuid, order: int, api_url: link('reader-studies/display-sets'), description: text, index: nullable(int), ...layout };

/** The write shapes of 8.4 and 8.14. */
export const postedItem = object({ ...itemBase, values: listOf(postedValue) });
export const postedDisplaySet = object({ ...displaySetBase, title: text, 'title_safe?': text, reader_study: text, values: listOf(postedValue) });
/** 8.3 */
export const postedJob = object({ pk: uuid, inputs: listOf(postedValue), status: exactly('Validating inputs') });

const containerImage = object({
	pk: uuid,
	url,
	api_url: link('algorithms/images'),
	algorithm: link('algorithms'),
	created: dateTime,
	import_status: oneOf('Initialized', 'Queued', 'Re-Queued', 'Started', 'Cancelled', 'Failed', 'Completed'),
	image: nullable(media('docker')),
});

const runStatus = oneOf(
	...['Queued', 'Started', 'Re-Queued', 'Failed', 'Succeeded', 'Cancelled', 'Provisioning', 'Provisioned', 'Executing', 'Executed'],
	...['Parsing Outputs', 'Executing Algorithm', 'External Execution In Progress', 'Validating inputs'],
);

const evaluation = {
	pk: uuid,
	method: nullable(uuid),
	submission: object({
		pk: uuid,
		phase: object({ challenge: object({ title: text, short_name: text }), title: text, slug: text }),
		created: dateTime,
		creator: object({ username: text }),
		comment: text,
		predictions_file: nullable(media('evaluation')),
		supplementary_file: nullable(media('evaluation-supplementary')),
		supplementary_url: text,
		algorithm_image: nullable(link('algorithms/images')),
	}),
	created: dateTime,
	published: bool,
	outputs: listOf(evaluationOutput),
	rank: int,
	rank_score: number,
	rank_per_metric: mapOf(any),
	status: runStatus,
	title: text,
	exec_duration: nullable(isoDuration),
	invoke_duration: nullable(isoDuration),
};
export const externalEvaluation = object({
	...evaluation,
	algorithm_model: nullable(object({ pk: uuid, algorithm: link('algorithms'), created: dateTime, import_status: text, model: media('models') })),
	algorithm_image: containerImage,
	claimed_by: nullable(int),
	phase_pk: uuid,
});

export const answer = object({
	answer: any,
	api_url: link('reader-studies/answers'),
	created: dateTime,
	creator: text,
	display_set: nullable(link('reader-studies/display-sets')),
	pk: uuid,
	question: link('reader-studies/questions'),
	modified: dateTime,
	answer_image: nullable(image),
	last_edit_duration: nullable(clockDuration),
	total_edit_duration: nullable(clockDuration),
	is_ground_truth: bool,
});
const answerFilters = { creator: 'text', question__reader_study: 'pk', display_set: 'pk', is_ground_truth: 'boolean' } as const;

const imagePorts = ['Main', 'Secondary', 'Tertiary', 'Quaternary', 'Quinary', 'Senary', 'Septenary', 'Octonary', 'Nonary', 'Denary'];
const question = object({
	answer_type: text,
	api_url: link('reader-studies/questions'),
	form_direction: oneOf('Horizontal', 'Vertical'),
	help_text: text,
	help_text_safe: text,
	image_port: oneOf('', ...imagePorts),
	default_annotation_color: text,
	pk: uuid,
	question_text: text,
	question_text_safe: text,
	reader_study: link('reader-studies'),
	required: bool,
	options: listOf(object({ id: int, title: text, default: bool })),
	interface: nullable(socket),
	overlay_segments: overlaySegments,
	look_up_table: nullable(lookUpTable),
	widget: oneOf(
		...['', 'Accept/Reject Findings', 'Number Input', 'Number Range', 'Text Input', 'Text Area'],
		...['Select Multiple', 'Checkbox Select Multiple', 'Select', 'Radio Select'],
	),
	answer_min_value: nullable(int),
	answer_max_value: nullable(int),
	answer_step_size: nullable(decimal),
	answer_min_length: nullable(int),
	answer_max_length: nullable(int),
	answer_match_pattern: text,
	empty_answer_confirmation: bool,
	empty_answer_confirmation_label: text,
	empty_answer_confirmation_label_safe: text,
	interactive_algorithms: listOf(text),
});

/** 8.6 */
export const uploadSession = object({
	pk: uuid,
	creator: nullable(int),
	status: oneOf('Queued', 'Started', 'Re-Queued', 'Failed', 'Succeeded', 'Cancelled'),
	error_message: text,
	image_set: listOf(image),
	api_url: link('cases/upload-sessions'),
	user_uploads: listOf(uuid),
	uploads: listOf(link('uploads')),
});

const uploadFields = {
	pk: uuid,
	created: dateTime,
	filename: text,
	key: text,
	s3_upload_id: text,
	status: oneOf('Pending', 'Initialized', 'Completed', 'Aborted'),
	api_url: link('uploads'),
};
/** 11 */
export const upload = object(uploadFields);
export const signedUpload = object({ ...uploadFields, presigned_urls: mapOf(url) });
export const uploadWithParts = object({ ...uploadFields, parts: listOf(object({ ETag: text, PartNumber: int, LastModified: dateTime, Size: int })) });

/** 8.16 */
export const feedback = object({ session: link('workstations/sessions'), screenshot: nullable(url), user_comment: text, context: any });

const patient = [
	'patient_id',
	'patient_name',
	'patient_age',
	'patient_sex',
	'study_instance_uid',
	'series_instance_uid',
	'study_description',
	'series_description',
];

export const resources: Resource[] = [
	{
		path: 'algorithms/',
		model: 'Algorithm',
		pk: 'uuid',
		sample: ({ algorithms }) => pkOf(algorithms.threshold),
		public: true,
		shape: object({
			api_url: link('algorithms'),
			url,
			description: text,
			pk: uuid,
			title: text,
			slug: text,
			logo: nullable(url),
			average_duration: nullable(number),
			interfaces: listOf(object({ inputs: listOf(socket), outputs: listOf(socket) })),
		}),
		filters: { slug: 'text' },
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'algorithms/images/',
		model: 'AlgorithmImage',
		pk: 'uuid',
		sample: ({ algorithmImages }) => pkOf(algorithmImages.threshold),
		shape: containerImage,
		filters: { algorithm: 'pk' },
		order: 'created',
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'algorithms/jobs/',
		model: 'Job',
		pk: 'uuid',
		sample: ({ made }) => made.job,
		shape: object({
			pk: uuid,
			url,
			api_url: link('algorithms/jobs'),
			algorithm_image: link('algorithms/images'),
			algorithm: link('algorithms'),
			inputs: listOf(socketValue),
			outputs: listOf(socketValue),
			status: runStatus,
			...layout,
			exec_duration: nullable(isoDuration),
			invoke_duration: nullable(isoDuration),
		}),
		filters: { algorithm_image__algorithm: 'pk', input_image: 'pks', output_image: 'pks' },
		unsafe: [0, 403, 403, 403],
	},
	{
		path: 'algorithms/endpoints/',
		model: 'Endpoint',
		pk: 'uuid',
		sample: ({ made }) => made.endpoint,
		// 0.1 tells these keys and does not say that they are all.
		shape: objectWith({ pk: uuid, algorithm: link('algorithms'), status: text, remaining_lifetime: any }),
		filters: { algorithm: 'pk', status: 'text' },
		since: 'C',
	},
	{
		path: 'algorithms/invocations/',
		model: 'Invocation',
		pk: 'uuid',
		sample: ({ made }) => made.invocation,
		shape: objectWith({ pk: uuid, endpoint: any, inputs: any, status: text }),
		filters: { status: 'text' },
		unsafe: [0, 403, 403, 403],
		since: 'C',
	},
	{
		path: 'archives/',
		model: 'Archive',
		pk: 'uuid',
		sample: ({ archives }) => pkOf(archives.public),
		public: true,
		shape: object({ pk: uuid, title: text, logo: nullable(url), description: text, api_url: link('archives'), url }),
		filters: { slug: 'text' },
		csv: true,
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'archives/items/',
		model: 'ArchiveItem',
		pk: 'uuid',
		sample: ({ items }) => pkOf(items.lung1),
		shape: object({ ...itemBase, values: listOf(socketValue) }),
		filters: { archive: 'pk' },
		unordered: true,
		unsafe: [0, 0, 0, 403],
	},
	{
		path: 'cases/images/',
		model: 'Image',
		pk: 'uuid',
		sample: ({ images }) => pkOf(images.lung1),
		shape: object({
			pk: uuid,
			api_url: image,
			name: text,
			files: listOf(object({ pk: uuid, image: uuid, file: media('images'), image_type: oneOf('MHD', 'TIFF', 'DZI') })),
			dicom_image_set: nullable(object({ image_set_id: text })),
			width: nullable(int),
			height: nullable(int),
			depth: nullable(int),
			color_space: oneOf('', 'GRAY', 'RGB', 'RGBA', 'YCBCR'),
			modality: nullable(object({ modality: text })),
			eye_choice: oneOf('OD', 'OS', 'U', 'NA'),
			stereoscopic_choice: oneOf('L', 'R', 'U', null),
			field_of_view: oneOf('F1M', 'F2', 'F3M', 'F4', 'F5', 'F6', 'F7', 'U', null),
			shape_without_color: listOf(nullable(int)),
			'shape?': listOf(nullable(int)),
			voxel_width_mm: nullable(number),
			voxel_height_mm: nullable(number),
			voxel_depth_mm: nullable(number),
			window_center: nullable(number),
			window_width: nullable(number),
			segments: nullable(listOf(int)),
			// 0.1: dead since December 2025.
			...Object.fromEntries(patient.map((key) => [key, exactly('')])),
			patient_birth_date: nothing,
			study_date: nothing,
		}),
		filters: { origin: 'pks', archive: 'pks', reader_study: 'pks', job_input: 'pks', job_output: 'pks', name: 'text' },
		order: 'name',
		csv: true,
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'cases/upload-sessions/',
		model: 'RawImageUploadSession',
		pk: 'uuid',
		sample: ({ made }) => made.session,
		shape: uploadSession,
		unordered: true,
		unsafe: [0, 405, 405, 403],
	},
	{
		path: 'challenges/',
		model: 'Challenge',
		pk: 'slug',
		sample: () => 'nodules26',
		public: true,
		shape: object({
			api_url: link('challenges'),
			url,
			slug: text,
			title: text,
			description: text,
			public: bool,
			status: oneOf('OPEN', 'OPEN_SOON', 'CLOSED', 'COMPLETED'),
			logo: nullable(url),
			submission_types: listOf(oneOf('Predictions', 'Algorithm')),
			start_date: nullable(dateTime),
			end_date: nullable(dateTime),
			publications: listOf(text),
			created: dateTime,
			modified: dateTime,
			incentives: listOf(text),
		}),
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'components/interfaces/',
		model: 'ComponentInterface',
		pk: 'integer',
		sample: ({ sockets }) => sockets['ct-image']?.pk ?? 0,
		auth: true,
		shape: socket,
		filters: { slug: 'text' },
		order: 'pk',
		unsafe: [405, 405, 405, 405],
	},
	{
		path: 'evaluations/',
		model: 'Evaluation',
		pk: 'uuid',
		sample: ({ evaluations }) => pkOf(evaluations.main),
		public: true,
		shape: object(evaluation),
		filters: { submission__phase: 'pk' },
		order: '-created',
		csv: true,
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'notifications/',
		model: 'Notification',
		pk: 'uuid',
		sample: ({ notifications }) => pkOf(notifications.read),
		shape: object({ read: bool }),
		unordered: true,
		unsafe: [403, 0, 0, 0],
	},
	{
		path: 'reader-studies/',
		model: 'ReaderStudy',
		pk: 'uuid',
		sample: ({ readerStudies }) => pkOf(readerStudies.public),
		public: true,
		shape: object({
			api_url: link('reader-studies'),
			url,
			slug: text,
			logo: nullable(url),
			description: text,
			help_text: text,
			help_text_safe: text,
			pk: uuid,
			questions: listOf(question),
			title: text,
			title_safe: text,
			is_educational: bool,
			instant_verification: bool,
			has_ground_truth: bool,
			allow_answer_modification: bool,
			enable_autosaving: bool,
			allow_case_navigation: bool,
			allow_show_all_annotations: bool,
			roll_over_answers_for_n_cases: int,
			end_of_study_text_safe: text,
		}),
		filters: { slug: 'text' },
		csv: true,
		unsafe: [403, 405, 405, 403],
	},
	{
		path: 'reader-studies/answers/',
		model: 'Answer',
		pk: 'uuid',
		sample: ({ answers }) => pkOf(answers.readerMask1),
		shape: answer,
		filters: answerFilters,
		order: 'created',
		csv: true,
		unsafe: [0, 0, 0, 403],
	},
	{
		path: 'reader-studies/answers/mine/',
		shape: answer,
		filters: answerFilters,
		order: 'created',
		csv: true,
	},
	{
		path: 'reader-studies/questions/',
		model: 'Question',
		pk: 'uuid',
		sample: ({ questions }) => pkOf(questions.present),
		shape: question,
		filters: { reader_study: 'pk' },
		csv: true,
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'reader-studies/display-sets/',
		model: 'DisplaySet',
		pk: 'uuid',
		sample: ({ displaySets }) => pkOf(displaySets.nodules1),
		shape: object({
			...displaySetBase,
			title: text,
			title_safe: text,
			reader_study: link('reader-studies'),
			values: listOf(socketValue),
		}),
		filters: { reader_study: 'pk' },
		order: 'order',
		csv: true,
		unsafe: [0, 0, 0, 405],
	},
	{
		path: 'subscriptions/',
		model: 'Follow',
		pk: 'integer',
		sample: ({ subscriptions }) => pkOf(subscriptions.jobs),
		shape: object({ pk: int, flag: text }),
		unsafe: [403, 0, 0, 0],
	},
	{
		path: 'uploads/',
		model: 'UserUpload',
		pk: 'uuid',
		sample: ({ made }) => made.upload,
		shape: upload,
		unordered: true,
		unsafe: [0, 405, 405, 403],
	},
	{
		path: 'workstations/',
		model: 'Workstation',
		pk: 'uuid',
		sample: ({ workstations }) => pkOf(workstations.main),
		public: true,
		shape: object({ pk: uuid, title: text, slug: text, url }),
		filters: { slug: 'text' },
		unsafe: [403, 403, 403, 403],
	},
	{
		path: 'workstations/configs/',
		model: 'WorkstationConfig',
		pk: 'uuid',
		sample: ({ workstationConfigs }) => pkOf(workstationConfigs.plain),
		auth: true,
		// The sheet names some of about 50 settings.
		shape: objectWith({
			pk: uuid,
			slug: text,
			title: text,
			description: text,
			created: dateTime,
			modified: dateTime,
			creator: text,
			image_context: text,
			window_presets: listOf(any),
			default_window_preset: any,
		}),
		order: 'created',
		unsafe: [405, 405, 405, 405],
	},
	{
		path: 'workstations/feedback/',
		model: 'Feedback',
		pk: 'uuid',
		shape: feedback,
		unsafe: [0, 403, 403, 403],
	},
	{
		path: 'workstations/sessions/',
		model: 'Session',
		pk: 'uuid',
		sample: ({ viewerSessions }) => pkOf(viewerSessions.running),
		shape: object({ pk: uuid, status: oneOf('Queued', 'Started', 'Running', 'Failed', 'Stopped') }),
		unsafe: [403, 405, 405, 403],
	},
];
