import type { FileSink, IncomingFile } from '../ports';
import { asIs, cancelled } from '../transport/errors';
import { WrongLength } from '../transport/failure';
import { settle, type OpenAnswer, type Transport } from '../transport/transport';

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

/**
 * Streams one answer into the sink and starts again from `open` when the body breaks off, stalls, or has not the length
 * that was announced: a shorter file is never handed on. What the sink itself throws is final.
 */
export const receive = async <Stored>(
	transport: Transport,
	open: () => Promise<OpenAnswer>,
	file: Pick<IncomingFile, 'name' | 'mimeType'>,
	sink: FileSink<Stored>,
): Promise<{ stored: Stored; bytes: number }> => {
	const outcome = await transport.tries({ method: 'GET', path: 'file', subject: `the file '${file.name}'`, repeatable: true }, async () => {
		const answer = await open();
		const size = announced(answer);
		const progress: Progress = { bytes: 0, complete: false };
		answer.watchdog.rest();
		const stored = await settle(sink({ ...file, size, bytes: counted(answer, size, progress), body: answer.body }));
		answer.watchdog.stop();
		if (!progress.complete) answer.watchdog.cut();
		// Sinks may wrap or swallow what the body threw; the body's own words decide whether another try makes sense.
		if (progress.broken !== undefined) throw asIs(progress.broken);
		// The sink's own error may look like one of the network, but it is not for the transport.
		return { stored, bytes: progress.bytes };
	});
	if ('error' in outcome.stored) throw transport.connection.signal.aborted ? cancelled() : asIs(outcome.stored.error);
	return { stored: outcome.stored.value, bytes: outcome.bytes };
};

interface Progress {
	bytes: number;
	complete: boolean;
	/** Why the body broke off. */
	broken?: unknown;
}

const announced = ({ headers }: OpenAnswer): number | undefined => {
	const length = Number(headers['content-length']);
	return headers['content-length'] && !headers['content-encoding'] && Number.isInteger(length) ? length : undefined;
};

const counted = async function* (answer: OpenAnswer, size: number | undefined, progress: Progress) {
	try {
		answer.watchdog.seen();
		for await (const chunk of answer.body) {
			progress.bytes += chunk.length;
			answer.watchdog.rest();
			yield chunk;
			answer.watchdog.seen();
		}
		progress.complete = true;
		if (size !== undefined && progress.bytes !== size) throw new WrongLength(`${progress.bytes} of ${size} bytes came`);
	} catch (error) {
		// A stall surfaces as "canceled" in the body; the reason of the signal is the truth.
		progress.broken = answer.watchdog.signal.aborted ? answer.watchdog.signal.reason : error;
		throw asIs(progress.broken);
	}
};
