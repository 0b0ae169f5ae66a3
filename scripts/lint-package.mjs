// npm run lint:package: what n8n's scan of published community packages will say, before publishing. Two legs as in
// @n8n/scan-community-package: the sources of the repository, and the compiled files of the tarball that `npm pack` makes. The
// scan's third condition, npm provenance of the published version, exists only after publishing and is not checked here.
// Exit code 1 on any error or warning, on runtime dependencies, and on files in the tarball that do not belong there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildScanConfig, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ensureBuilt } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const requireFromScan = createRequire(
	createRequire(import.meta.url).resolve('@n8n/scan-community-package/scanner/scanner.mjs'),
);
const { ESLint } = requireFromScan('eslint');
const glob = requireFromScan('fast-glob');
requireFromScan('tmp').setGracefulCleanup(); // the scan makes a temporary folder when it is loaded

// The two arguments of the scan's own calls of analyzePackage (which reports no warnings, hence not called itself).
const packedPatterns = ['**/*.js', 'package.json'];

// What n8n has for an installed package. The scan also lets devDependencies pass, with which it would crash.
const present = /^(\.{1,2}\/.+|n8n-workflow|(node:)?crypto)$/;
const belongs = /^(dist\/.+|index\.js|package\.json|(README|LICENSE|CHANGELOG)(\.md)?)$/;

const command = (name, args) => {
	const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: root, encoding: 'utf8' });
	if (status !== 0) throw new Error(`${name} ${args[0]}: ${error?.message ?? stderr}`);
	return stdout;
};

const lint = async (leg, cwd, patterns) => {
	const eslint = new ESLint({
		cwd,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
	});
	const files = glob.sync(patterns, { cwd, absolute: true, ignore: ['node_modules/**', '**/package-lock.json'] });
	if (files.length < 2) throw new Error(`${leg}: found nothing to check in ${cwd}`);
	const results = await eslint.lintFiles(files);
	const errors = results.reduce((sum, { errorCount }) => sum + errorCount, 0);
	const warnings = results.reduce((sum, { warningCount }) => sum + warningCount, 0);
	if (errors + warnings > 0) console.log(await (await eslint.loadFormatter('stylish')).format(results));
	console.log(`${leg}: ${errors} errors, ${warnings} warnings`);
	return errors + warnings === 0;
};

const foreignImports = (folder, paths) =>
	paths
		.filter((path) => path.endsWith('.js'))
		.flatMap((path) =>
			[...readFileSync(join(folder, path), 'utf8').matchAll(/\b(?:require|import)\(\s*['"]([^'"]+)['"]/g)]
				.filter(([, name]) => !present.test(name))
				.map(([, name]) => `${path}: ${name}`),
		);

const unpack = (folder) => {
	const [{ filename, files }] = JSON.parse(
		command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
	);
	const unpacked = join(folder, 'package');
	mkdirSync(unpacked);
	command('tar', ['-xzf', join(folder, filename), '-C', unpacked, '--strip-components=1']);
	return { unpacked, paths: files.map(({ path }) => path) };
};

await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'lint-package-'));
try {
	const { unpacked, paths } = unpack(folder);
	const strangers = paths.filter((path) => !belongs.test(path));
	if (strangers.length > 0) console.log(`tarball: these do not belong there: ${strangers.join(', ')}`);
	const { dependencies = {} } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
	const names = Object.keys(dependencies);
	if (names.length > 0) console.log(`package.json: n8n forbids runtime dependencies: ${names.join(', ')}`);
	const foreign = foreignImports(unpacked, paths);
	if (foreign.length > 0) console.log(`tarball: imports that an installed package has not: ${foreign.join(', ')}`);
	const source = await lint('source', root, SOURCE_FILE_PATTERNS);
	const packed = await lint('packed', unpacked, packedPatterns);
	process.exitCode = source && packed && strangers.length + names.length + foreign.length === 0 ? 0 : 1;
} finally {
	rmSync(folder, { recursive: true });
}
