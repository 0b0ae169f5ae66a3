import { parseArgs } from 'node:util';

import { parseFaults } from './faults.mts';
import type { Json } from './json.mts';
import { isDrift } from './settings.mts';
import { startSandbox, type SandboxOptions } from './start.mts';

const { values } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		'until-stdin-closes': { type: 'boolean', default: false },
		https: { type: 'boolean', default: false },
		seed: { type: 'string' },
		folder: { type: 'string' },
		ports: { type: 'string' },
		clock: { type: 'string' },
		speed: { type: 'string' },
		drift: { type: 'string' },
		help: { type: 'boolean', default: false },
	},
});

const usage = `A local Grand Challenge.

  --json                 print one line of JSON when ready
  --until-stdin-closes   stop when standard input ends
  --https                self-signed certificates on the platform's origins
  --seed N               repeatable pks, tokens and bytes (default 1)
  --folder PATH          where files live (default: temporary)
  --ports a,u,d,i,c      ports of API, upload, download, DICOM and control (default: free ones)
  --clock auto|manual    clock of the background worker (default auto)
  --speed N              platform time per real time (default 100)
  --drift A|B|C          server of November or December 2025, or July 2026 (default B)
`;

const readOptions = (): SandboxOptions => {
	const { clock, drift } = values;
	if (clock !== undefined && clock !== 'auto' && clock !== 'manual') throw new Error('--clock is auto or manual');
	if (drift !== undefined && !isDrift(drift)) throw new Error('--drift is A, B or C');
	const [api = 0, upload = 0, download = 0, dicom = 0, control = 0] = (values.ports ?? '').split(',').map(Number);
	const script = process.env['SANDBOX_FAULTS'];
	const faults: Json = script === undefined || script === '' ? [] : JSON.parse(script);
	return {
		https: values.https,
		ports: { api, upload, download, dicom, control },
		faults: parseFaults(faults),
		...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
		...(values.folder === undefined ? {} : { folder: values.folder }),
		...(values.speed === undefined ? {} : { speed: Number(values.speed) }),
		...(clock === undefined ? {} : { clock }),
		...(drift === undefined ? {} : { drift }),
	};
};

const run = async () => {
	if (values.help) {
		process.stdout.write(usage);
		return;
	}
	const sandbox = await startSandbox(readOptions());
	const { origins, tokens, ca } = sandbox;
	if (values.json) {
		process.stdout.write(`${JSON.stringify({ ...origins, tokens, ...(ca === undefined ? {} : { ca }) })}\n`);
	} else {
		const lines = [
			'Grand Challenge sandbox',
			...Object.entries(origins).map(
				([name, origin]) => `  ${name.padEnd(9)} ${origin}${name === 'api' ? '/api/v1/' : ''}`,
			),
			'Tokens',
			...Object.entries(tokens).map(([name, token]) => `  ${name.padEnd(11)} ${token}`),
			'Stop with Ctrl-C.',
		];
		process.stdout.write(`${lines.join('\n')}\n`);
	}
	let stopping = false;
	const stop = () => {
		if (stopping) return;
		stopping = true;
		void sandbox.stop().finally(() => process.exit(0));
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
	if (values['until-stdin-closes']) {
		process.stdin.on('end', stop).on('close', stop).on('error', stop);
		process.stdin.resume();
	}
};

run().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exit(1);
});
