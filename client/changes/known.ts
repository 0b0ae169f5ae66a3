import { createHash } from 'node:crypto';

/** Characters of base64: 48 bits tell tens of thousands of rows apart, 30 bits the versions of one. */
const KEY = 8;
const VERSION = 5;

const hash = (text: string, length: number): string => createHash('sha256').update(text).digest('base64url').slice(0, length);

/**
 * Which rows, in which version, were told already. Kept as short hashes in one text: what n8n saves stays small, and says
 * nothing about patients.
 */
export class Known {
	private readonly versions = new Map<string, string>();

	/**
	 * @param packed what `pack` gave
	 * @param versioned whether versions count: it must be the same as when it was packed
	 */
	constructor(
		packed: string,
		private readonly versioned: boolean,
	) {
		const width = KEY + (versioned ? VERSION : 0);
		for (let at = 0; at + width <= packed.length; at += width) this.versions.set(packed.slice(at, at + KEY), packed.slice(at + KEY, at + width));
	}

	get size(): number {
		return this.versions.size;
	}

	/** Whether there is a row with that key, in whatever version. */
	hasKey(key: string): boolean {
		return this.versions.has(hash(key, KEY));
	}

	has(key: string, version: string): boolean {
		return this.versions.get(hash(key, KEY)) === this.short(version);
	}

	/** An earlier version of the row is forgotten. */
	add(key: string, version: string): void {
		this.versions.set(hash(key, KEY), this.short(version));
	}

	/** Forgets all rows but these. */
	keepOnly(keys: Iterable<string>): void {
		const kept = new Set([...keys].map((key) => hash(key, KEY)));
		for (const key of this.versions.keys()) if (!kept.has(key)) this.versions.delete(key);
	}

	pack(): string {
		return [...this.versions].map(([key, version]) => key + version).join('');
	}

	private short(version: string): string {
		return this.versioned ? hash(version, VERSION) : '';
	}
}
