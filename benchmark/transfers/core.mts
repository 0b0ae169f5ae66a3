// The process of ours.mts: n8n-core with the built node. Answers {store: paths}, {run}, {bare} before {run},
// {idle: true} and {received: true}, each a line of JSON.
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { BinaryDataService } from 'n8n-core';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

import { container } from '../../test/core/support/core.mts';
import { makeBinaryFromFile, startHarness, type NodeRun } from '../../test/core/support/harness.mts';
import { sha256 } from '../files.mts';
import { collectGarbage } from '../garbage.mts';
import { bareUpload, type Place } from './bare.mts';

interface Question {
	idle?: boolean;
	store?: string[];
	run?: NodeRun;
	/** From now on the node does this in place of its work. */
	bare?: Place;
}

const n8n = await startHarness();
const binaryData = container.get(BinaryDataService);
let output: INodeExecutionData[] = [];

const store = async (paths: string[]) => {
	const binaries: IBinaryData[] = [];
	for (const path of paths) binaries.push(await makeBinaryFromFile(path));
	return { binaries };
};

const run = async (what: NodeRun) => {
	const { status, items, error, run: answer } = await n8n.runNode(what);
	if (status !== 'success') throw new Error(`${status}: ${error?.message} (${error?.description})`);
	output = items;
	return { seconds: (answer?.data.resultData.runData.Node?.[0]?.executionTime ?? NaN) / 1000 };
};

const received = async () => {
	const hashes: string[] = [];
	for (const { id } of output.flatMap(({ binary }) => Object.values(binary ?? {}))) {
		const path = binaryData.getPath(id ?? '');
		hashes.push(await sha256(createReadStream(path)));
		await rm(path);
	}
	return { hashes };
};

const answer = async (question: Question) => {
	if (question.store) return store(question.store);
	if (question.run) return run(question.run);
	if (question.bare) {
		n8n.nodeType.execute = bareUpload(question.bare);
		return {};
	}
	return question.idle ? collectGarbage() : received();
};

for await (const line of createInterface({ input: process.stdin })) {
	const result = await answer(JSON.parse(line) as Question).catch((error: unknown) => ({ error: String(error) }));
	process.stdout.write(`${JSON.stringify(result ?? {})}\n`);
}
n8n.stop();
