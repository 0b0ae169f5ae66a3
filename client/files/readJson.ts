import { parseJson } from '../api/json';
import type { FileSource } from '../ports';
import { badInput } from '../transport/errors';
import { chunksOf } from './chunks';

/**
 * The JSON in a file.
 * @param most bytes that are read into memory
 * @throws GrandChallengeError (badInput; cancelled)
 */
export const readJson = async (source: FileSource, most: number, signal: AbortSignal): Promise<unknown> => {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of chunksOf(source, signal)) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > most) throw badInput(`The file '${source.name}' is larger than ${Math.round(most / 1024 / 1024)} MiB`, 'Use a smaller one');
	}
	const parsed = parseJson(Buffer.concat(chunks).toString('utf8').replace(/^\uFEFF/, ''));
	if (parsed) return parsed.value;
	throw badInput(`The file '${source.name}' is not JSON`, 'Check the step that makes it. NaN and Infinity, which Python writes, are not JSON');
};
