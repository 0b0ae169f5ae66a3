// Binary data of items, stored and read as n8n does in the mode under test.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { BinaryDataService, prepareBinaryData } from 'n8n-core';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';
import { container } from './core.mts';

/** Stores bytes as the output of an earlier step would: `mimeType` as n8n guesses it from the name unless given. */
export const makeBinary = async (
	content: Buffer | Readable,
	fileName: string,
	mimeType?: string,
): Promise<IBinaryData> => await prepareBinaryData(content, 'an-earlier-step', 'test-workflow', fileName, mimeType);

/** Stores a file of the disk under its own name. */
export const makeBinaryFromFile = async (path: string, mimeType?: string): Promise<IBinaryData> =>
	await makeBinary(createReadStream(path), basename(path), mimeType);

const binaryOf = (item: INodeExecutionData | undefined, field: string): IBinaryData => {
	const binary = item?.binary?.[field];
	if (!binary) throw new Error(`The item has no binary field ${field}`);
	return binary;
};

/** The bytes of one binary field of an item; throws where the field is missing. */
export const readBinary = async (item: INodeExecutionData | undefined, field = 'data'): Promise<Buffer> =>
	await container.get(BinaryDataService).getAsBuffer(binaryOf(item, field));

/** As `readBinary`, for files that are too large to be held; not in the mode that holds them. */
export const streamBinary = async (item: INodeExecutionData | undefined, field = 'data'): Promise<Readable> =>
	await container.get(BinaryDataService).getAsStream(binaryOf(item, field).id ?? '');
