import { createHash } from 'node:crypto';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { GrandChallengeError } from '../../client';
import { isObject, type JsonObject } from '../../client/api/json';
import { asIs } from '../../client/transport/errors';

/** What an input item has made on the platform, kept for the tries of one execution. */
export interface Memory {
	pk?: string;
	/** Whether nothing was left to do. */
	done?: boolean;
	/** What its item told besides what can be read again. */
	told?: IDataObject;
	/** What the platform answered, where it says so only once. */
	answer?: JsonObject;
	/** pks of the upload sessions that belong to it. */
	sessions?: string[];
	/** Message of a request of which it is not known whether it was carried out. */
	unknown?: string;
}

/**
 * n8n's Retry On Fail runs the whole node again, also for items that were through. What an item has made is found here
 * again under what it had asked for, so that it is taken up and not made twice.
 * @param asked all that makes up the request
 */
export const memoryOf = (context: IExecuteFunctions, itemIndex: number, asked: unknown[]): Memory => {
	const all = context.getContext('node');
	// In a loop the same node runs several times in one execution.
	const run = context.evaluateExpression('{{ $runIndex }}', itemIndex);
	const key = createHash('sha256').update(JSON.stringify([run, itemIndex, asked])).digest('hex');
	const known: unknown = all[key];
	if (isMemory(known)) return known;
	const memory: Memory = {};
	all[key] = memory;
	return memory;
};

const isMemory = (value: unknown): value is Memory => isObject(value);

/**
 * Runs what makes something, and remembers what a failure has left behind.
 * @param kind under which an error names what was made
 * @throws GrandChallengeError; again the same where an earlier try ended with an unknown outcome
 */
export const remembering = async <Made>(memory: Memory, kind: 'answer' | 'archiveItem' | 'displaySet' | 'job' | 'upload' | 'uploadSession', make: () => Promise<Made>): Promise<Made> => {
	if (memory.unknown !== undefined) {
		throw new GrandChallengeError('outcomeUnknown', memory.unknown, {
			advice: 'Look on Grand Challenge before you run the node again, so that nothing is made twice',
		});
	}
	try {
		return await make();
	} catch (error) {
		if (error instanceof GrandChallengeError) {
			memory.pk ??= error.left?.[kind];
			if (error.reason === 'outcomeUnknown') memory.unknown = error.message;
		}
		throw asIs(error);
	}
};
