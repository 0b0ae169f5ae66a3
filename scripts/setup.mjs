// Brings what a fresh clone lacks: the project's own packages, the build, the n8n server. Node built-ins only, since it runs
// before anything is installed. Each function does nothing when there is nothing to do.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const npmProgram = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Runs a program quietly: one line when it starts, one every 10 s with the seconds so far, its own output only if it fails;
 * then this process ends too.
 */
const runWithProgress = async (title, program, args, { cwd, env = {} }) => {
	const start = performance.now();
	const seconds = () => Math.round((performance.now() - start) / 1000);
	console.log(`${title} ...`);
	const ticker = setInterval(() => console.log(`${title} ... ${seconds()} s`), 10_000);
	try {
		const child = spawn(program, args, {
			cwd,
			env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
			shell: process.platform === 'win32',
		});
		// A signal ends the program too. npm shrugs off SIGTERM now and then; what it leaves is installed anew.
		const interrupt = (signal) => process.exit(128 + constants.signals[signal]);
		const kill = () => child.kill('SIGKILL');
		for (const signal of endings) process.on(signal, interrupt);
		process.on('exit', kill);
		child.on('close', () => {
			for (const signal of endings) process.off(signal, interrupt);
			process.off('exit', kill);
		});
		let output = '';
		const keep = (data) => (output = (output + data).slice(-100_000));
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		const status = await new Promise((resolve, reject) => {
			child.on('error', reject);
			child.on('close', (code, signal) => resolve(code ?? signal));
		});
		if (status !== 0) {
			console.error(`${output}\n${title} failed: ${[program, ...args].join(' ')} ended with ${status}`);
			process.exit(1);
		}
	} finally {
		clearInterval(ticker);
	}
	console.log(`${title}: done in ${seconds()} s`);
};

const readJson = (file) => {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
};

/**
 * Whether node_modules holds what the lock names. npm writes node_modules/.package-lock.json last, so an interrupted
 * install lacks it. More than the lock names does no harm; what is optional may be absent (other platforms).
 */
const isInstalled = (folder) => {
	const lock = readJson(join(folder, 'package-lock.json'));
	const installed = readJson(join(folder, 'node_modules', '.package-lock.json'));
	if (!lock || !installed) return false;
	return Object.entries(lock.packages).every(
		([path, { version, optional, devOptional }]) =>
			path === '' || optional || devOptional || installed.packages[path]?.version === version,
	);
};

/** Installs the project's own packages (npm ci, without install scripts) if they are missing or not those of the lock. */
export const ensureProject = async () => {
	if (isInstalled(root)) return;
	await runWithProgress('Installing the project', npmProgram, ['ci', '--ignore-scripts'], { cwd: root });
};

const filesBelow = (folder) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));

const hash = (parts) => parts.reduce((sum, part) => sum.update(part).update('\0'), createHash('sha256')).digest('hex');

// Outside dist, which is published.
const buildStamp = join(root, 'node_modules', '.cache', 'n8n-nodes-grand-challenge-build');

const sourcesHash = () => {
	const single = ['package.json', 'package-lock.json', 'tsconfig.json', 'gulpfile.js', 'scripts/build.mjs'].map(
		(file) => join(root, file),
	);
	const files = [...['client', 'credentials', 'nodes'].flatMap((folder) => filesBelow(join(root, folder))), ...single];
	return hash(files.sort().flatMap((file) => [relative(root, file), readFileSync(file)]));
};

/** What n8n loads is there: an interrupted or failed build is noticed although its stamp may be right. */
const hasBuild = () => {
	const { n8n } = readJson(join(root, 'package.json'));
	return [...n8n.nodes, ...n8n.credentials].every((file) => existsSync(join(root, file)));
};

/** Builds dist (needs ensureProject) if it is missing or older than its sources. */
export const ensureBuilt = async () => {
	const sources = sourcesHash();
	const built = existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === sources;
	if (built && hasBuild()) return;
	rmSync(buildStamp, { force: true });
	await runWithProgress('Building the package', process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root });
	mkdirSync(dirname(buildStamp), { recursive: true });
	writeFileSync(buildStamp, sources);
};

/** The line of n8n that the demo shows: a folder of test/n8n/lines. */
export const currentLine = '2.41';

/** The lines of n8n that the package is tested with. */
export const lines = [currentLine, '1.123'];

const linesFolder = join(root, 'test', 'n8n', 'lines');

/**
 * Makes the folder of a line that the repository has none of: the newest version of that line that the registry has, with what the others
 * name besides.
 */
const describeLine = async (line, folder) => {
	if (existsSync(join(folder, 'package-lock.json'))) return;
	if (!/^\d+\.\d+$/.test(line)) throw new Error(`${line} is no line of n8n: give its first two numbers, such as 2.30`);
	const known = lines.map((one) => readJson(join(linesFolder, one, 'package.json')));
	const manifest = {
		name: `n8n-nodes-grand-challenge-test-n8n-${line}`,
		private: true,
		dependencies: { ...known[0].dependencies, n8n: `${line}.x` },
		overrides: Object.assign({}, ...known.map(({ overrides }) => overrides)),
	};
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
	for (const command of ['install', 'prune']) {
		await runWithProgress(`Choosing the packages of n8n ${line} (${command})`, npmProgram, [command, '--package-lock-only', '--ignore-scripts'], { cwd: folder });
	}
};

/** Folder of the platform's own Node package, which holds the headers that native modules are compiled with. */
const headersFolder = (folder) => {
	const modules = [join(folder, 'node_modules', 'node', 'node_modules'), join(folder, 'node_modules')];
	const folders = modules
		.filter(existsSync)
		.flatMap((place) => readdirSync(place).map((name) => join(place, name)))
		.filter((place) => existsSync(join(place, 'include', 'node', 'node_api.h')));
	if (folders.length === 0) throw new Error('The package node came without the headers of Node');
	return folders[0];
};

/**
 * Installs a line of n8n and its Node into its folder of test/n8n/lines (2 to 3 GB, several minutes) unless the installation
 * there is complete and that of the lock. npm's package `node` brings Node 24, which n8n demands, whatever Node the system has. No
 * install scripts run but those of `node` and `sqlite3`, which is compiled, as its download is no npm package.
 */
export const ensureN8n = async (line = currentLine) => {
	const folder = join(linesFolder, line);
	await describeLine(line, folder);
	const stamp = join(folder, 'node_modules', '.ready');
	const wanted = hash(['package.json', 'package-lock.json'].map((file) => readFileSync(join(folder, file))));
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	rmSync(stamp, { force: true });
	if (!isInstalled(folder)) {
		await runWithProgress(`Installing the n8n server ${line}`, npmProgram, ['ci', '--ignore-scripts'], { cwd: folder });
	}
	await runWithProgress(`Installing the Node of n8n ${line}`, npmProgram, ['rebuild', 'node'], { cwd: folder });
	await runWithProgress(`Compiling the database driver of n8n ${line}`, npmProgram, ['rebuild', 'sqlite3'], {
		cwd: folder,
		env: {
			PATH: join(folder, 'node_modules', 'node', 'bin') + delimiter + process.env.PATH,
			npm_config_nodedir: headersFolder(folder),
			npm_config_build_from_source: 'true',
			// A third of the time less, for a server that needs no fast database.
			CFLAGS: '-O1 -g0',
			CXXFLAGS: '-O1 -g0',
			JOBS: '2',
		},
	});
	writeFileSync(stamp, wanted);
};

/**
 * Runs a TypeScript file of the project with tsx in a process of its own (needs ensureProject), passes signals on to it and
 * takes over its exit code.
 */
export const runFile = (file, args = []) =>
	new Promise((resolve, reject) => {
		const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root, stdio: 'inherit' });
		for (const signal of endings) {
			process.on(signal, () => {
				// Ctrl+C in a terminal reaches the child by itself.
				if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
			});
		}
		// `npm run` puts a shell in between, which dies of a signal without passing it on.
		const parent = process.ppid;
		const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500);
		child.on('error', reject);
		child.on('close', (code, signal) => {
			clearInterval(watch);
			process.exitCode = code ?? 128 + constants.signals[signal];
			resolve();
		});
	});
