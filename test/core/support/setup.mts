// Runs before each core test file, and so before n8n-core is loaded.
import { rmSync } from 'node:fs';
import { setEnvironment } from './environment.mts';

const folder = setEnvironment();

afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});
