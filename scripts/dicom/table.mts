// The table of the de-identifier, made of the procedure that Grand Challenge publishes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Of dcmjs, which has no types: the dictionary of DICOM. */
interface Dictionary {
	data: { DicomMetaDictionary: { dictionary: Record<string, { vr: string } | undefined> } };
}
export const { dictionary } = (createRequire(import.meta.url)('dcmjs') as Dictionary).data.DicomMetaDictionary;

/** As Grand Challenge publishes it: `procedure.json` of the package grand-challenge-dicom-de-id-procedure on PyPI. */
export interface SourceProcedure {
	version: string;
	default: string;
	sopClass: Record<string, { default: string; tag: Record<string, { default: string }> }>;
}

export const source = join(import.meta.dirname, 'procedure.json');
export const target = join(import.meta.dirname, '..', '..', 'client', 'dicom', 'procedure.ts');

/** What messages call the kinds of files. One that is missing here stops the making of the table. */
const names: Record<string, string> = {
	'1.2.840.10008.5.1.4.1.1.2': 'CT Image Storage',
	'1.2.840.10008.5.1.4.1.1.4': 'MR Image Storage',
	'1.2.840.10008.5.1.4.1.1.77.1.6': 'VL Whole Slide Microscopy Image Storage',
};

/** The values that the official de-identifier puts in, by VR. */
const dummies: Record<string, string> = {
	CS: 'DUMMY',
	DA: '20000101',
	DT: '20000101120000.000000',
	IS: '0',
	LO: 'DUMMY_LONG_STRING',
	LT: 'DUMMY LONG TEXT',
	PN: 'DUMMY^PATIENT^^^',
	SH: 'DUMMY',
	ST: 'DUMMY SHORT TEXT',
	TM: '120000.000000',
	UC: 'DUMMY UNLIMITED CHARACTERS',
	UI: '1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0',
	UR: 'http://dummy.example.test',
	UT: 'DUMMY UNLIMITED TEXT',
};
const emptied = ['CS', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT'];
const asUid = ['UI', 'UR', 'LO'];
const pixelData = '7FE00010';

/** What the engine is to do with a tag: the list of the table it goes into. @throws Error for what the engine cannot do */
const listOf = (action: string, vr: string | undefined): string => {
	if (vr === undefined) throw new Error('is in no dictionary');
	if (action === 'K') return vr === 'SQ' ? 'items' : 'keep';
	if (action === 'Z' && vr === 'SQ') return 'emptySequence';
	if (action === 'Z' && emptied.includes(vr)) return `text ${vr} `;
	if ((action === 'Z' || action === 'D') && dummies[vr] !== undefined) return `text ${vr} ${dummies[vr]}`;
	if (action === 'U' && asUid.includes(vr)) return `uid ${vr}`;
	throw new Error(`has the action ${action} and the VR ${vr}, which the engine does not know`);
};

const tagsOf = (uid: string, { default: others, tag }: SourceProcedure['sopClass'][string]) => {
	if (others !== 'X') throw new Error(`SOP class ${uid}: tags that are not listed have the action ${others}; the engine removes them`);
	const lists = new Map<string, string[]>();
	for (const [name, { default: action }] of Object.entries(tag).sort(([a], [b]) => (a < b ? -1 : 1))) {
		if (action === 'X') continue;
		const hex = /^\([0-9A-F]{4},[0-9A-F]{4}\)$/.test(name) ? name.replace(/\W/g, '') : undefined;
		try {
			const list = listOf(action, dictionary[name]?.vr);
			if (hex === undefined) throw new Error('is no single tag');
			if (hex > pixelData || /^...[13579BDF]/.test(hex)) throw new Error('is private or stands behind the pixels, where the engine removes everything');
			lists.set(list, [...(lists.get(list) ?? []), hex]);
		} catch (error) {
			throw new Error(`SOP class ${uid}: ${name} ${(error as Error).message}`);
		}
	}
	return lists;
};

const lines = (tags: string[] = []): string => {
	const rows = Array.from({ length: Math.ceil(tags.length / 14) }, (_, i) => tags.slice(i * 14, i * 14 + 14).join(' '));
	return rows.length < 2 ? `'${rows.join('')}'` : `\`${rows.join('\n\t\t\t\t')}\``;
};

const classText = (uid: string, source: SourceProcedure['sopClass'][string]): string => {
	const name = names[uid];
	if (name === undefined) throw new Error(`SOP class ${uid} is new: give it a name in scripts/dicom/table.mts`);
	const lists = tagsOf(uid, source);
	if (!lists.get('keep')?.includes(pixelData)) throw new Error(`SOP class ${uid}: the pixels are not kept`);
	const rows = (kind: string, write: (vr: string, value: string, tags: string) => string) =>
		[...lists]
			.filter(([list]) => list.startsWith(`${kind} `))
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([list, tags]) => {
				const [, vr = '', ...value] = list.split(' ');
				return `\n\t\t\t\t${write(vr, value.join(' '), lines(tags))},`;
			})
			.join('');
	return `
		{
			uid: '${uid}',
			name: '${name}',
			keep: ${lines(lists.get('keep'))},
			items: ${lines(lists.get('items'))},
			emptySequence: ${lines(lists.get('emptySequence'))},
			uids: [${rows('uid', (vr, _, tags) => `{ vr: '${vr}', tags: ${tags} }`)}
			],
			texts: [${rows('text', (vr, value, tags) => `{ vr: '${vr}', value: '${value}', tags: ${tags} }`)}
			],
		},`;
};

/** @throws Error for a procedure that asks for what the engine cannot do */
export const tableText = (procedure: SourceProcedure): string => {
	if (procedure.default !== 'R') throw new Error(`Other SOP classes have the action ${procedure.default}; the engine refuses them`);
	return `// Made by \`npm run dicom-table\` from scripts/dicom/procedure.json; not to be changed by hand. A compact form of Grand Challenge's
// DICOM de-identification procedure, Copyright 2025 Radboud University Medical Center, Apache License 2.0: see NOTICE.
import type { Procedure } from './rules';

export const procedure: Procedure = {
	version: '${procedure.version}',
	classes: [${Object.entries(procedure.sopClass).map(([uid, source]) => classText(uid, source)).join('')}
	],
};
`;
};

export const readProcedure = (): SourceProcedure => JSON.parse(readFileSync(source, 'utf8')) as SourceProcedure;
