import type { AnswerType } from './answerTypes.mts';
import type { Json, JsonObject } from './json.mts';
import type { Kind } from './kinds.mts';

/** A person with a token. `id` is the platform's integer user id. */
export interface User {
	id: number;
	username: string;
	token: string;
	active: boolean;
	verified: boolean;
	profile: { institution: string; department: string; location: string; website: string };
	/** Credits spent, each with its time (ms). */
	spent: Array<{ at: number; credits: number }>;
	/** Holds the platform-wide permission to start endpoints. */
	mayAddEndpoint: boolean;
}

/** A component interface. */
export interface Socket {
	pk: number;
	slug: string;
	title: string;
	description: string;
	kind: Kind;
	superKind: 'Value' | 'File' | 'Image';
	relativePath: string;
	defaultValue: Json;
	overlaySegments: Array<{ name: string; voxel_value: number; visible: boolean }>;
	lookUpTable: JsonObject | null;
	/** The hidden extra schema of the socket. */
	schema?: JsonObject;
}

/** Bytes on disk. */
export interface StoredFile {
	path: string;
	name: string;
	size: number;
	md5: string;
	sha256: string;
	contentType: string;
	modified: number;
}

/** A component interface value: immutable. Exactly one of `value`, `file`, `image` is set. */
export interface SocketValue {
	pk: number;
	socket: Socket;
	value?: Json;
	file?: StoredFile;
	image?: string;
}

/** What holds at most one value per socket: an archive item, the inputs or outputs of a job, a display set. */
export interface ValueSet {
	values: number[];
}

export interface DicomInstance {
	sopInstanceUid: string;
	studyUid: string;
	seriesUid: string;
	frames: number;
	file: StoredFile;
}

export interface ImageFile {
	pk: string;
	type: 'MHD' | 'TIFF' | 'DZI';
	file: StoredFile;
}

/** A medical image. */
export interface Image {
	pk: string;
	name: string;
	created: number;
	/** The upload session it came from. */
	origin: string | null;
	files: ImageFile[];
	dicom: { imageSetId: string; instances: DicomInstance[] } | null;
	width: number | null;
	height: number | null;
	depth: number | null;
	timepoints: number | null;
	colorSpace: '' | 'GRAY' | 'RGB' | 'RGBA' | 'YCBCR';
	modality: string | null;
	voxelSizeMm: [number | null, number | null, number | null];
	window: [number | null, number | null];
	segments: number[] | null;
	/** The patient and study fields: shown in drift A only. */
	study: Partial<Record<StudyField, string>>;
}

export const studyFields = [
	'patient_id',
	'patient_name',
	'patient_birth_date',
	'patient_age',
	'patient_sex',
	'study_date',
	'study_instance_uid',
	'series_instance_uid',
	'study_description',
	'series_description',
] as const;
export type StudyField = (typeof studyFields)[number];

export interface Archive {
	pk: string;
	slug: string;
	title: string;
	description: string;
	public: boolean;
	editors: Set<number>;
	uploaders: Set<number>;
	users: Set<number>;
	created: number;
	/** Sockets the linked challenge phases take; null: not linked. */
	allowedSockets: string[] | null;
}

export interface ArchiveItem extends ValueSet {
	pk: string;
	archive: string;
	title: string;
	created: number;
}

export type UploadStatus = 'Pending' | 'Initialized' | 'Completed' | 'Aborted';

export interface UploadPart {
	number: number;
	etag: string;
	size: number;
	path: string;
	modified: number;
}

/** A multipart upload of a user. */
export interface Upload {
	pk: string;
	user: number;
	created: number;
	filename: string;
	s3UploadId: string;
	status: UploadStatus;
	/** Uploaded parts by number; after completion the parts of the object, in order. */
	parts: Map<number, UploadPart>;
}

export type SessionStatus = 'Queued' | 'Started' | 'Re-Queued' | 'Failed' | 'Succeeded' | 'Cancelled';

/** A raw image upload session. */
export interface UploadSession {
	pk: string;
	creator: number;
	created: number;
	status: SessionStatus;
	errorMessage: string;
	images: string[];
	uploads: string[];
}

/** One accepted combination of input sockets and its output sockets. */
export interface AlgorithmInterface {
	inputs: Socket[];
	outputs: Socket[];
}

export interface Algorithm {
	pk: string;
	slug: string;
	title: string;
	description: string;
	created: number;
	public: boolean;
	editors: Set<number>;
	users: Set<number>;
	interfaces: AlgorithmInterface[];
	/** Which of the implementations in results.mts computes the outputs. */
	implementation: string;
	/** Platform ms from POST to the end. */
	durationMs: number;
	/** Seconds; null: the mean of the succeeded jobs. */
	averageDuration: number | null;
	creditsPerJob: number;
}

/** A container image of an algorithm. */
export interface AlgorithmImage {
	pk: string;
	algorithm: string;
	created: number;
	importStatus: string;
	file: StoredFile | null;
	/** Users with the permission to download it. */
	downloaders: Set<number>;
	/** Whether it implements the invoke API, which endpoints need. */
	invokable: boolean;
}

/** The weights that go with a container image. */
export interface AlgorithmModel {
	pk: string;
	algorithm: string;
	created: number;
	importStatus: string;
	file: StoredFile;
	/** Users with the permission to download it. */
	downloaders: Set<number>;
}

export type JobStatus =
	| 'Queued'
	| 'Failed'
	| 'Succeeded'
	| 'Cancelled'
	| 'Provisioned'
	| 'Executing'
	| 'Executed'
	| 'Validating inputs';

export interface Job {
	pk: string;
	algorithm: string;
	algorithmImage: string;
	/** Null: the platform itself, for an evaluation. */
	creator: number | null;
	created: number;
	public: boolean;
	viewers: Set<number>;
	status: JobStatus;
	/** Index of the algorithm's interface it runs with. */
	interface: number;
	inputs: ValueSet;
	outputs: ValueSet;
	/** Inputs that are still being imported. */
	pendingInputs: number;
	execMs: number | null;
	invokeMs: number | null;
}

/** A container image that is kept running, so that invocations start at once. */
export interface Endpoint {
	pk: string;
	algorithm: string;
	algorithmImage: string;
	creator: number;
	viewers: Set<number>;
	created: number;
	status: 'Queued' | 'Started' | 'Running' | 'Stopped';
	/** When it stops, on the wall clock. */
	until: number;
}

/** One run on an endpoint. */
export interface Invocation {
	pk: string;
	endpoint: string;
	created: number;
	status: 'Queued' | 'Executing' | 'Succeeded' | 'Failed' | 'Cancelled';
	errorMessage: string;
	/** Index of the algorithm's interface it runs with. */
	interface: number;
	inputs: ValueSet;
	outputs: ValueSet;
	/** Inputs that are still being imported. */
	pendingInputs: number;
}

export interface ReaderStudy {
	pk: string;
	slug: string;
	title: string;
	description: string;
	/** HTML, as are the other texts. */
	helpText: string;
	endOfStudyText: string;
	created: number;
	public: boolean;
	editors: Set<number>;
	readers: Set<number>;
	isEducational: boolean;
	instantVerification: boolean;
	allowAnswerModification: boolean;
	/** Whether every reader gets the display sets in an order of his own. */
	shuffled: boolean;
	viewContent: JsonObject;
	/** HTML by image name: the descriptions of the display sets. */
	caseTexts: Record<string, string>;
}

export interface CategoricalOption {
	id: number;
	title: string;
	default: boolean;
}

export interface Question {
	pk: string;
	readerStudy: string;
	created: number;
	order: number;
	text: string;
	helpText: string;
	answerType: AnswerType;
	vertical: boolean;
	imagePort: string;
	annotationColor: string;
	required: boolean;
	options: CategoricalOption[];
	socket: Socket | null;
	overlaySegments: Socket['overlaySegments'];
	widget: string;
	minValue: number | null;
	maxValue: number | null;
	stepSize: number | null;
	minLength: number | null;
	maxLength: number | null;
	matchPattern: string;
	emptyAnswerConfirmation: boolean;
	emptyAnswerConfirmationLabel: string;
}

/** A case of a reader study. */
export interface DisplaySet extends ValueSet {
	pk: string;
	readerStudy: string;
	title: string;
	order: number;
	created: number;
}

export interface ReaderAnswer {
	pk: string;
	question: string;
	displaySet: string;
	creator: number;
	created: number;
	modified: number;
	answer: Json;
	/** The image of a mask. */
	image: string | null;
	lastEditMs: number | null;
	totalEditMs: number | null;
	isGroundTruth: boolean;
	/** Against the ground truth, 0 to 1; null without one. */
	score: number | null;
	explanation: string;
}

export interface Challenge {
	pk: number;
	/** The short name. */
	slug: string;
	title: string;
	description: string;
	public: boolean;
	status: 'OPEN' | 'OPEN_SOON' | 'CLOSED' | 'COMPLETED';
	submissionTypes: string[];
	startDate: number | null;
	endDate: number | null;
	publications: string[];
	incentives: string[];
	created: number;
	modified: number;
	admins: Set<number>;
	participants: Set<number>;
	/** May claim the evaluations of external phases. */
	externalEvaluators: Set<number>;
}

/** A part of a challenge with a leaderboard of its own. The API shows no phases, only evaluations name them. */
export interface Phase {
	pk: string;
	challenge: string;
	slug: string;
	title: string;
	public: boolean;
	/** Evaluated by external evaluators, not by the platform. */
	external: boolean;
	/** Whether everybody sees all metrics, not only those of the leaderboard. */
	displayAllMetrics: boolean;
	/** JSON path of the metric that ranks, and the order that puts the best first. */
	scorePath: string;
	lowerIsBetter: boolean;
	/** Paths of the other metrics of the leaderboard. */
	extraMetrics: string[];
}

export interface Submission {
	pk: string;
	creator: number;
	created: number;
	comment: string;
	predictionsFile: StoredFile | null;
	supplementaryUrl: string;
	algorithmImage: string | null;
	algorithmModel: string | null;
}

export type EvaluationStatus =
	| 'Queued'
	| 'Executing'
	| 'Succeeded'
	| 'Failed'
	| 'Cancelled'
	| 'External Execution In Progress';

/** The evaluation of a submission to a phase. */
export interface Evaluation {
	pk: string;
	phase: string;
	submission: Submission;
	/** The evaluation container; null for external ones. */
	method: string | null;
	created: number;
	published: boolean;
	status: EvaluationStatus;
	outputs: ValueSet;
	/** 0: not ranked. */
	rank: number;
	rankScore: number;
	rankPerMetric: Record<string, number>;
	execMs: number | null;
	invokeMs: number | null;
	/** Never cleared. */
	claimedBy: number | null;
	errorMessage: string;
}

export interface Notification {
	pk: string;
	user: number;
	read: boolean;
}

/** A subscription. */
export interface Follow {
	pk: number;
	user: number;
	flag: string;
}

/** A viewer. */
export interface Workstation {
	pk: string;
	slug: string;
	title: string;
	created: number;
	public: boolean;
	editors: Set<number>;
	users: Set<number>;
}

export interface WorkstationConfig {
	pk: string;
	slug: string;
	title: string;
	description: string;
	created: number;
	modified: number;
	creator: number;
	/** Whatever is not the default. */
	settings: JsonObject;
}

export interface ViewerSession {
	pk: string;
	creator: number;
	created: number;
	status: 'Queued' | 'Started' | 'Running' | 'Failed' | 'Stopped';
}

export interface Feedback {
	pk: string;
	session: string;
	/** Name of the image file. */
	screenshot: string | null;
	comment: string;
	context: Json;
}

/** Everything the platform has on record. Maps keep the order of creation. */
export interface Store {
	users: User[];
	sockets: Socket[];
	values: Map<number, SocketValue>;
	nextValue: number;
	images: Map<string, Image>;
	archives: Map<string, Archive>;
	items: Map<string, ArchiveItem>;
	uploads: Map<string, Upload>;
	sessions: Map<string, UploadSession>;
	algorithms: Map<string, Algorithm>;
	algorithmImages: Map<string, AlgorithmImage>;
	algorithmModels: Map<string, AlgorithmModel>;
	jobs: Map<string, Job>;
	endpoints: Map<string, Endpoint>;
	invocations: Map<string, Invocation>;
	readerStudies: Map<string, ReaderStudy>;
	questions: Map<string, Question>;
	displaySets: Map<string, DisplaySet>;
	answers: Map<string, ReaderAnswer>;
	/** By slug. */
	challenges: Map<string, Challenge>;
	phases: Map<string, Phase>;
	evaluations: Map<string, Evaluation>;
	notifications: Map<string, Notification>;
	/** By the text of their pk. */
	follows: Map<string, Follow>;
	workstations: Map<string, Workstation>;
	workstationConfigs: Map<string, WorkstationConfig>;
	viewerSessions: Map<string, ViewerSession>;
	feedback: Map<string, Feedback>;
	/** Unfinished TIFF post-processing tasks per user id. */
	postProcessing: Map<number, number>;
	/** Friendly names of seeded objects, for `GET /state`. */
	names: Map<string, string>;
}

/** An empty platform. */
export const createStore = (): Store => ({
	users: [],
	sockets: [],
	values: new Map(),
	// Value pks look like those of a platform with millions of values.
	nextValue: 3_400_001,
	images: new Map(),
	archives: new Map(),
	items: new Map(),
	uploads: new Map(),
	sessions: new Map(),
	algorithms: new Map(),
	algorithmImages: new Map(),
	algorithmModels: new Map(),
	jobs: new Map(),
	endpoints: new Map(),
	invocations: new Map(),
	readerStudies: new Map(),
	questions: new Map(),
	displaySets: new Map(),
	answers: new Map(),
	challenges: new Map(),
	phases: new Map(),
	evaluations: new Map(),
	notifications: new Map(),
	follows: new Map(),
	workstations: new Map(),
	workstationConfigs: new Map(),
	viewerSessions: new Map(),
	feedback: new Map(),
	postProcessing: new Map(),
	names: new Map(),
});

/** The elements of a map for which the test holds. */
export const filterMap = <T,>(map: Map<string, T>, test: (item: T) => boolean): T[] => [...map.values()].filter(test);
