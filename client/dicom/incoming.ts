import { cutOff } from './refusal';

/** Bytes that arrive, some of them held back until they are understood. */
export class Incoming {
	private bytes: Buffer = Buffer.alloc(0);
	private ended = false;
	private readonly iterator: AsyncIterator<Uint8Array>;
	/** How many bytes were taken out. */
	taken = 0;

	constructor(chunks: AsyncIterable<Uint8Array>) {
		this.iterator = chunks[Symbol.asyncIterator]();
	}

	/** What is held back. */
	get held(): Buffer {
		return this.bytes;
	}

	/** Reads on until so many bytes are held, or all that there are. @returns whether there are so many */
	async hold(amount: number): Promise<boolean> {
		const chunks = [this.bytes];
		let length = this.bytes.length;
		while (length < amount && !this.ended) {
			const chunk = await this.next();
			if (chunk) chunks.push(chunk);
			length += chunk?.length ?? 0;
		}
		if (chunks.length > 1) this.bytes = Buffer.concat(chunks);
		return length >= amount;
	}

	/** Takes bytes out that are held. */
	take(amount: number): Buffer {
		const bytes = this.bytes.subarray(0, amount);
		this.bytes = this.bytes.subarray(amount);
		this.taken += bytes.length;
		return bytes;
	}

	/** The next bytes as they arrive, none held back. @throws Refusal when there are fewer */
	async *pass(amount: number): AsyncGenerator<Uint8Array> {
		for (let left = amount; left > 0; ) {
			if (this.bytes.length === 0) this.bytes = (await this.next()) ?? this.bytes;
			if (this.bytes.length === 0 && this.ended) throw cutOff();
			const bytes = this.take(left);
			left -= bytes.length;
			if (bytes.length > 0) yield bytes;
		}
	}

	async skip(amount: number): Promise<void> {
		const bytes = this.pass(amount);
		while (!(await bytes.next()).done);
	}

	/** Ends the source; its failures do not matter any more. */
	async close(): Promise<void> {
		if (this.ended) return;
		this.ended = true;
		try {
			await this.iterator.return?.();
		} catch {
			// Nothing more is wanted of it.
		}
	}

	private async next(): Promise<Buffer | undefined> {
		const next = await this.iterator.next();
		this.ended = next.done === true;
		return next.done ? undefined : Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
	}
}
