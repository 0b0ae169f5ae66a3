import type { FileSink, IncomingFile } from '../ports';
import { asIs, cancelled, GrandChallengeError } from '../transport/errors';
import { WrongLength } from '../transport/failure';
import { readShort, settle, type OpenAnswer, type Transport } from '../transport/transport';

/** A file of the platform that can be fetched. */
export interface RemoteFile {
	/** Safe to use as a file name. */
	name: string;
	/** Relative path below the folder of its case, with forward slashes, ending in the name. */
	path: string;
	mimeType: string;
	/** Brings the file to the sink. @returns what the sink made of it, and the number of bytes */
	fetch<Stored>(sink: FileSink<Stored>): Promise<{ stored: Stored; bytes: number }>;
}

/** Asks for a file, with these headers besides: those that ask for a part of it may be ignored. */
export type Open = (headers: Record<string, string>) => Promise<OpenAnswer>;

/** Bytes that have to come between two failures, so that the second is counted as a first one. */
const PROGRESS = 1024 * 1024;

/**
 * Streams one answer into the sink. When the body breaks off, stalls, or has not the length that was announced, it is gone on
 * with where it ended, if the server tells that it is still the same file, and else begun anew: a shorter file is never handed on.
 * What the sink itself throws is final.
 */
export const receive = async <Stored>(
	transport: Transport,
	open: Open,
	file: Pick<IncomingFile, 'name' | 'mimeType'>,
	sink: FileSink<Stored>,
): Promise<{ stored: Stored; bytes: number }> =>
	transport.limits.downloads.with(async () => {
		const attempt = { method: 'GET', path: 'file', subject: `the file '${file.name}'`, repeatable: true } as const;
		const outcome = await transport.tries(attempt, async () => {
			const answer = await open({});
			const progress: Progress = { answer, size: announced(answer), bytes: 0, complete: false };
			answer.watchdog.rest();
			const stored = await settle(sink({ ...file, size: progress.size, bytes: body(transport, open, attempt, progress), body: answer.body }));
			progress.answer.watchdog.stop();
			if (!progress.complete) progress.answer.watchdog.cut();
			// Sinks may wrap or swallow what the body threw; the body's own words decide whether another try makes sense.
			if (progress.broken !== undefined) throw asIs(progress.broken);
			// The sink's own error may look like one of the network, but it is not for the transport.
			return { stored, bytes: progress.bytes };
		});
		if ('value' in outcome.stored) transport.tally.done('fetched');
		if ('error' in outcome.stored) throw transport.connection.signal.aborted ? cancelled() : asIs(outcome.stored.error);
		return { stored: outcome.stored.value, bytes: outcome.bytes };
	});

type Attempt = Parameters<Transport['tries']>[0];

interface Progress {
	/** Whose body is read. */
	answer: OpenAnswer;
	/** Bytes of the whole file, where they were announced. */
	size: number | undefined;
	bytes: number;
	complete: boolean;
	/** Why it was given up. */
	broken?: unknown;
}

const announced = ({ headers }: OpenAnswer): number | undefined => {
	const length = Number(headers['content-length']);
	return headers['content-length'] && !headers['content-encoding'] && Number.isInteger(length) ? length : undefined;
};

/** The bytes of the file, from as many answers as it takes. */
const body = async function* (transport: Transport, open: Open, attempt: Attempt, progress: Progress) {
	const failures = new Map<string, number>();
	let skip = 0;
	let lastEnd = 0;
	for (;;) {
		const outcome = yield* read(transport, progress, skip);
		if (outcome === undefined) return;
		try {
			if (progress.bytes - lastEnd >= PROGRESS) failures.clear();
			lastEnd = progress.bytes;
			skip = await goOn(transport, open, attempt, progress, outcome.error, failures);
		} catch (error) {
			progress.broken = error;
			throw asIs(error);
		}
	}
};

/** @returns why the body broke off, undefined when it is complete */
const read = async function* (transport: Transport, progress: Progress, skip: number): AsyncGenerator<Uint8Array, { error: unknown } | undefined> {
	const { answer, size } = progress;
	const { watchdog } = answer;
	let skipped = 0;
	try {
		watchdog.seen();
		for await (const chunk of answer.body) {
			const known = Math.min(skip - skipped, chunk.length);
			skipped += known;
			if (known < chunk.length) {
				progress.bytes += chunk.length - known;
				transport.tally.moved('fetched', chunk.length - known);
				watchdog.rest();
				yield chunk.subarray(known);
			}
			watchdog.seen();
		}
		if (size !== undefined && progress.bytes !== size) throw new WrongLength(`${progress.bytes} of ${size} bytes came`);
		progress.complete = true;
		return undefined;
	} catch (error) {
		// A stall surfaces as "canceled" in the body; the reason of the signal is the truth.
		return { error: watchdog.signal.aborted ? watchdog.signal.reason : error };
	}
};

/**
 * Asks for the rest of a file whose body broke off, as often as the strategy allows.
 * @returns how many bytes of the new answer are known already
 * @throws what is final, and the failure itself where nobody can tell whether the file is still the same
 */
const goOn = async (transport: Transport, open: Open, attempt: Attempt, progress: Progress, error: unknown, failures: Map<string, number>): Promise<number> => {
	const { etag = '' } = progress.answer.headers;
	const { bytes, size } = progress;
	progress.answer.watchdog.stop();
	if (!/^"/.test(etag) || bytes === 0 || size === undefined || bytes >= size) throw error;
	let failed = false;
	const skip = await transport.tries(
		attempt,
		async () => {
			if (!failed) {
				failed = true;
				throw error;
			}
			const outcome = await settle(open({ Range: `bytes=${bytes}-`, 'If-Range': etag }));
			if ('error' in outcome) {
				// There is no such rest: what was announced was wrong.
				if (outcome.error instanceof GrandChallengeError && outcome.error.status === 416) return undefined;
				throw outcome.error;
			}
			const answer = outcome.value;
			const isRest = answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${bytes}-`);
			const isWhole = answer.status === 200 && answer.headers.etag === etag;
			if (isRest || isWhole) {
				progress.answer = answer;
				return isRest ? 0 : bytes;
			}
			await readShort(answer);
			return undefined;
		},
		failures,
	);
	// Another file by now: what was given on is worth nothing.
	if (skip === undefined) throw new WrongLength('The file has changed meanwhile');
	return skip;
};
