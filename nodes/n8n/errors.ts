import { NodeApiError, NodeOperationError, type IDataObject, type Failure, type INode, type INodeExecutionData } from 'n8n-workflow';

import { GrandChallengeError, hasReason } from '../../client';

/**
 * What the client throws, as n8n shows it: message, what to do, item. Anything else stays what it is.
 * @param itemIndex of the input item
 */
export const toNodeError = (node: INode, error: unknown, itemIndex: number): NodeApiError | NodeOperationError => {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		error.context.itemIndex ??= itemIndex;
		return error;
	}
	if (!(error instanceof GrandChallengeError)) {
		return new NodeOperationError(node, error instanceof Error ? error : String(error), { itemIndex });
	}
	const { message, advice: description, status, reason, left } = error;
	const shown =
		status === undefined
			? new NodeOperationError(node, message, { description, itemIndex })
			: new NodeApiError(node, { message }, { message, description, httpCode: String(status), itemIndex });
	// n8n replaces a message that has the name of a system error in it somewhere, such as "preexisting".
	shown.message = message;
	// For error workflows: `execution.error.context.data`.
	shown.context.data = { reason, ...left };
	shown.failure = failureOf(error);
	return shown;
};

/** For newer versions of n8n: when a trigger is to be polled again. */
const failureOf = (error: GrandChallengeError): Failure | undefined => {
	if (hasReason(error, 'unavailable', 'notReachable', 'timeLimit')) return { cause: 'temporarily-unavailable', retryAfterMs: error.retryAfterMs };
	if (hasReason(error, 'tokenRefused')) return { cause: 'credential-invalid' };
	return hasReason(error, 'badInput', 'notFound', 'noPermission') ? { cause: 'configuration-invalid' } : undefined;
};

/** What a failed item looks like when the node goes on: exactly these keys, so that n8n finds the error output. */
export const errorItem = (node: INode, error: unknown, itemIndex: number): INodeExecutionData => {
	const shown = toNodeError(node, error, itemIndex);
	const details: IDataObject =
		error instanceof GrandChallengeError ? { reason: error.reason, status: error.status, ...error.left } : { reason: shown.name };
	const item: INodeExecutionData = { json: { error: shown.message, message: shown.description ?? '', details }, pairedItem: { item: itemIndex } };
	// n8n 1 does not know `details` and finds the error output by `item.error`. Not enumerable, so that n8n's copy of the item
	// lacks it: n8n would put the bare message in place of that JSON.
	if (node.onError === 'continueErrorOutput') Object.defineProperty(item, 'error', { value: shown });
	return item;
};
