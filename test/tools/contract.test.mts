// What breaks saved workflows is told apart from what does not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { breaks, contractOf, type Contract } from '../../scripts/contract/compare.mts';

const kept = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'contract.json'), 'utf8')) as Contract;
const path = 'grandChallenge 1: archive.download > options > folder';
const { [path]: folder = { type: '' }, ...others } = kept;

it('keeps what there is', () => {
	expect(folder).toEqual({ type: 'options', default: 'pk', choices: ['image', 'pk', 'title'] });
	expect(breaks(kept, kept)).toEqual([]);
});

it.each<[string, Contract, string]>([
	['an option that was removed', others, 'is gone'],
	['another type', { ...kept, [path]: { ...folder, type: 'string' } }, 'was options and is string'],
	['one where there were many', { ...kept, [path]: { ...folder, many: true } }, 'was options and is many of options'],
	['another default', { ...kept, [path]: { ...folder, default: 'title' } }, 'began with "pk" and begins with "title"'],
	['a choice less', { ...kept, [path]: { ...folder, choices: ['image', 'pk'] } }, 'has no choice "title" any more'],
	['what is required now', { ...kept, [path]: { ...folder, required: true } }, 'is required, and was not'],
])('names %s', (_, now, message) => {
	expect(breaks(kept, now)).toEqual([`${path} ${message}`]);
});

it('names a new field that has to be filled in', () => {
	const field = 'grandChallenge 1: archive.download > reason';
	expect(breaks(kept, { ...kept, [field]: { type: 'string', required: true } })).toEqual([`${field} is new and required: saved workflows have nothing in it`]);
});

it.each<[string, Contract]>([
	['a new option', { 'grandChallenge 1: archive.download > options > speed': { type: 'number', default: 0 } }],
	['a new operation with a field to fill in', { 'grandChallenge 1: archive.upload > files': { type: 'string', required: true } }],
	['a choice more', { [path]: { ...folder, choices: ['image', 'new', 'pk', 'title'] } }],
	['another version of the node, with the change', { [path.replace(' 1:', ' 2:')]: { ...folder, default: 'title' } }],
])('lets pass %s', (_, added) => {
	expect(breaks(kept, { ...kept, ...added })).toEqual([]);
});

it('knows the fields of each version of a node', () => {
	const field = (version: number, initial: string) => ({
		displayName: 'Folder',
		name: 'folder',
		type: 'string' as const,
		default: initial,
		displayOptions: { show: { resource: ['archive'], operation: ['get'], '@version': [version] } },
	});
	const node = { description: { name: 'grandChallenge', version: [1, 2], properties: [field(1, 'pk'), field(2, 'title')] } };
	expect(contractOf({ nodes: [node], credentials: [] })).toEqual({
		'grandChallenge 1: archive.get > folder': { type: 'string', default: 'pk' },
		'grandChallenge 2: archive.get > folder': { type: 'string', default: 'title' },
	});
});
