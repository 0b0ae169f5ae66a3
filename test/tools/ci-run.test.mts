// .ci/run, with an npm of our own in its path that plays the two runs.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');

interface Play {
	/** What `npm test` does, as shell text. */
	test: string;
	/** What `npm run test:n8n` does; absent where the project has no such script. */
	n8n?: string;
}

const run = ({ test, n8n }: Play): { last: string; status: number | null } => {
	const root = mkdtempSync(join(tmpdir(), 'ci-run-'));
	try {
		cpSync(join(repository, '.ci'), join(root, '.ci'), { recursive: true });
		mkdirSync(join(root, 'bin'));
		mkdirSync(join(root, 'scripts'));
		writeFileSync(
			join(root, 'bin', 'npm'),
			`#!/bin/sh\nif [ "$*" = test ]; then ${test}; else ${n8n ?? 'exit 3'}; fi\n`,
		);
		chmodSync(join(root, 'bin', 'npm'), 0o755);
		if (n8n !== undefined) writeFileSync(join(root, 'scripts', 'test-n8n.mjs'), '');
		const { stdout, status } = spawnSync(join(root, '.ci', 'run'), [], {
			encoding: 'utf8',
			env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}` },
		});
		return { last: stdout.trimEnd().split('\n').at(-1) ?? '', status };
	} finally {
		rmSync(root, { recursive: true });
	}
};

const good = 'echo "120 passed, 0 failed"';

it.each<[string, Play, string, number]>([
	['adds both runs', { test: good, n8n: 'echo "8 passed, 0 failed"' }, '128 passed, 0 failed', 0],
	['needs no second run', { test: good }, '120 passed, 0 failed', 0],
	['fails with one failure', { test: good, n8n: 'echo "7 passed, 1 failed"; exit 1' }, '127 passed, 1 failed', 1],
	['counts a run that dies', { test: 'echo "2 passed"; exit 1', n8n: good }, '120 passed, 1 failed', 1],
	['believes the exit code', { test: `${good}; exit 1` }, '120 passed, 1 failed', 1],
	['takes the last summary', { test: 'echo "1 passed, 1 failed"; echo "2 passed, 0 failed"' }, '2 passed, 0 failed', 0],
	['gives no standard input', { test: `test -z "$(cat)" && test "$CI" = true && ${good}` }, '120 passed, 0 failed', 0],
])('%s', (_name, play, last, status) => {
	expect(run(play)).toEqual({ last, status });
});
