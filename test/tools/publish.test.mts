// The release: what is published is the tarball that was checked, by a job that can do nothing else.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');

interface Job {
	needs?: string;
	permissions?: Record<string, string>;
	steps: Array<{ uses?: string; run?: string; with?: Record<string, unknown> }>;
}
interface Workflow {
	on: unknown;
	permissions: Record<string, string>;
	jobs: Record<string, Job>;
}
const { on, permissions, jobs } = parse(readFileSync(join(root, '.github', 'workflows', 'publish.yml'), 'utf8')) as Workflow;
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const runs = ({ steps }: Job = { steps: [] }) => steps.flatMap(({ run }) => run ?? []);
const uses = ({ steps }: Job = { steps: [] }) => steps.flatMap(({ uses: action }) => action?.split('@')[0] ?? []);

it('starts with a tag, after all tests', () => {
	expect(on).toEqual({ push: { tags: ['v*'] } });
	expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
		['test', undefined],
		['pack', 'test'],
		['publish', 'pack'],
		['scan', 'publish'],
	]);
	expect(runs(jobs.test)).toEqual(['.ci/run']);
});

it('packs once, with the checks that npm test does too', () => {
	expect(runs(jobs.pack)).toEqual(['npm ci --ignore-scripts', 'npm run package -- --tag "$GITHUB_REF_NAME" --out release']);
	const [, script = ''] = scripts.package?.split(' ') ?? [];
	expect(existsSync(join(root, script))).toBe(true);
	expect(readFileSync(join(root, 'scripts', 'test.mjs'), 'utf8')).toContain(`node('${script}')`);
});

it('publishes that tarball with provenance, and neither builds nor sees the sources there', () => {
	expect(uses(jobs.publish)).toEqual(['actions/setup-node', 'actions/download-artifact']);
	expect(runs(jobs.publish).at(-1)).toBe('npm publish release/*.tgz --provenance --access public');
	const artifact = (job: Job | undefined, action: string) => job?.steps.find(({ uses: used }) => used?.startsWith(action))?.with?.name;
	expect(artifact(jobs.publish, 'actions/download-artifact')).toBe(artifact(jobs.pack, 'actions/upload-artifact'));
});

it('lets only that job sign, and stores no secret', () => {
	expect(permissions).toEqual({ contents: 'read' });
	expect(Object.entries(jobs).flatMap(([name, job]) => (job.permissions ? [[name, job.permissions]] : []))).toEqual([['publish', { 'id-token': 'write' }]]);
	expect(JSON.stringify(jobs)).not.toMatch(/secrets\./);
});
