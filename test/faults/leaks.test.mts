// The search for secrets itself: a node that gives them away in every way it can is found out in each.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretsIn } from '../core/fixtures/world.mts';
import { startHarness, type Harness } from '../core/support/harness.mts';

const source = `
const { NodeApiError, NodeOperationError } = require('n8n-workflow');
exports.Leaky = class Leaky {
	description = {
		displayName: 'Leaky', name: 'leaky', group: ['transform'], version: 1, description: 'For tests', defaults: { name: 'Leaky' },
		inputs: ['main'], outputs: ['main'],
		properties: [
			{ displayName: 'Way', name: 'way', type: 'string', default: '' },
			{ displayName: 'Secret', name: 'parts', type: 'string', default: '' },
		],
	};
	async execute() {
		// In parts, since n8n saves the parameters too.
		const secret = this.getNodeParameter('parts', 0).split('|').join('');
		const node = this.getNode();
		const ways = {
			message: () => { throw new NodeOperationError(node, 'No: ' + secret); },
			description: () => { throw new NodeOperationError(node, 'No', { description: secret }); },
			'data of an error': () => { throw new NodeApiError(node, { body: secret }, { message: 'No' }); },
			'cause of an error': () => { throw new NodeOperationError(node, new Error('No', { cause: new Error(secret) })); },
			item: () => [[{ json: { deep: [{ url: secret }] } }]],
			'name of a file': () => [[{ json: {}, binary: { data: { data: '', mimeType: 'text/plain', fileName: secret } } }]],
			hint: () => { this.addExecutionHints({ message: secret }); return [[]]; },
			log: () => { this.logger.debug('asking', { url: secret }); return [[]]; },
			console: () => { console.debug(secret); return [[]]; },
			nothing: () => [[{ json: { secret: secret.length } }]],
		};
		return ways[this.getNodeParameter('way', 0)]();
	}
};
`;

let n8n: Harness;
let packageDir: string;
beforeAll(async () => {
	packageDir = mkdtempSync(join(tmpdir(), 'leaky-'));
	mkdirSync(join(packageDir, 'dist'));
	writeFileSync(join(packageDir, 'dist', 'Leaky.node.js'), source);
	symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(packageDir, 'node_modules'));
	const n8nPart = { n8nNodesApiVersion: 1, nodes: ['dist/Leaky.node.js'] };
	writeFileSync(join(packageDir, 'package.json'), JSON.stringify({ name: 'n8n-nodes-leaky', version: '1.0.0', n8n: n8nPart }));
	jest.spyOn(console, 'debug').mockReturnValue();
	n8n = await startHarness({ packageDir });
});
afterAll(() => {
	n8n.stop();
	jest.restoreAllMocks();
	rmSync(packageDir, { recursive: true });
});

const token = '0123456789abcdef'.repeat(4);
const tokens = { main: token };
const secrets: Array<[name: string, parts: string, found: RegExp]> = [
	['a token', `${token.slice(0, 9)}|${token.slice(9)}`, /the token of main/],
	['a presigned address', 'https://bucket.example/part?X-A|mz-Expires=3600&X-A|mz-Sig|nature=abc', /X-Amz-/],
	['the signature of a download', 'https://cdn.example/scan.mha?Expires=1&Sig|nature=abc', /Signature=/],
	['the header of a DICOM instance', 'AW|S4-HM|AC-SHA256 Credential=a/b', /AWS4-HMAC/],
];
const ways = ['message', 'description', 'data of an error', 'item', 'name of a file', 'hint', 'log', 'console'];

describe.each(secrets)('%s', (_, parts, found) => {
	it.each(ways)('is found in: %s', async (way) => {
		n8n.clearTranscript();
		await n8n.runNode({ parameters: { way, parts } });
		expect(secretsIn(n8n.transcript(), tokens).join(', ')).toMatch(found);
	});

	it('is not found where it was not given away', async () => {
		n8n.clearTranscript();
		await n8n.runNode({ parameters: { way: 'nothing', parts } });
		expect(secretsIn(n8n.transcript(), tokens)).toEqual([]);
	});
});
