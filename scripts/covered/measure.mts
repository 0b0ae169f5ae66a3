// Runs every operation of the node once, in each of the ways of the tests, and notes what it asks the platform for.
import { rmSync } from 'node:fs';
import { setEnvironment } from '../../test/core/support/environment.mts';
import { pathOf } from './platform.mts';

const folder = setEnvironment();
// Only now: n8n reads its environment when it is loaded.
const { openWorld } = await import('../../test/core/fixtures/world.mts');
const { cases, tableOf, titleOf } = await import('../../test/faults/operations.mts');
const { createRuns } = await import('../../test/faults/support/runs.mts');
const { shortenTime } = await import('../../test/faults/support/time.mts');
const { ways } = await import('../../test/core/fixtures/ways.mts');

export interface Test {
	file: string;
	name: string;
}

/** A request that an operation has made. */
export interface Asked {
	operation: string;
	method: string;
	/** As in the list of requests. */
	path: string;
	query: string[];
	/** The test that does the same. */
	test: Test;
}

/** The fields of an output item. */
export interface Given {
	json: string[];
	binary: string[];
}

export interface Measured {
	asked: Asked[];
	/** What an operation gives, as it is without any choice: the first output item of the first run that has one. */
	given: Map<string, Given>;
	/** Every operation of the node, with the names that people see. */
	operations: Map<string, string>;
	/** What went wrong. */
	problems: string[];
}

/** @throws Error where an operation fails */
export const measure = async (): Promise<Measured> => {
	const world = await openWorld({ speed: 1_000_000 });
	const time = shortenTime();
	try {
		const runs = createRuns(world);
		const asked: Asked[] = [];
		const given = new Map<string, Given>();
		const problems: string[] = [];
		let fresh = false;
		const all = [
			...cases.map((of) => ({ of, file: `test/faults/table-${tableOf(of)}.test.mts` })),
			...ways.map((of) => ({ of, file: 'test/core/ways.test.mts' })),
		];
		for (const { of, file } of all) {
			if (!fresh || of.drift !== undefined) await runs.prepare(of);
			const { result, requests } = await runs.run(of);
			if (result.error) throw new Error(`${titleOf(of)}: ${result.error.message}`);
			const [item] = result.items;
			if (item && !given.has(of.operation)) given.set(of.operation, { json: Object.keys(item.json), binary: Object.keys(item.binary ?? {}) });
			fresh = of.given === undefined && of.drift === undefined && !of.still && requests.every(({ method }) => method === 'GET');
			for (const { origin, method, path } of requests) {
				const known = pathOf(origin, path);
				if (known === undefined) problems.push(`${titleOf(of)} asks for what the platform does not know: ${method} ${path}`);
				else asked.push({ operation: of.operation, method, path: known, query: queryOf(path), test: { file, name: titleOf(of) } });
			}
		}
		return { asked, given, operations: namesOf(world.n8n.nodeType.description), problems };
	} finally {
		time.end();
		await world.close();
		rmSync(folder, { recursive: true, force: true });
	}
};

const queryOf = (path: string): string[] => [...new URLSearchParams(path.split('?')[1]).keys()].filter((key) => !['limit', 'offset'].includes(key));

type Description = Awaited<ReturnType<typeof openWorld>>['n8n']['nodeType']['description'];

const namesOf = ({ properties }: Description): Map<string, string> => {
	const named = (options: (typeof properties)[number]['options'] = []) =>
		options.flatMap((option) => ('value' in option ? [[String(option.value), option.name] as const] : []));
	const resources = new Map(named(properties.find(({ name }) => name === 'resource')?.options));
	return new Map(
		properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ displayOptions, options }) => {
				const resource = String(displayOptions?.show?.resource?.[0]);
				return named(options).map(([value, name]) => [`${resource}.${value}`, `${resources.get(resource) ?? resource}: ${name}`] as const);
			}),
	);
};
