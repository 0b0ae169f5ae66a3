// npm run test:n8n: everything that needs a real n8n server, which it brings (minutes, once). Ends with one line
// "N passed, N failed".
import { ensureProject, runFile } from './setup.mjs';

await ensureProject();
await runFile('test/n8n/main.mts');
