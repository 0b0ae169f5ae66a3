// npm run build: compiles with tsc, then copies icons and codex files with gulp. dist/ is made anew each time.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const run = (tool, ...args) => {
	const { status } = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd: root, stdio: 'inherit' });
	if (status !== 0) process.exit(status ?? 1);
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('typescript/bin/tsc', '-p', 'tsconfig.json');
run('gulp/bin/gulp.js', '--silent', 'assets');
