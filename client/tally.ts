import type { Ports } from './ports';

/** ms between two lines in the log. */
const SILENCE = 5000;

const MB = 1_000_000;

/** Bytes in words, e.g. "1.2 GB". */
export const inWords = (bytes: number): string =>
	bytes < MB ? `${Math.ceil(bytes / 1000)} kB` : bytes < 1000 * MB ? `${(bytes / MB).toFixed(1)} MB` : `${(bytes / MB / 1000).toFixed(2)} GB`;

/** A number with the word for one, or for several. */
export const counted = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`;

const files = (count: number) => counted(count, 'file', 'files');

/** Counts what is sent and fetched, and says it now and then in the log. */
export class Tally {
	private sent = { files: 0, bytes: 0 };
	private fetched = { files: 0, bytes: 0 };
	private cases = 0;
	private retries = 0;
	private waited = 0;
	private readonly begun: number;
	private said: number;

	constructor(private readonly ports: Pick<Ports, 'now' | 'log'>) {
		this.begun = ports.now();
		this.said = this.begun;
	}

	/** @param bytes that went up, or down */
	moved(way: 'sent' | 'fetched', bytes: number): void {
		this[way].bytes += bytes;
		if (this.ports.now() - this.said < SILENCE) return;
		this.said = this.ports.now();
		this.ports.log?.(`Grand Challenge: ${this.summary() ?? ''}`);
	}

	/** A file has arrived. */
	done(way: 'sent' | 'fetched'): void {
		this[way].files++;
	}

	/** All files of a case have arrived. */
	caseDone(): void {
		this.cases++;
	}

	/** @param ms that a request had to wait before it was tried again */
	retried(ms: number): void {
		this.retries++;
		this.waited += ms;
	}

	/** Whether it was so much, or so difficult, that a person wants to know. */
	get isNotable(): boolean {
		const { sent, fetched, retries } = this;
		return sent.files + fetched.files > 0 && (sent.files + fetched.files >= 10 || sent.bytes + fetched.bytes >= 100 * MB || retries > 0);
	}

	/** In one sentence; undefined where no file was moved. */
	summary(): string | undefined {
		const { sent, fetched, retries } = this;
		const seconds = (this.ports.now() - this.begun) / 1000;
		const cases = this.cases > 0 ? `, ${counted(this.cases, 'case', 'cases')}` : '';
		const moved = [
			sent.bytes > 0 ? `${files(sent.files)} (${inWords(sent.bytes)}) sent` : '',
			fetched.bytes > 0 ? `${files(fetched.files)}${cases} (${inWords(fetched.bytes)}) fetched` : '',
		].filter(Boolean);
		if (moved.length === 0) return undefined;
		const rate = inWords((sent.bytes + fetched.bytes) / Math.max(seconds, 0.001));
		const again = retries > 0 ? `; ${counted(retries, 'request was', 'requests were')} tried again, after waits of ${Math.round(this.waited / 1000)} s in all` : '';
		return `${moved.join(', ')} in ${Math.round(seconds)} s (${rate}/s)${again}`;
	}
}
