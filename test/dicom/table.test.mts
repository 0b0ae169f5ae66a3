// The table that the engine works by, and the script that makes it.
import { readFileSync } from 'node:fs';
import { readProcedure, tableText, target } from '../../scripts/dicom/table.mts';
import { rulesFor } from '../../client/dicom/rules';
import { actionOf, sopClasses } from './support/synthetic.mts';

it('is what the procedure says now', () => {
	// Else: npm run dicom-table
	expect(readFileSync(target, 'utf8')).toBe(tableText(readProcedure()));
});

it('is named with its version in NOTICE', () => {
	expect(readFileSync('NOTICE', 'utf8')).toContain(`version ${readProcedure().version}`);
});

it.each(sopClasses)('has a rule for each tag of %s that is not removed, and for no other', (sopClass) => {
	const rules = rulesFor(sopClass);
	const all = Object.keys(readProcedure().sopClass[sopClass]?.tag ?? {});
	const stays = all.filter((name) => actionOf(sopClass, name) !== 'X').map((name) => parseInt(name.replace(/\W/g, ''), 16));
	expect([...(rules?.keys() ?? [])].sort()).toEqual(stays.sort());
});

describe('the script refuses what the engine cannot do', () => {
	const changed = (change: (procedure: ReturnType<typeof readProcedure>) => void) => {
		const procedure = readProcedure();
		change(procedure);
		return () => tableText(procedure);
	};
	const CT = '1.2.840.10008.5.1.4.1.1.2';
	const withTag = (name: string, action: string) =>
		changed(({ sopClass }) => {
			const tags = sopClass[CT]?.tag;
			if (tags) tags[name] = { default: action };
		});

	it.each([
		['(0012,0064)', 'U'],
		['(0012,0064)', 'D'],
		['(0010,0010)', 'R'],
		['(0028,0010)', 'D'],
		['(0028,0010)', 'Z'],
		['(0010,0010)', 'U'],
		['(0010,0010)', 'Q'],
		['(0009,0010)', 'K'],
		['(FFFA,FFFA)', 'K'],
		['(60XX,3000)', 'K'],
		['(7FE0,0010)', 'X'],
	])('%s with the action %s', (name, action) => {
		expect(withTag(name, action)).toThrow(/SOP class 1\.2\.840/);
	});

	it('another default for tags or SOP classes, and a SOP class without a name', () => {
		expect(changed((procedure) => (procedure.default = 'K'))).toThrow(/Other SOP classes/);
		expect(changed(({ sopClass }) => (sopClass[CT]!.default = 'K'))).toThrow(/not listed/);
		expect(changed(({ sopClass }) => (sopClass['1.2.3'] = { default: 'X', tag: {} }))).toThrow(/give it a name/);
	});
});
