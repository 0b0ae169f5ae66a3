// The server of July 2026, as far as it is known.
import { id, json, useWorld } from './fixtures/world.mts';

const world = useWorld({ fresh: true, drift: 'C' });

// It shows titles as HTML only.
it('has a display set of this title already', async () => {
	const make = async () => json(await world.run('displaySet.create', { readerStudy: id('practice-study'), title: 'Left < right & "both"', options: { ifTitleExists: 'skip' } }));
	const [first] = await make();
	expect(first).toMatchObject({ outcome: 'created', title: 'Left < right & "both"' });
	expect(await make()).toMatchObject([{ outcome: 'skipped', pk: first?.pk, title: 'Left < right & "both"' }]);
});
