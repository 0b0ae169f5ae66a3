import { createHash } from 'node:crypto';
import type { INodeExecutionData, IPollFunctions } from 'n8n-workflow';

import { GrandChallengeError, hasReason } from '../../client';
import { identity, type JsonObject } from '../../client/api/json';
import { poll, sample, SIZES, type Start } from '../../client/changes/poll';
import { badInput } from '../../client/transport/errors';
import { connect } from '../n8n/connect';
import { asData } from '../n8n/data';
import { toNodeError } from '../n8n/errors';
import { asChoice, asCount, asString, Parameters } from '../n8n/parameters';
import type { TriggerEvent } from './event';
import { Memory } from './state';

/** How many events of the past a trial in the editor shows. */
const SAMPLES = 3;

/** ms; the next poll takes up what this one did not come to. */
const LONGEST_POLL = 120_000;

/** The next poll is a retry too: this one does not take half a minute. */
const RETRIES = { retryStrategy: 'custom', customRetries: { values: { tries: 3, firstDelay: 500 } } };

/** Nodes that are being polled. */
const busy = new Set<string>();

/** n8n makes a context when it starts a trigger, and polls with the same one from then on. */
const polled = new WeakSet<IPollFunctions>();

/**
 * Polls once: n8n calls it at activation and then at each of the node's times, or for a trial in the editor.
 * @returns the items of one execution; null where there is nothing to start one for
 * @throws NodeApiError, NodeOperationError
 */
export const run = async (context: IPollFunctions, events: TriggerEvent[]): Promise<INodeExecutionData[][] | null> => {
	if (context.getMode() === 'manual') {
		try {
			return [await trial(context, events)];
		} catch (error) {
			throw toNodeError(context.getNode(), error, 0);
		}
	}
	const name = `${context.getWorkflow().id} ${context.getNode().id}`;
	if (busy.has(name)) {
		context.logger.debug('The poll before is still running');
		return null;
	}
	const isFirst = !polled.has(context);
	polled.add(context);
	busy.add(name);
	try {
		const items = await look(context, events, isFirst);
		return items.length > 0 ? [items] : null;
	} catch (thrown) {
		// Nobody else cancels a poll.
		const error = hasReason(thrown, 'cancelled') ? notInTime() : thrown;
		// n8n gives up a trigger for good whose first poll fails: it would not live through a start of n8n during an outage.
		if (!isFirst || !passes(error)) throw toNodeError(context.getNode(), error, 0);
		context.logger.warn(`${error.message}. The trigger tries again at its next poll`);
		const memory = new Memory(context);
		if (!memory.state) memory.waitingSince ??= new Date().toISOString();
		return null;
	} finally {
		busy.delete(name);
	}
};

const notInTime = () =>
	new GrandChallengeError('timeLimit', 'Grand Challenge took too long to list what there is', { advice: 'The next poll begins where this one has begun; choose a filter if this comes again' });

/** What a person has to do something about does not pass by itself. */
const passes = (error: unknown): error is GrandChallengeError =>
	error instanceof GrandChallengeError && !hasReason(error, 'badInput', 'tokenRefused', 'noPermission', 'notFound', 'notSecure', 'foreignAddress', 'limit');

const look = async (context: IPollFunctions, events: TriggerEvent[], isFirst: boolean): Promise<INodeExecutionData[]> => {
	const { event, watched, parameters, options, where } = await ask(context, events, isFirst);
	const memory = new Memory(context);
	const chosen = startOf(parameters);
	const start: Start = chosen.from === 'now' && memory.waitingSince ? { from: 'date', date: memory.waitingSince } : chosen;
	const of = createHash('sha256').update(JSON.stringify([event.value, where, watched.of, chosen])).digest('base64url');
	const most = asCount(options.mostItems ?? SIZES.most, 'Most Items at Once');
	const found = await poll({ ...watched, of, start }, memory.state, { ...SIZES, most });
	memory.state = found.state;
	memory.waitingSince = undefined;
	return found.events.map(itemOf(event, parameters));
};

/** Shows what there is, and leaves what is remembered as it is. */
const trial = async (context: IPollFunctions, events: TriggerEvent[]): Promise<INodeExecutionData[]> => {
	const { event, watched, parameters } = await ask(context, events, true);
	startOf(parameters);
	const rows = await sample(watched.feed, watched.source, SAMPLES);
	if (rows.length > 0) return rows.map(itemOf(event, parameters));
	throw new GrandChallengeError('notFound', `There are no ${event.plural} to show yet`, {
		advice: 'Or this account may not see them. The published workflow starts as soon as there are some',
	});
};

const itemOf = ({ simplify }: TriggerEvent, parameters: Parameters) => {
	const simple = parameters.flag('simplify', 'Simplify');
	return (row: JsonObject): INodeExecutionData => ({ json: simple ? simplify(row) : asData(row) });
};

/** Finds out what is to be watched, with a client that ends in time. */
const ask = async (context: IPollFunctions, events: TriggerEvent[], isFirst: boolean) => {
	const parameters = new Parameters({ getNodeParameter: (name, _item, otherwise) => context.getNodeParameter(name, otherwise) }, 0);
	const event = events.find(({ value }) => value === parameters.text('event'));
	if (!event) throw badInput(`This trigger has no event '${parameters.text('event')}'`, "Choose another one in 'Trigger On'");
	const options = parameters.collection('options');
	const gc = await connect(context, RETRIES, AbortSignal.timeout(timeFor(context)));
	const watched = await event.watch({
		gc,
		parameters,
		options,
		pk: async (collection, field) => {
			const named = parameters.text(field);
			return isFirst ? (identity(await collection.get(named)) ?? '') : collection.pk(named);
		},
	});
	return { event, watched, parameters, options, where: gc.transport.origin };
};

/** ms. Newer versions of n8n drop a poll that takes longer than they say. */
const timeFor = (context: IPollFunctions): number =>
	'getPollBudgetMs' in context ? Math.min(LONGEST_POLL, Math.floor(context.getPollBudgetMs() * 0.9)) : LONGEST_POLL;

/** @throws GrandChallengeError (badInput) */
const startOf = (parameters: Parameters): Start => {
	const from = asChoice(parameters.text('startFrom'), 'Start From', ['now', 'date', 'everything']);
	if (from !== 'date') return { from };
	const given = asString(parameters.raw('startDate'), 'Start Date').trim();
	const time = Date.parse(given);
	if (Number.isNaN(time)) throw badInput(`'Start Date' is '${given}', which is no date`, 'Use a date such as 2026-11-25T08:00:00Z');
	return { from, date: new Date(time).toISOString() };
};
