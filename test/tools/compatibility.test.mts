// The table of docs/compatibility.md was made with the examples and the lines of n8n that there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isComplete, measuredIn, withMeasured, type Measured } from '../n8n/compatibilityTable.mts';
import { exampleIds } from '../n8n/examples.mts';

const root = join(import.meta.dirname, '..', '..');
// The repository has the lines that are tested always, and no others.
const lines = [...readFileSync(join(root, '.gitignore'), 'utf8').matchAll(/^!test\/n8n\/lines\/(.+)$/gm)].map(([, line = '']) => line);
const measured = measuredIn(readFileSync(join(root, 'docs', 'compatibility.md'), 'utf8'));

it('has the lines that are tested always, in their versions, and one between', () => {
	expect(lines.length).toBeGreaterThan(1);
	const versions = lines.map((line) => {
		const manifest = JSON.parse(readFileSync(join(root, 'test', 'n8n', 'lines', line, 'package.json'), 'utf8')) as { dependencies: { n8n: string; node: string } };
		return { line, n8n: manifest.dependencies.n8n, node: manifest.dependencies.node };
	});
	expect(measured).toEqual(expect.arrayContaining(versions.map((version) => expect.objectContaining(version))));
	expect(measured.length).toBeGreaterThan(lines.length);
});

it('has all examples in every line, and everything passed', () => {
	expect(measured.filter(({ examples }) => examples !== `${exampleIds.length} of ${exampleIds.length}`)).toEqual([]);
	expect(measured.filter((row) => !isComplete(row))).toEqual([]);
});

it('gets a new row in place of the old one, the newest line first, and keeps the text', () => {
	const row = (line: string, date: string): Measured => ({ line, n8n: `${line}.1`, node: '24.0.0', examples: '2 of 2', checks: '9 of 9', date });
	const page = ['# Title', '', '| line | n8n | Node.js | examples | checks | on |', '| --- | --- | --- | --- | --- | --- |', '', 'Text.', ''].join('\n');
	const rows = [row('2.8', '2026-01-01'), row('1.123', '2026-01-01'), row('2.30', '2026-01-01'), row('2.8', '2026-02-02')];
	const written = rows.reduce(withMeasured, page);
	expect(measuredIn(written)).toEqual([rows[2], rows[3], rows[1]]);
	expect(written.replace(/^\| \d.*\n/gm, '')).toBe(page);
});
