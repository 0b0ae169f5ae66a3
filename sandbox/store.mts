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
	creator: number;
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
	jobs: Map<string, Job>;
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
	jobs: new Map(),
	postProcessing: new Map(),
	names: new Map(),
});

/** The elements of a map for which the test holds. */
export const filterMap = <T,>(map: Map<string, T>, test: (item: T) => boolean): T[] => [...map.values()].filter(test);
