// Filters and slugs that the platform knows: each of them finds something, and not everything.
import { titleOf, type Case } from '../faults/operations.mts';
import { createRuns } from '../faults/support/runs.mts';
import { ways, type Way } from './fixtures/ways.mts';
import { useWorld } from './fixtures/world.mts';

const world = useWorld({ speed: 1_000_000 });
const runs = createRuns(world);

it.each(ways.map((of): [string, Way] => [titleOf(of), of]))('%s', async (_, of) => {
	await runs.prepare(of);
	const count = async (way: Case) => {
		const { result } = await runs.run(way);
		expect(result.error?.message).toBeUndefined();
		return result.items.length;
	};
	const found = await count(of);
	expect(found).toBeGreaterThan(0);
	if (of.operation.endsWith('.get')) return expect(found).toBe(1);
	const all = await count({ ...of, given: undefined, parameters: (seed) => ({ ...of.parameters(seed), filters: {} }) });
	if (of.everything) expect(found).toBe(all);
	else expect(found).toBeLessThan(all);
});
