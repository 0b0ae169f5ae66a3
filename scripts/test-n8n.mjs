// npm run test:n8n: everything that needs a real n8n server. It brings two of them (minutes, once); `-- --line 2.41` takes
// one. Ends with one line "N passed, N failed".
import { ensureProject, runFile } from './setup.mjs';

await ensureProject();
await runFile('test/n8n/main.mts', process.argv.slice(2));
