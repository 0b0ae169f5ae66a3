/**
 * The holes through which the client sees the world. In n8n they are filled with n8n's helpers (nodes/n8n/),
 * outside of it with axios or whatever the program has.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
	method: Method;
	/** Absolute. A signed request always goes to the origin of the base URL. */
	url: string;
	headers: Record<string, string>;
	body?: string | Uint8Array;
	/** Whether the port has to add the API token. */
	signed: boolean;
	signal: AbortSignal;
}

/** Given as soon as the headers are there. */
export interface HttpAnswer {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	/** To be read once. */
	body: ByteStream;
}

/** Bytes as they arrive; in Node a `Readable`. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Sends one request, once. Resolves for every HTTP status, follows no redirect, has no time-out of its own. Rejects, as
 * its body does, with whatever its library throws when there is no complete answer (see `transport/failure.ts`).
 */
export interface HttpPort {
	send(request: HttpRequest): Promise<HttpAnswer>;
}

/** Waits for so many ms; rejects as soon as the signal is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Where a file comes from. `open` may be called again after a failure and then starts at the first byte. */
export interface FileSource {
	/** As it will be known to the platform; may contain folders, which are cut off. */
	name: string;
	/** Where people find it, as "binary field 'data' of item 0": for messages, since its name may be that of a patient. */
	place?: string;
	/** Bytes, where known beforehand. */
	size?: number;
	/** @param whole whether all of it is wanted at once; a wish, not a promise */
	open(whole?: boolean): Promise<ByteStream> | ByteStream;
}

export interface IncomingFile {
	name: string;
	mimeType: string;
	/** To be read once. */
	bytes: ByteStream | Uint8Array;
	/** Bytes, where the server announced them. */
	size?: number;
	/** The body as the http port gave it, for a sink that needs a stream of the same class. Only `bytes` may be read. */
	body?: ByteStream;
}

/** Where a file goes to. Rejects, leaving nothing behind, when reading `bytes` rejects. */
export type FileSink<Stored> = (file: IncomingFile) => Promise<Stored>;

export interface Ports {
	http: HttpPort;
	sleep: Sleep;
	/** ms since 1970. */
	now(): number;
	/** 0 ≤ x < 1, for jitter. */
	random(): number;
	/** Progress and retries; never receives a token, a query string or a patient's data. */
	log?(message: string): void;
}
