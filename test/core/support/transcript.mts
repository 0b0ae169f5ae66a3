// What a run leaves behind where people can read it: n8n's log of every level, the console, and the saved execution.
import { coreLogger } from './core.mts';

const consoleMethods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

export interface Transcript {
	/** Adds a line, for example an execution as n8n saves it. */
	add(line: string): void;
	/** Everything so far, one entry a line. */
	text(): string;
	/** Empties it. */
	clear(): void;
	/** Stops listening. */
	stop(): void;
}

const asText = (value: unknown): string =>
	typeof value === 'string'
		? value
		: value instanceof Error
			? `${value.stack ?? value.message}`
			: JSON.stringify(value);

/** Starts listening to n8n's logger and to the console (whose output still appears). */
export const startTranscript = (): Transcript => {
	const lines: string[] = [];
	const logger = coreLogger().getInternalLogger();
	const { log } = logger;
	logger.log = (level, message, metadata) => void lines.push(`${level} ${message} ${JSON.stringify(metadata)}`);

	const originals = consoleMethods.map((name) => {
		const original = console[name];
		console[name] = (...args: unknown[]) => {
			lines.push(args.map(asText).join(' '));
			original.apply(console, args);
		};
		return { name, original };
	});

	return {
		add: (line) => void lines.push(line),
		text: () => lines.join('\n'),
		clear: () => void lines.splice(0),
		stop: () => {
			logger.log = log;
			for (const { name, original } of originals) console[name] = original;
		},
	};
};
