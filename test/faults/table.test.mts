// What the table, which is tested in three files, is made of.
import { startHarness, type Harness } from '../core/support/harness.mts';
import { cases } from './operations.mts';
import { readExpectations } from './support/expectations.mts';
import { faultsFor } from './support/faults.mts';

let n8n: Harness;
beforeAll(async () => {
	n8n = await startHarness();
});
afterAll(() => n8n.stop());

it('knows every operation of the node', () => {
	const operations = n8n.nodeType.description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ displayOptions, options = [] }) =>
			options.map((option) => `${String(displayOptions?.show?.resource?.[0])}.${'value' in option ? String(option.value) : ''}`),
		);
	expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(operations));
});

it('knows every fault', () => {
	expect(new Set(readExpectations().faults.keys())).toEqual(new Set(Object.keys(faultsFor({ foreign: '', itself: '' }))));
});
