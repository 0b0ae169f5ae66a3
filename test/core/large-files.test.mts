// Files at the edges, and a large one over a bad line: what arrives is what was sent, in the sizes in which files are cut too.
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';
import { sha256, volume } from '../../benchmark/files.mts';
import type { FaultRule } from '../../sandbox/faults.mts';
import { id, json, makeBinary, readBinary, useWorld, type World } from './fixtures/world.mts';

const MIB = 1024 * 1024;
/** Bytes of the parts of an upload. */
const PART = 16 * MIB;
/** Takes any text. */
const SOCKET = 'airway-mesh';

const itemWith = (data: IBinaryData): INodeExecutionData => ({ json: {}, binary: { data } });
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const parts = async (world: World) => (await world.sandbox.requests()).filter(({ origin, method }) => origin === 'upload' && method === 'PUT');

describe.each(['filesystem', 'default'] as const)('n8n keeps binary data in mode %s', (binaryMode) => {
	const world = useWorld({ binaryMode, fresh: true });

	it.each([
		['no byte', 0, 1],
		['exactly one part', PART, 1],
		['one byte more than a part', PART + 1, 2],
	])('a file of %s goes up and comes down', async (_words, size, count) => {
		const bytes = Buffer.from(randomBytes(Math.ceil(size / 2)).toString('hex').slice(0, size));
		const file = itemWith(await makeBinary(bytes, 'mesh.obj'));
		const added = await world.run('archiveItem.create', { archive: id('incoming-cases'), title: '', values: { binary: [{ socket: id(SOCKET), field: 'data' }] } }, { items: [file] });
		expect(added.error?.message).toBeUndefined();
		expect((await parts(world)).map(({ bytesIn }) => bytesIn)).toEqual(count === 1 ? [size] : [PART, 1]);
		const back = await world.run('archiveItem.download', { archiveItem: id(String(json(added)[0]?.pk)) });
		expect(json(back)).toMatchObject([{ socket: SOCKET, bytes: size }]);
		expect((await readBinary(back.items[0])).equals(bytes)).toBe(true);
	});
});

describe('names', () => {
	const world = useWorld({ fresh: true });

	it.each([
		['with folders', 'patients/2026\\scan 1.mha', 'scan 1.mha'],
		['of other scripts', 'Straße–患者 №1.mha', 'Straße–患者 №1.mha'],
		['of 200 characters', `${'x'.repeat(196)}.mha`, `${'x'.repeat(124)}.mha`],
		['that are no names', '..', 'file'],
	])('%s', async (_words, given, sent) => {
		const data = await makeBinary(Buffer.from('v 1 2 3'), 'mesh.obj');
		const result = await world.run('upload.create', {}, { items: [itemWith({ ...data, fileName: given })] });
		expect(json(result)).toMatchObject([{ filename: sent, status: 'Completed' }]);
	});
});

describe('a file of half a gigabyte', () => {
	const world = useWorld({ fresh: true });
	const large = 512;

	it('goes up though parts fail, comes down though it is cut three times, and no more is moved than has to be', async () => {
		const sum = await sha256(volume(large));
		const [header = []] = volume(large);
		const size = header.length + large * MIB;
		const scan = await makeBinary(Readable.from(volume(large), { objectMode: false }), 'large.mha', 'application/octet-stream');
		// One in twenty.
		const failing = [3, 21].map((skip): FaultRule => ({ match: { origin: 'upload', method: 'PUT' }, skip, action: { status: 503 } }));
		await world.sandbox.addFaults(...failing);
		const added = await world.run('archiveItem.create', { archive: id('incoming-cases'), title: '', values: { binary: [{ socket: id('ct-image'), field: 'data' }] }, options: { waitForImport: true } }, { items: [itemWith(scan)] });
		expect(added.error?.message).toBeUndefined();
		const sent = await parts(world);
		expect(sent.filter(({ status }) => status === 503)).toHaveLength(2);
		expect(sent.reduce((all, { bytesIn }) => all + bytesIn, 0)).toBeLessThanOrEqual(size * 1.1);

		await world.sandbox.settle();
		const [session] = (await world.sandbox.state()).sessions.slice(-1);
		await world.sandbox.clearRequests();
		for (const cutAfter of [100, 150, 200]) await world.sandbox.addFaults({ match: { origin: 'download' }, action: { cutAfter: cutAfter * MIB } });
		const back = await world.run('image.download', { image: id(session?.images[0] ?? '') });
		expect(json(back)).toMatchObject([{ bytes: size }]);
		expect(hashOf(await readBinary(back.items[0]))).toBe(sum);
		const asked = (await world.sandbox.requests()).filter(({ origin }) => origin === 'download');
		expect(asked.map(({ headers }) => /^bytes=\d+-$/.test(headers.range ?? ''))).toEqual([false, true, true, true]);
		// What was cut off was on its way already when the connection broke: little.
		expect(asked.reduce((all, { bytesOut }) => all + bytesOut, 0)).toBeLessThan(size * 1.1);
	}, 180_000);
});
