/** A repeatable source of random numbers: the same seed gives the same pks, tokens and bytes. */
export interface Random {
	/** A number in [0, 1). */
	float(): number;
	/** An integer in [0, below). */
	int(below: number): number;
	/** Normally distributed, mean 0, deviation 1. */
	gaussian(): number;
	/** So many lower-case hex characters. */
	hex(length: number): string;
	/** A valid UUIDv4 string. */
	uuid(): string;
	/** A shuffled copy. */
	shuffle<T>(list: readonly T[]): T[];
}

/** Creates the generator (mulberry32). */
export const createRandom = (seed: number): Random => {
	let state = seed >>> 0;
	const float = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	const int = (below: number): number => Math.floor(float() * below);
	const hex = (length: number): string => {
		let text = '';
		while (text.length < length)
			text += int(2 ** 32)
				.toString(16)
				.padStart(8, '0');
		return text.slice(0, length);
	};
	return {
		float,
		int,
		hex,
		gaussian: () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float()),
		uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(4)] ?? '8'}${hex(3)}-${hex(12)}`,
		shuffle: (list) => {
			const copy = [...list];
			for (let i = copy.length - 1; i > 0; i -= 1) {
				const j = int(i + 1);
				const [a, b] = [copy[i], copy[j]];
				if (a !== undefined && b !== undefined) [copy[i], copy[j]] = [b, a];
			}
			return copy;
		},
	};
};
