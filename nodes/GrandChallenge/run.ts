import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { badInput, cancelled, hasReason, withLeft } from '../../client/transport/errors';
import { text } from '../../client/api/json';
import { connector } from '../n8n/connect';
import { errorItem, toNodeError } from '../n8n/errors';
import { Parameters } from '../n8n/parameters';
import type { Operation, ResourceOperations } from './operation';

/**
 * Runs the chosen operation for the input items, in order. The manners are the same for all: what fails is one item,
 * results are paired with what they came from, cancellation ends everything.
 */
export const run = async (context: IExecuteFunctions, resources: ResourceOperations[]): Promise<INodeExecutionData[]> => {
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const connect = connector(context, signal);
	const output: INodeExecutionData[] = [];
	const count = context.getInputData().length;
	const goesOn = (error: unknown) => !hasReason(error, 'cancelled') && !signal.aborted && context.continueOnFail();
	let operation: Operation | undefined;
	for (let itemIndex = 0; itemIndex < count; itemIndex += operation?.allItems ? count : 1) {
		try {
			const parameters = new Parameters(context, itemIndex);
			operation = chosen(parameters, resources);
			const options = parameters.collection('options');
			const gc = await connect(options);
			const items = await operation.execute({ context, gc, itemIndex, parameters, options, goesOn });
			for (const item of items) item.pairedItem ??= { item: itemIndex };
			output.push(...items);
		} catch (error) {
			if (goesOn(error)) {
				const failed = operation?.allItems ? [...Array(count).keys()] : [itemIndex];
				output.push(...failed.map((index) => errorItem(context.getNode(), error, index)));
			} else {
				const reason = signal.aborted ? cancelled() : withMade(error, operation?.makes, output);
				throw toNodeError(context.getNode(), reason, itemIndex);
			}
		}
	}
	return output;
};

/** n8n throws the output of the items before away: what they made, and perhaps paid for, must not get lost with it. */
const withMade = (error: unknown, what: string | undefined, output: INodeExecutionData[]): unknown => {
	const made = output.map(({ json }) => text(json, 'pk')).filter(Boolean).join(', ');
	return what && made ? withLeft(error, { before: made }, `The items before have made these ${what}: ${made}`) : error;
};

const chosen = (parameters: Parameters, resources: ResourceOperations[]): Operation => {
	const resource = parameters.text('resource');
	const operation = parameters.text('operation', '');
	const found = resources.find(({ value }) => value === resource)?.operations.find(({ value }) => value === operation);
	if (found) return found;
	if ([resource, operation].includes(CUSTOM_API_CALL)) {
		throw badInput(
			'This node makes no custom API calls',
			'Use the HTTP Request node with this credential: Authentication, Predefined Credential Type, Grand Challenge API',
		);
	}
	throw badInput(`This node has no operation '${operation}' for '${resource}'`, "Choose another 'Operation'");
};

/** What n8n puts into the lists of resources and operations of every node that has a credential. */
const CUSTOM_API_CALL = '__CUSTOM_API_CALL__';
