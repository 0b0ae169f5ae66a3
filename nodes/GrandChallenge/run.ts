import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { hasReason } from '../../client';
import { badInput } from '../../client/transport/errors';
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
	let all = 1;
	for (let itemIndex = 0; itemIndex < count; itemIndex += all) {
		try {
			const parameters = new Parameters(context, itemIndex);
			const operation = chosen(parameters, resources);
			all = operation.allItems ? count : 1;
			const options = parameters.collection('options');
			const gc = await connect(options);
			const items = await operation.execute({ context, gc, itemIndex, parameters, options });
			output.push(...items.map((item) => ({ pairedItem: { item: itemIndex }, ...item })));
		} catch (error) {
			if (hasReason(error, 'cancelled') || signal.aborted || !context.continueOnFail()) {
				throw toNodeError(context.getNode(), error, itemIndex);
			}
			output.push(errorItem(context.getNode(), error, itemIndex));
		}
	}
	return output;
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
