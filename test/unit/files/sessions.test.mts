import { uploadSession, waitForImages } from '../../../client';
import { text } from '../../../client/api/json';
import { spawnSandbox, type SpawnedSandbox } from '../../../sandbox/client.mts';
import { testVolume } from '../../n8n/volume.mts';
import { failureOf, fileOf, testClient, until } from '../../support/client.mts';

let sandbox: SpawnedSandbox;
beforeAll(async () => {
	sandbox = await spawnSandbox({ clock: 'manual' });
});
beforeEach(async () => {
	await sandbox.reset();
});
afterAll(() => sandbox.stop());

const LONG = 60_000;
const looksAtImages = async () => (await sandbox.requests()).filter(({ path }) => path.includes('/cases/images/')).length;

/** Sends a volume into an archive and waits until the session says "Succeeded", but its image is not attached yet. */
const imported = async (target: object) => {
	const { gc } = testClient(sandbox);
	const session = await uploadSession(gc, [fileOf('scan.mha', testVolume(4).bytes)], 'a session', { archive: 'incoming-cases', ...target });
	const images = waitForImages(gc, text(session, 'pk'), LONG);
	await sandbox.advance(13_000);
	return images;
};

describe('the images of a session', () => {
	it('are waited for until they can be seen where they went to', async () => {
		const waiting = imported({});
		await until(async () => (await looksAtImages()) > 2);
		await sandbox.advance(2_000);
		const { session, images } = await waiting;
		expect([text(session, 'status'), images.map(({ name }) => name)]).toEqual(['Succeeded', ['scan.mha']]);
	});

	it('may be refused after all by the socket that they are for', async () => {
		const waiting = failureOf(imported({ interface: 'lung-segmentation' }));
		await until(async () => (await looksAtImages()) > 2);
		await sandbox.advance(2_000);
		expect(await waiting).toMatchObject({ reason: 'failedThere', message: expect.stringContaining('Image validation for socket') as string });
	});
});
