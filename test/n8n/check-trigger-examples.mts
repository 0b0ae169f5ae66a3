// The examples that start when something happens, each by hand: then the trigger gives what has happened last.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';

import type { Checks } from './checks.mts';
import { example, nodeOf } from './examples.mts';
import { emptyFolder } from './files.mts';
import type { Workflow } from './instance.mts';
import { startMailServer } from './mail.mts';
import { platform, type PlatformJob } from './platform.mts';
import { failureOf, itemsOf, type Execution } from './session.mts';
import { withCredential } from './workflows.mts';
import type { World } from './world.mts';

export const checkTriggerExamples = async (world: World, checks: Checks): Promise<void> => {
	await checkDownloadOnArrival(world, checks);
	await checkRowPerAnswer(world, checks);
	await checkMessage(world, checks);
};

const succeeds = async (running: Promise<Execution>): Promise<Execution> => {
	const execution = await running;
	assert.equal(failureOf(execution), undefined);
	return execution;
};

/** A copy with other things in one of its nodes. */
const withNode = (workflow: Workflow, name: string, change: object): Workflow => {
	const changed = nodeOf(workflow, name);
	return { ...workflow, nodes: workflow.nodes.map((node) => (node === changed ? { ...node, ...change } : node)) };
};

const checkDownloadOnArrival = async ({ session, instance }: World, { check }: Checks) => {
	await check('download on arrival: the files of the newest cases', async () => {
		await emptyFolder(instance.files);
		const execution = await succeeds(session.runManually('downloadOnArrival', 'Case Arrived'));
		const arrived = itemsOf(execution, 'Case Arrived').map(({ json }) => String(json.pk));
		const files = await readdir(instance.files);
		assert(arrived.length > 0);
		assert.deepEqual(arrived.filter((pk) => !files.some((name) => name.startsWith(pk))), []);
	});
};

const checkRowPerAnswer = async ({ session, instance }: World, { check }: Checks) => {
	await check('a row for each answer: what the spreadsheet is given', async () => {
		// Google's own node, which only Google can answer.
		const workflow = withNode(example('rowPerAnswer', instance.files), 'Append Row', { disabled: true });
		const id = await session.createWorkflow(withCredential(workflow));
		const execution = await succeeds(session.runManually(id, 'Answer Added'));
		const rows = itemsOf(execution, 'Make Row').map(({ json }) => json);
		assert.deepEqual(rows.map(({ pk }) => pk), itemsOf(execution, 'Answer Added').map(({ json }) => json.pk));
		assert(rows.length > 0);
		for (const row of rows) {
			assert.deepEqual(Object.keys(row), ['answered', 'reader', 'question', 'answer', 'display_set', 'pk']);
			assert.deepEqual(Object.values(row).filter((cell) => typeof cell !== 'string' || cell === ''), []);
		}
	});
};

const checkMessage = async ({ sandbox, session, instance }: World, { check }: Checks) => {
	const call = platform(sandbox);
	await check('a message when a job fails: is sent, with the page of the job', async () => {
		const { algorithms, images } = await sandbox.state();
		const inputs = [{ interface: 'ct-image', image: images.lung3?.api_url }];
		const { pk } = await call<PlatformJob>('POST', 'algorithms/jobs/', { algorithm: algorithms.failing?.api_url, inputs });
		await sandbox.settle();
		const mail = await startMailServer();
		const smtp = { name: 'SMTP', type: 'smtp', data: { host: '127.0.0.1', port: mail.port, user: '', password: '', secure: false, disableStartTls: true, hostName: '' } };
		const credentials = { smtp: { id: await session.createCredential(smtp), name: smtp.name } };
		const workflow = withCredential(example('jobFails', instance.files));
		const algorithm = { __rl: true, mode: 'id', value: algorithms.failing?.pk };
		const trigger = nodeOf(workflow, 'Job Failed');
		const own = withNode(withNode(workflow, 'Job Failed', { parameters: { ...trigger.parameters, algorithm } }), 'Send Message', { credentials });
		const id = await session.createWorkflow(own);
		const execution = await succeeds(session.runManually(id, 'Job Failed'));
		await mail.stop();
		assert.equal(mail.messages.length, itemsOf(execution, 'Job Failed').length);
		assert(mail.messages.some((message) => message.includes(`Job ${pk} has failed`) && message.includes('To: me@example.org')), mail.messages.join('\n'));
	});
};
