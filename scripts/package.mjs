// npm run package [-- --tag v1.2.3] [--out FOLDER]: packs the package and checks the tarball as it would be published.
// - n8n's scan of published community packages, in its two legs: the sources of the repository, and the compiled files of the tarball.
//   The scan's third condition, npm provenance of the published version, exists only after publishing.
// - No runtime dependencies, no files that do not belong there, all that belongs there, at most 300 kB.
// - A second build of the same sources, in another folder, gives the same bytes.
// - Its version is that of the tag, and the changelog has a section for it.
// With --out the tarball is put there, which is what the release publishes (.github/workflows/publish.yml). Exit code 1 if anything is
// not so.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
const belongs = /^(dist\/.+|index\.js|package\.json|(README|LICENSE|NOTICE|CHANGELOG)(\.md)?)$/;

const LARGEST = 300_000;

const command = (name, args, cwd = root) => {
	const { status, stdout, stderr, error } = spawnSync(name, args, { cwd, encoding: 'utf8' });
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

/** Packs what is built in a folder. */
const pack = (from, to) => {
	mkdirSync(to, { recursive: true });
	const [{ filename, files, version }] = JSON.parse(command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', to], from));
	const bytes = readFileSync(join(to, filename));
	return { filename, file: join(to, filename), paths: files.map(({ path }) => path), version, size: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
};

/** The same sources, built elsewhere. */
const packAgain = (folder) => {
	const copy = join(folder, 'copy');
	const sources = ['client', 'credentials', 'nodes', 'scripts/build.mjs', 'gulpfile.js', 'index.js', 'package.json', 'tsconfig.json', 'README.md', 'LICENSE', 'NOTICE'];
	for (const path of sources) cpSync(join(root, path), join(copy, path), { recursive: true });
	symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
	command(process.execPath, [join(copy, 'scripts', 'build.mjs')], copy);
	return pack(copy, join(folder, 'again'));
};

const unpack = (file, folder) => {
	mkdirSync(folder);
	command('tar', ['-xzf', file, '-C', folder, '--strip-components=1']);
	return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
};

/** What is wrong with the tarball, but for what the scan says. */
const complaintsOf = ({ paths, version, size, hash }, again, { dependencies = {}, main, types, n8n }, unpacked, tag) => {
	const wanted = [main, types, 'README.md', 'LICENSE', 'NOTICE', ...n8n.nodes, ...n8n.credentials, ...n8n.nodes.map((path) => path.replace(/\.js$/, '.json'))];
	const about = {
		'these do not belong in the tarball': paths.filter((path) => !belongs.test(path)),
		'these are not in the tarball': wanted.filter((path) => !paths.includes(path)),
		'n8n forbids runtime dependencies': Object.keys(dependencies),
		'imports that an installed package has not': foreignImports(unpacked, paths),
		[`the tarball is larger than ${LARGEST} bytes`]: size > LARGEST ? [size] : [],
		'a second build gives another tarball': again.hash === hash ? [] : [again.hash, hash],
		'the tag is not the version': tag === undefined || tag === `v${version}` ? [] : [tag, version],
		'the changelog says nothing of this version': readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version}\n`) ? [] : [version],
	};
	return Object.entries(about).flatMap(([what, which]) => (which.length > 0 ? [`${what}: ${which.join(', ')}`] : []));
};

const { values } = parseArgs({ options: { tag: { type: 'string' }, out: { type: 'string' } } });
await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'package-'));
try {
	const packed = pack(root, join(folder, 'first'));
	const unpacked = join(folder, 'package');
	const manifest = unpack(packed.file, unpacked);
	const complaints = complaintsOf(packed, packAgain(folder), manifest, unpacked, values.tag);
	for (const complaint of complaints) console.log(complaint);
	const source = await lint('source', root, SOURCE_FILE_PATTERNS);
	const scanned = await lint('packed', unpacked, packedPatterns);
	console.log(`${packed.filename}: ${packed.size} bytes, ${packed.paths.length} files, SHA-256 ${packed.hash}`);
	const passed = source && scanned && complaints.length === 0;
	if (passed && values.out !== undefined) {
		mkdirSync(values.out, { recursive: true });
		copyFileSync(packed.file, join(values.out, packed.filename));
	}
	process.exitCode = passed ? 0 : 1;
} finally {
	rmSync(folder, { recursive: true });
}
