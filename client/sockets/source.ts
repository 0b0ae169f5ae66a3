import type { SocketValue } from '../api/types';
import type { FileSource } from '../ports';

/** What is done with DICOM files of one image that are checked before they are sent. */
export interface DicomWish {
	/** For an image set that stays DICOM; other sockets name their images by themselves. */
	imageName: string;
	/** Whether they are de-identified first. */
	clean: boolean;
}

/** Where the value of one socket comes from. */
export type ValueSource =
	| { from: 'json'; value: unknown }
	| { from: 'files'; files: FileSource[]; dicom?: DicomWish }
	/** pk, API URL or page of an image that is on the platform. */
	| { from: 'image'; image: string }
	/** pk or API URL of a completed upload, which is used up by it. */
	| { from: 'upload'; upload: string }
	/** pk or API URL of an upload session that nothing refers to yet. */
	| { from: 'session'; session: string }
	/** What another case or job holds. */
	| { from: 'value'; value: SocketValue };

/** A value for a socket, as a person asks for it. */
export interface Assignment {
	/** Slug, pk or URL. */
	socket: string;
	source: ValueSource;
	/** Whether it may be left out where nothing takes it: one of all values of another case. */
	optional?: boolean;
}
