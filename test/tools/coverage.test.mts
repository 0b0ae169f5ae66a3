// The page about what is covered: what it says is measured, so that it cannot say what is not so.
import { methods } from '../../scripts/covered/gcapi.mts';
import { render } from '../../scripts/covered/lines.mts';
import { pathOf, requests } from '../../scripts/covered/platform.mts';

/** A node that does all that is meant to be covered, but for one operation. */
const without = (missing?: string) => {
	const asked = requests
		.filter(({ by }) => by !== undefined && by !== missing)
		.map(({ method, path, query, by = '' }) => ({ operation: by, method, path, query: query === undefined ? [] : [query], test: { file: 'a.test.mts', name: by } }));
	const pages = methods.flatMap(({ page, operations = [] }) => (page === undefined ? [] : operations.map((operation) => ({ page, operation }))));
	const twins = new Map(pages.map(({ page, operation }) => [page, operation === missing ? '' : operation]));
	const operations = new Map([...asked.map(({ operation }) => operation), ...pages.map(({ operation }) => operation)].filter((name) => name !== missing).map((name) => [name, name]));
	return { asked, operations, twins };
};

const problemsOf = ({ asked, operations, twins }: ReturnType<typeof without>) => {
	const problems: string[] = [];
	render(asked, operations, twins, problems);
	return problems;
};

it('has nothing open where every operation is there', () => {
	expect(problemsOf(without())).toEqual([]);
});

it.each([...new Set(requests.flatMap(({ by }) => by ?? []))])('notices when there is no %s', (operation) => {
	const problems = problemsOf(without(operation));
	for (const { method, path, query, by } of requests) {
		const what = `open: ${method} ${path}${query === undefined ? '' : `?${query}`} (`;
		expect([what, problems.some((problem) => problem.startsWith(what))]).toEqual([what, by === operation]);
	}
});

it('notices when a twin does something else', () => {
	const { twins, ...rest } = without();
	expect(problemsOf({ ...rest, twins: new Map([...twins].map(([page]) => [page, 'archive.get'])) })).toContain(
		'open: add_case_to_archive (no twin of usage/archive/create_archive_items with archiveItem.create)',
	);
});

it('notices a reason that is none any more', () => {
	const { asked, ...rest } = without();
	const made = { operation: 'gcapi.get', method: 'GET', path: 'gcapi/', query: [], test: { file: 'a.test.mts', name: '' } };
	expect(problemsOf({ ...rest, asked: [...asked, made] })).toEqual(['GET gcapi/ has a reason why not, but gcapi.get makes it']);
});

it('tells what was asked for apart', () => {
	const pk = '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0';
	const asked: Array<Parameters<typeof pathOf>> = [
		['api', '/api/v1/algorithms/jobs/?limit=1'],
		['api', `/api/v1/algorithms/${pk}/`],
		['api', '/api/v1/challenges/nodules26/'],
		['api', `/api/v1/reader-studies/${pk}/ground-truth/${pk}/`],
		['api', `/api/v1/uploads/${pk}/abc/list-parts/`],
		['api', `/media/images/0d/11/${pk}/${pk}/scan.mha`],
		['download', '/anything'],
		['api', '/api/v1/nothing/of/that/sort/'],
	];
	expect(asked.map((request) => pathOf(...request))).toEqual([
		'algorithms/jobs/',
		'algorithms/<pk>/',
		'challenges/<pk>/',
		'reader-studies/<pk>/ground-truth/<pk>/',
		'uploads/<pk>/<id>/list-parts/',
		'/media/images/<path>',
		'signed address of a file',
		undefined,
	]);
});
