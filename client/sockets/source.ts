import type { FileSource } from '../ports';

/** Where the value of one socket comes from. */
export type ValueSource =
	| { from: 'json'; value: unknown }
	| { from: 'files'; files: FileSource[] }
	/** pk, API URL or page of an image that is on the platform. */
	| { from: 'image'; image: string };

/** A value for a socket, as a person asks for it. */
export interface Assignment {
	/** Slug, pk or URL. */
	socket: string;
	source: ValueSource;
}
