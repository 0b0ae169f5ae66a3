// What a poll costs: requests, and room in n8n's database.
import type { JsonObject } from '../../../client/api/json';
import { answerAdded, answerChanged, caseChanged, jobFinished } from '../../../client/changes/feed';
import { poll, type Watch } from '../../../client/changes/poll';

/** A list in the order in which it was made, and how many pages were asked for. */
const growing = (rows: JsonObject[]) => {
	const asked = { pages: 0 };
	const page = async (offset: number, limit: number) => {
		asked.pages++;
		return { results: rows.slice(offset, offset + limit), count: rows.length };
	};
	return { rows, asked, source: { order: 'oldestFirst', page } as const };
};

const many = <Row,>(count: number, row: (index: number) => Row): Row[] => Array.from({ length: count }, (_, index) => row(index));
const job = (index: number, status = 'Succeeded'): JsonObject => ({ pk: `job-${index}`, status });
const now: Pick<Watch, 'of' | 'start'> = { of: 'it', start: { from: 'now' } };

describe('a poll without news', () => {
	it('of an algorithm with 10,000 finished jobs takes two requests', async () => {
		const jobs = growing(many(10_000, (index) => job(index)));
		const watch = { feed: jobFinished([]), source: jobs.source, ...now };
		let { state } = await poll(watch, undefined);
		for (let polls = 0; polls < 20; polls++) {
			jobs.asked.pages = 0;
			({ state } = await poll(watch, state));
			expect(jobs.asked.pages).toBe(2);
		}
		jobs.rows.push(job(10_000), job(10_001, 'Failed'));
		expect((await poll(watch, state)).events.map(({ pk }) => pk)).toEqual(['job-10000', 'job-10001']);
	});

	it('of a study with 50,000 answers takes one, and so does a start from now', async () => {
		const answers = growing(many(50_000, (index) => ({ pk: `${index}`, created: new Date(1e12 + index * 1000).toISOString() })));
		const watch = { feed: answerAdded(), source: answers.source, ...now };
		const first = await poll(watch, undefined);
		expect(answers.asked.pages).toBe(2);
		await poll(watch, first.state);
		expect(answers.asked.pages).toBe(3);
		expect(JSON.stringify(first.state).length).toBeLessThan(2000);
	});

	it('finds a job in the middle that was shared later', async () => {
		const jobs = growing(many(10_000, (index) => job(index)));
		const watch = { feed: jobFinished([]), source: jobs.source, ...now };
		let { state } = await poll(watch, undefined);
		jobs.rows.splice(4321, 0, { pk: 'shared', status: 'Succeeded' });
		const found: JsonObject[] = [];
		for (let polls = 0; polls < 12; polls++) {
			const polled = await poll(watch, state);
			({ state } = polled);
			found.push(...polled.events);
		}
		expect(found).toEqual([{ pk: 'shared', status: 'Succeeded' }]);
	});

	it('still knows the end of a list of which thousands were deleted', async () => {
		const jobs = growing(many(10_000, (index) => job(index)));
		const watch = { feed: jobFinished([]), source: jobs.source, ...now };
		const { state } = await poll(watch, undefined);
		jobs.rows.splice(2000, 5000);
		jobs.rows.push(job(10_000));
		expect((await poll(watch, state)).events).toEqual([job(10_000)]);
	});
});

describe('what is remembered', () => {
	const states = async (feed: Watch['feed'], rows: JsonObject[]) => (await poll({ feed, source: { order: 'none', all: async () => rows }, ...now }, undefined)).state;

	it('of 50,000 cases with all their versions takes less than a megabyte', async () => {
		const state = await states(caseChanged, many(50_000, (index) => ({ pk: `case-${index}`, values: [{ interface: { slug: 'ct-image' }, pk: index + 1, image: '/x/' }] })));
		expect(JSON.stringify(state).length).toBeLessThan(1_000_000);
		expect(JSON.stringify(state).length).toBeGreaterThan(500_000);
	});

	it('of answers that were never changed is nothing', async () => {
		const created = '2026-01-01T00:00:00.000100Z';
		expect((await states(answerChanged(), [{ pk: 'a', created, modified: '2026-01-01T00:00:00.000200Z' }])).known).toBe('');
	});

	it('names nothing of the platform', async () => {
		const text = JSON.stringify(await states(caseChanged, [{ pk: 'case-1', title: 'Jane Roe', values: [{ interface: { slug: 'ct-image' }, pk: 4711, image: '/x/' }] }]));
		expect(text).not.toMatch(/case-1|Jane|ct-image|4711/);
	});

	it('has an end, which is told', async () => {
		const rows = many(60_001, (index) => ({ pk: `${index}`, values: [{ pk: 1 }] }));
		await expect(states(caseChanged, rows)).rejects.toThrow('There are more than 60,000 of them, too many to watch');
	});
});
