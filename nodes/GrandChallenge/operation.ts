import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { GrandChallenge } from '../../client';
import type { JsonObject } from '../../client/api/json';
import type { Parameters } from '../n8n/parameters';

/** What an operation gets to do its work for one input item, or for some together: then `itemIndex` is the first. */
export interface Call {
	context: IExecuteFunctions;
	gc: GrandChallenge;
	itemIndex: number;
	/** All input items that it is for; more than one where the operation takes all, or groups them. */
	items: number[];
	parameters: Parameters;
	/** The node's Options. */
	options: JsonObject;
	/** Whether the node is to go on after this, with an item for it in the output. */
	goesOn(error: unknown): boolean;
}

/** One operation of the node: adding one is adding such an object to the index of its resource. */
export interface Operation {
	/** As saved in workflows. */
	value: string;
	name: string;
	/** Sentence for the node panel, e.g. "Get many archives". */
	action: string;
	description: string;
	/** Shown only for this operation; the collection Options is added to them. */
	fields: INodeProperties[];
	/** Entries of Options besides the retries. */
	options?: INodeProperties[];
	/** Output items for one input item; they are paired with it where they do not say otherwise. */
	execute(call: Call): Promise<INodeExecutionData[]>;
	/** What it makes on the platform, e.g. "jobs": an item that stops the node then tells what was made before. */
	makes?: string;
	/** Set by operations that take all input items at once. */
	allItems?: boolean;
	/** Set by operations that send or fetch files: several files, and several input items, are worked on at once. */
	transfers?: boolean;
	/** Set where the order matters in which the platform gets the input items: one is worked on after the other. */
	inOrder?: boolean;
	/** How many input items are worked on at once, for operations that wait for the platform's work most of the time. */
	itemsAtOnce?: (options: JsonObject) => number;
	/** Input items for which it gives the same text are taken together; one for which the text is empty stands for itself. */
	groupOf?: (parameters: Parameters) => string;
}

export interface ResourceOperations {
	value: string;
	name: string;
	operations: Operation[];
}
