// Reads expectations.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Expected {
	/** `=`, `until its limit`, or the reason of an error. */
	outcome: string;
	/** How often the request is made; any number of times where it is not said. */
	requests?: number;
}

export interface Expectations {
	/** The columns: kinds of request. */
	kinds: string[];
	/** Fault → kind → what is expected; kinds to which a fault does not apply are absent. */
	faults: Map<string, Map<string, Expected>>;
}

const cellsOf = (line: string): string[] =>
	line
		.split('|')
		.slice(1, -1)
		.map((cell) => cell.trim());

const expectedOf = (cell: string): Expected => {
	const { outcome, requests } = /^(?<outcome>.+?)(?: (?<requests>\d+))?$/.exec(cell)?.groups ?? {};
	if (outcome === undefined) throw new Error('expectations.md has an empty cell');
	return requests === undefined ? { outcome } : { outcome, requests: Number(requests) };
};

/** @throws Error where a line has not the cells of its head */
export const readExpectations = (): Expectations => {
	const lines = readFileSync(join(import.meta.dirname, '..', 'expectations.md'), 'utf8').split('\n');
	const start = lines.findIndex((line) => line.startsWith('| fault |'));
	const [, ...kinds] = cellsOf(lines[start] ?? '');
	const faults = lines
		.slice(start + 2)
		.filter((line) => line.startsWith('|'))
		.map((line): [string, Map<string, Expected>] => {
			const [fault = '', ...cells] = cellsOf(line);
			if (cells.length !== kinds.length) throw new Error(`expectations.md: '${fault}' has ${cells.length} cells`);
			const applying = cells.flatMap((cell, i) => (cell === '–' ? [] : [[kinds[i] ?? '', expectedOf(cell)] as const]));
			return [fault, new Map(applying)];
		});
	return { kinds, faults: new Map(faults) };
};
