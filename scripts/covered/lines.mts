// What is covered by what, as lines of tables; what is not is a problem.
import { methods, type Method } from './gcapi.mts';
import type { Asked, Test } from './measure.mts';
import { requests, type Request } from './platform.mts';

const contractOf = (resource: string): Test => ({ file: 'test/sandbox/contract.test.mts', name: `${resource} refuses what it does not do` });
const twinOf = (page: string): Test => ({ file: 'test/gcapi/twins.test.mts', name: page });

/** A line: what can be asked, by which operations, shown by which test, or why not. */
interface Line {
	what: string;
	operations: string[];
	tests: Test[];
	why?: string;
}

const nameOf = ({ method, path, query }: Request) => `${method} ${path}${query === undefined ? '' : `?${query}`}`;

const makes = ({ method, path, query }: Request) => (asked: Asked) =>
	asked.method === method && asked.path === path && (query === undefined || asked.query.includes(query));

const requestLines = (asked: Asked[], problems: string[]): Map<string, Line> =>
	new Map(
		requests.map((request) => {
			const what = nameOf(request);
			const { by, why, refusedBy } = request;
			const made = asked.filter(makes(request));
			const own = made.find(({ operation }) => operation === by);
			if (by === undefined && why === undefined) problems.push(`open: ${what}`);
			if (by !== undefined && own === undefined) problems.push(`open: ${what} (${by} does not make it)`);
			if (why !== undefined && made.length > 0) problems.push(`${what} has a reason why not, but ${made[0]?.operation} makes it`);
			const tests = [...(own ? [own.test] : []), ...(refusedBy === undefined ? [] : [contractOf(refusedBy)])];
			const line: Line = { what, operations: own ? [own.operation] : [], tests, ...(why === undefined ? {} : { why }) };
			return [what, line];
		}),
	);

const methodLine = ({ name, request, operations, page, why }: Method, lines: Map<string, Line>, twins: Map<string, string>, problems: string[]): Line => {
	if (why !== undefined) return { what: name, operations: [], tests: [], why };
	if (request !== undefined) {
		const line = lines.get(request);
		if (!line) problems.push(`open: ${name} (${request} is no request of the platform)`);
		return { operations: [], tests: [], ...line, what: name };
	}
	if (operations === undefined || page === undefined) {
		problems.push(`open: ${name}`);
		return { what: name, operations: [], tests: [] };
	}
	const twin = twins.get(page);
	if (twin === undefined || !operations.some((operation) => twin.includes(operation))) problems.push(`open: ${name} (no twin of ${page} with ${operations.join(' or ')})`);
	return { what: name, operations, tests: [twinOf(page)] };
};

/**
 * @param operations what the node has, with the names that people see
 * @param twins the sources of the twins of gcapi's recipes
 * @param problems what is wrong is added to them
 * @returns the page
 */
export const render = (asked: Asked[], operations: Map<string, string>, twins: Map<string, string>, problems: string[]): string => {
	const platform = requestLines(asked, problems);
	const gcapi = methods.map((method) => methodLine(method, platform, twins, problems));
	for (const { what, operations: used } of [...platform.values(), ...gcapi]) {
		for (const operation of used) if (!operations.has(operation)) problems.push(`open: ${what} (the node has no ${operation})`);
	}
	return page([...platform.values()], gcapi, operations);
};

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const table = (head: string, lines: Line[], names: Map<string, string>): string =>
	[
		`| ${head} | operation | test |`,
		'| --- | --- | --- |',
		...lines.map(({ what, operations, tests, why = '' }) => {
			const shown = operations.map((operation) => names.get(operation) ?? operation).join('; ') || why;
			return `| \`${what}\` | ${cell(shown)} | ${tests.map((test) => `\`${test.file}\`: ${cell(test.name)}`).join('; ')} |`;
		}),
	].join('\n');

const page = (platform: Line[], gcapi: Line[], names: Map<string, string>) => `# What is covered

Made by \`npm run coverage\`, which runs every operation of the node once against the sandbox and notes what it asks for.
\`npm test\` fails when this page is not what would be written, or when something has neither an operation nor a reason.

## The platform's API

Every path, method and filter, below \`/api/v1/\` unless it starts with a slash. Lists take \`limit\` and \`offset\` besides. The operation
named is the one that is meant for it; others may make the same request.

${table('request', platform, names)}

## gcapi

Every public method of the official client, 0.15.1 and 0.16.1 together.

${table('method', gcapi, names)}
`;
