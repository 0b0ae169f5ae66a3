/** ms */
const SHORTEST = 500;
const LONGEST = 5 * 60_000;
const COARSE = 10_000;
/** Somewhat more than an hour, since every wait is shortened a little so that not all ask at once. */
const HOUR = 3_800_000;

/** Looks at a job within its first hour. */
const MOST_LOOKS = 20;

/** What is known of a job that runs, in ms since it is waited for. */
export interface Progress {
	elapsed: number;
	/** How often it was looked at. */
	looks: number;
	/** When it was seen last before its algorithm ran. */
	before: number;
	/** When its algorithm was first seen to run. */
	since?: number;
	/** What the algorithm usually takes. */
	average?: number;
}

/**
 * The time until the next look, in ms. When the algorithm is likely to be done, a tenth of the time that has passed; before, and where
 * nobody knows, the looks become rarer and rarer, so that they are enough for an hour.
 */
export const nextLook = ({ elapsed, looks, before, since, average = 0 }: Progress): number => {
	const passed = Math.max(elapsed, SHORTEST);
	const left = MOST_LOOKS - looks;
	const rarer = elapsed < HOUR ? Math.max(SHORTEST, passed * ((HOUR / passed) ** (1 / Math.max(1, left - 1)) - 1)) : LONGEST;
	if (since === undefined) return Math.max(rarer, Math.min(2 * elapsed, 0.8 * average));
	const earliest = 0.8 * (before + average);
	if (elapsed < earliest) return Math.max(SHORTEST, Math.min(2 * elapsed, earliest - elapsed));
	return average > 0 && elapsed < 1.25 * (since + average) && left > 1 ? Math.max(SHORTEST, Math.min(COARSE, average / 4), elapsed / 10) : rarer;
};
