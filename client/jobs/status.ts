/** What a status of the platform means for somebody who waits. */
export type JobState = 'running' | 'succeeded' | 'failed' | 'cancelled';

/**
 * Capitalisation is mixed on the platform, and new strings count as "still running".
 * @see the API sheet, section 8.3
 */
export const jobState = (status: string): JobState => {
	switch (status.toLowerCase()) {
		case 'succeeded':
			return 'succeeded';
		case 'failed':
			return 'failed';
		case 'cancelled':
			return 'cancelled';
		default:
			return 'running';
	}
};

/** Whether the algorithm itself runs, or has run, as far as the status tells: before, a job waits for its inputs and for a machine. */
export const hasBegun = (status: string): boolean => /^(started|executing|executed|parsing outputs)/i.test(status);
