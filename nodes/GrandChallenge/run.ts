import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { severalAtOnce } from '../../client/slots';
import { asIs, badInput, cancelled, GrandChallengeError, hasReason, withLeft } from '../../client/transport/errors';
import { text } from '../../client/api/json';
import { connectionsIn, connector } from '../n8n/connect';
import { errorItem, toNodeError } from '../n8n/errors';
import { Parameters } from '../n8n/parameters';
import { usualRetries } from './fields/options';
import type { Operation, ResourceOperations } from './operation';

/**
 * Runs the chosen operation for the input items. The manners are the same for all: what fails is one item, results come in
 * the order of the items and are paired with what they came from, cancellation ends everything.
 */
export const run = async (context: IExecuteFunctions, resources: ResourceOperations[]): Promise<INodeExecutionData[]> => {
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const { connect, tally, end } = connector(context, signal);
	/** In the order in which they happened. */
	const failures: Stopped[] = [];
	const goesOn = (error: unknown) => !hasReason(error, 'cancelled') && !signal.aborted && context.continueOnFail();
	const output: INodeExecutionData[][] = [];
	let operation: Operation | undefined;
	const work = async ({ items, index }: { items: number[]; index: number }) => {
		const [itemIndex = 0] = items;
		try {
			const parameters = new Parameters(context, itemIndex);
			operation = chosen(parameters, resources);
			const options = { retryStrategy: usualRetries(operation), ...parameters.collection('options') };
			const gc = await connect(options);
			const made = await operation.execute({ context, gc, itemIndex, items, parameters, options, goesOn });
			const pairedItem = items.length === 1 ? { item: itemIndex } : items.map((item) => ({ item }));
			for (const item of made) item.pairedItem ??= pairedItem;
			output[index] = made;
		} catch (error) {
			if (!goesOn(error)) {
				failures.push({ reason: error, itemIndex });
				// The others finish what they are about, but wait for nothing any more; only what nobody can pay for again is waited for.
				if (!hasReason(error, 'outOfCredits')) end();
				throw asIs(error);
			}
			output[index] = items.map((item) => errorItem(context.getNode(), error, item));
		}
	};
	try {
		const groups = groupsOf(context, resources).map((items, index) => ({ items, index }));
		await severalAtOnce(groups, itemsAtOnce(new Parameters(context, 0), resources), work);
		if (tally.isNotable) context.addExecutionHints({ message: tally.summary() ?? '', type: 'info', location: 'outputPane' });
		return output.flat();
	} catch (error) {
		const [first, ...others] = failures;
		if (first === undefined) throw asIs(error);
		const reason = signal.aborted ? cancelled() : withMade(first.reason, operation?.makes, output.flat(), others);
		throw toNodeError(context.getNode(), reason, first.itemIndex);
	}
};

/** What stopped the node. */
interface Stopped {
	reason: unknown;
	itemIndex: number;
}

/** One after the other, but for what waits for the network, or the platform, most of the time. */
const itemsAtOnce = (parameters: Parameters, resources: ResourceOperations[]): number => {
	try {
		const { transfers, inOrder, itemsAtOnce } = chosen(parameters, resources);
		const options = parameters.collection('options');
		if (itemsAtOnce) return itemsAtOnce(options);
		return transfers && !inOrder ? connectionsIn(options) : 1;
	} catch {
		// It is said item by item.
		return 1;
	}
};

/** Which input items are taken together, in order. What cannot be told yet, since a parameter is wrong, fails item by item. */
const groupsOf = (context: IExecuteFunctions, resources: ResourceOperations[]): number[][] => {
	const all = context.getInputData().map((_item, index) => index);
	const groups = new Map<string, number[]>();
	for (const index of all) {
		const key = groupKey(new Parameters(context, index), resources) ?? `${index}`;
		groups.set(key, [...(groups.get(key) ?? []), index]);
	}
	return [...groups.values()];
};

/** undefined for an item that stands for itself. */
const groupKey = (parameters: Parameters, resources: ResourceOperations[]): string | undefined => {
	try {
		const { allItems, groupOf } = chosen(parameters, resources);
		if (allItems) return 'all';
		const group = groupOf?.(parameters).trim() ?? '';
		return group === '' ? undefined : `of ${group}`;
	} catch {
		return undefined;
	}
};

/** n8n throws the output of other items away: what they made, and perhaps paid for, must not get lost with it. */
const withMade = (error: unknown, what: string | undefined, output: INodeExecutionData[], others: Stopped[]): unknown => {
	const ofOthers = others.flatMap(({ reason }) => (reason instanceof GrandChallengeError ? Object.values(reason.left ?? {}) : []));
	const made = [...output.map(({ json }) => text(json, 'pk')), ...ofOthers].filter(Boolean).join(', ');
	return what && made ? withLeft(error, { before: made }, `Other items have made these ${what}: ${made}`) : error;
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
