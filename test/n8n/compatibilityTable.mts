/** What was found on one line of n8n: a row of the table in docs/compatibility.md. */
export interface Measured {
	/** The first two numbers of the version. */
	line: string;
	n8n: string;
	node: string;
	/** "N of N": that have succeeded. */
	examples: string;
	/** "N of N": that have passed. */
	checks: string;
	/** Day, in UTC. */
	date: string;
}

/** Whether everything that was run has succeeded. */
export const isComplete = ({ examples, checks }: Measured): boolean => [examples, checks].every((count) => /^(\d+) of \1$/.test(count));

const columns = ['line', 'n8n', 'node', 'examples', 'checks', 'date'] as const;
const isRow = (line: string): boolean => /^\| \d/.test(line);

/** The rows of the table in a page. */
export const measuredIn = (page: string): Measured[] =>
	page.split('\n').filter(isRow).map((row) => {
		const [line = '', n8n = '', node = '', examples = '', checks = '', date = ''] = row.split('|').slice(1).map((cell) => cell.trim());
		return { line, n8n, node, examples, checks, date };
	});

export const measuredLines = (page: string): string[] => measuredIn(page).map(({ line }) => line);

const minor = (line: string): number[] => line.split('.').map(Number);
const newestFirst = (a: Measured, b: Measured): number => {
	const [[x = 0, y = 0], [v = 0, w = 0]] = [minor(a.line), minor(b.line)];
	return v - x || w - y;
};

/** The page with a new row for a line, in place of an older one. */
export const withMeasured = (page: string, measured: Measured): string => {
	const rows = [...measuredIn(page).filter(({ line }) => line !== measured.line), measured].sort(newestFirst);
	const lines = page.split('\n');
	const head = lines.findIndex((line) => line.startsWith('| --- |'));
	const table = rows.map((row) => `| ${columns.map((column) => row[column]).join(' | ')} |`);
	return [...lines.slice(0, head + 1), ...table, ...lines.slice(head + 1).filter((line) => !isRow(line))].join('\n');
};
