// The built package as n8n's own loader sees it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHarness, type Harness } from './support/harness.mts';

const dist = join(import.meta.dirname, '..', '..', 'dist');

describe('the built package', () => {
	let n8n: Harness;
	beforeAll(async () => {
		n8n = await startHarness();
	});
	afterAll(() => n8n.stop());

	const icons = (): unknown[] => [
		n8n.nodeType.description.iconUrl,
		...Object.values(n8n.loader.credentialTypes).map(({ type }) => type.iconUrl),
	];

	it('is found in the node panel by the words of the field', () => {
		expect(n8n.nodeType.description.codex).toMatchObject({
			categories: ['Data & Storage', 'Development'],
			alias: expect.arrayContaining(['DICOM', 'radiology', 'Try-out Algorithm', 'Result']) as unknown,
			resources: {
				primaryDocumentation: [{ url: expect.stringMatching(/^https:/) as unknown }],
				credentialDocumentation: [{ url: expect.stringMatching(/^https:/) as unknown }],
			},
		});
	});

	it('brings a light and a dark icon for node and credential', () => {
		expect(icons()).toHaveLength(2);
		for (const icon of icons()) {
			expect(icon).toEqual({ light: expect.any(String) as unknown, dark: expect.any(String) as unknown });
			const { light, dark } = icon as Record<string, string>;
			const read = (url = ''): string => readFileSync(join(dist, url.split('/dist/')[1] ?? ''), 'utf8');
			expect(read(light)).toContain('<svg');
			expect(read(dark)).toContain('<svg');
			expect(read(light)).not.toBe(read(dark));
		}
	});
});
