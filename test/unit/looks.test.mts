// How often a job is looked at: few requests, and its end is seen soon.
import { nextLook, type Progress } from '../../client/jobs/looks';

/** Waits for a job. @param average, prepared and ran: what it usually takes, and what it takes now, in s */
const watch = (average: number | undefined, prepared: number, ran: number, jitter: number) => {
	const length = (prepared + ran) * 1000;
	const progress: Progress = { elapsed: 0, looks: 1, before: 0, ...(average === undefined ? {} : { average: average * 1000 }) };
	while (progress.elapsed < length) {
		if (progress.elapsed < prepared * 1000) progress.before = progress.elapsed;
		else progress.since ??= progress.elapsed;
		progress.elapsed += nextLook(progress) * jitter;
		progress.looks++;
	}
	return { looks: progress.looks, late: progress.elapsed - length, length };
};

const seconds = [1, 5, 10, 20, 60, 100, 200, 300, 600, 1200, 1800, 3000];
const jitters = [0.95, 0.975, 1];

it('is at most 20 times within an hour, whatever the job usually takes', () => {
	const cases = [undefined, ...seconds].flatMap((average) => [0, ...seconds].flatMap((prepared) => seconds.flatMap((ran) => jitters.map((jitter) => [average, prepared, ran, jitter] as const))));
	const looked = cases.filter(([, prepared, ran]) => prepared + ran <= 3600).map((of) => watch(...of).looks);
	expect(Math.max(...looked)).toBeLessThanOrEqual(20);
});

it('sees the end within 10 s, or a tenth of the time, of a job that takes about as long as usual', () => {
	const cases = seconds.flatMap((average) =>
		[0, 0.1, 0.5, 1, 2].flatMap((wait) => [0.85, 1, 1.2].flatMap((factor) => jitters.map((jitter) => [average, average * wait, average * factor, jitter] as const))),
	);
	const late = cases.filter(([, prepared, ran]) => prepared + ran <= 3600).filter((of) => {
		const { late: by, length } = watch(...of);
		return by > Math.max(10_000, length / 10) + 1;
	});
	expect(late).toEqual([]);
});

it('goes on after an hour, every five minutes', () => {
	expect(nextLook({ elapsed: 4_000_000, looks: 20, before: 0, since: 10_000, average: 60_000 })).toBe(300_000);
});
