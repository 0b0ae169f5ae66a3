/** Room for so many at once, of whatever it is counted in. Who comes first is served first. */
export class Slots {
	private free: number;
	private readonly waiting: Array<{ amount: number; enter: () => void }> = [];

	/** @param room at least 1 */
	constructor(readonly room: number) {
		this.free = room;
	}

	/** Waits for room; what is larger than all of it waits until it is alone. */
	async take(amount = 1): Promise<void> {
		const wanted = Math.min(amount, this.room);
		if (this.waiting.length === 0 && this.free >= wanted) {
			this.free -= wanted;
			return;
		}
		await new Promise<void>((enter) => this.waiting.push({ amount: wanted, enter }));
	}

	/** Gives back what was taken. */
	give(amount = 1): void {
		this.free += Math.min(amount, this.room);
		for (let next = this.waiting[0]; next && this.free >= next.amount; next = this.waiting[0]) {
			this.waiting.shift();
			this.free -= next.amount;
			next.enter();
		}
	}

	/** Runs `work` when there is room. */
	async with<T>(work: () => Promise<T>, amount = 1): Promise<T> {
		await this.take(amount);
		try {
			return await work();
		} finally {
			this.give(amount);
		}
	}
}

/** What transfers of files may use together. */
export interface Limits {
	/** Files that are fetched at the same time. */
	downloads: Slots;
	/** Parts of files that are sent at the same time. Not the same as for downloads: what is copied needs both. */
	uploads: Slots;
	/** Bytes of files that are held in memory. */
	memory: Slots;
}

/** Bytes. */
const MEMORY = 128 * 1024 * 1024;

/** @param connections transfers at the same time, each way */
export const limits = (connections = 8, memory = new Slots(MEMORY)): Limits => ({ downloads: new Slots(connections), uploads: new Slots(connections), memory });

/**
 * Works on entries, several at a time, and gives the results in order. After a failure none is begun any more; those that
 * have begun are waited for.
 * @throws the failure of the first entry that failed
 */
export const severalAtOnce = async <Entry, Result>(
	entries: Iterable<Entry> | AsyncIterable<Entry>,
	most: number,
	work: (entry: Entry) => Promise<Result>,
): Promise<Result[]> => {
	const slots = new Slots(most);
	const results: Result[] = [];
	const running: Array<Promise<void>> = [];
	const failures: Array<{ index: number; error: unknown }> = [];
	const begin = async (index: number, entry: Entry) => {
		try {
			results[index] = await work(entry);
		} catch (error) {
			failures.push({ index, error });
		} finally {
			slots.give();
		}
	};
	try {
		for await (const entry of entries) {
			await slots.take();
			if (failures.length > 0) break;
			running.push(begin(running.length, entry));
		}
	} finally {
		await Promise.all(running);
	}
	const [first] = failures.sort((a, b) => a.index - b.index);
	if (first) throw first.error;
	return results;
};
