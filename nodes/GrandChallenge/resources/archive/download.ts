import type { INodeExecutionData } from 'n8n-workflow';

import { number, text, type JsonObject } from '../../../../client/api/json';
import { readSocketValues, type SocketValue } from '../../../../client/api/types';
import { isDelivered } from '../../../../client/changes/delivered';
import { severalAtOnce } from '../../../../client/slots';
import { counted } from '../../../../client/tally';
import { asIs, badInput, withLeft } from '../../../../client/transport/errors';
import { errorItem } from '../../../n8n/errors';
import { asNumber } from '../../../n8n/parameters';
import { deliveredFrom } from '../../deliveries';
import { archiveField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { asOneItem, downloadOptions, downloadValue, folderOf, wishOf, type DownloadedCase } from '../downloading';
import { hintAtMembership } from '../reading';

/** What of an archive is fetched in one run. */
interface Bounds {
	cases: number;
	/** Bytes; the case with which they are reached is still fetched. */
	bytes: number;
}

/** @throws GrandChallengeError (badInput) */
const boundsOf = ({ mostCases, mostMegabytes }: JsonObject): Bounds => {
	const above0 = (given: unknown, displayName: string) => {
		const most = asNumber(given ?? 0);
		if (most >= 0) return most === 0 ? Infinity : most;
		throw badInput(`'${displayName}' is ${JSON.stringify(given)}`, 'Use a number above 0, or 0 for no limit');
	};
	return { cases: above0(mostCases, 'Most Cases'), bytes: above0(mostMegabytes, 'Most Megabytes') * 1_000_000 };
};

/**
 * A file that cannot be had, such as one that was just deleted, must not keep all others back: it becomes an error item
 * where the node goes on.
 */
const execute = async (call: Call): Promise<INodeExecutionData[]> => {
	const { gc, parameters, context, options } = call;
	const onlyNew = parameters.flag('onlyNew', 'Only New or Changed');
	const wish = wishOf(options);
	const bounds = boundsOf(options);
	const archive = text(await gc.archives.getOnce(parameters.text('archive')), 'pk');
	const delivered = onlyNew ? deliveredFrom(context, archive) : undefined;
	const seen = { cases: 0, wanted: 0, fetched: 0, bytes: 0, known: 0, isBounded: false };
	const isEnough = () => seen.bytes >= bounds.bytes;

	const wanted = async function* (): AsyncGenerator<DownloadedCase> {
		for await (const entity of gc.archiveItems.iterate({ archive })) {
			seen.cases++;
			const [pk, title] = [text(entity, 'pk'), text(entity, 'title')];
			const all = readSocketValues(entity, 'values').filter(wish.takes);
			const values = all.filter((value) => !isDelivered(delivered, pk, value.pk));
			seen.known += all.length - values.length;
			if (values.length === 0) continue;
			if (seen.wanted >= bounds.cases || isEnough()) {
				seen.isBounded = true;
				return;
			}
			seen.wanted++;
			yield { pk, title, values, about: { archive, archiveItem: pk, title } };
		}
	};

	const fetchValue = async (folder: string, { pk, about }: DownloadedCase, value: SocketValue): Promise<INodeExecutionData[]> => {
		try {
			const files = await downloadValue(call, wish, folder, value, about);
			const delivery = { archive, item: pk, value: value.pk, files: files.length };
			files.forEach(({ json }, file) => {
				json.delivery = { ...delivery, file };
				seen.bytes += number(json, 'bytes') ?? 0;
			});
			return files;
		} catch (error) {
			const { slug } = value.socket;
			const named = withLeft(error, { archiveItem: pk, socket: slug }, `It belongs to the socket '${slug}' of the archive item ${pk}`);
			if (!call.goesOn(error)) throw asIs(named);
			return [errorItem(context.getNode(), named, call.itemIndex)];
		}
	};

	const fetchCase = async (of: DownloadedCase): Promise<INodeExecutionData[]> => {
		// It may have become enough while this one waited for its turn.
		if (isEnough()) {
			seen.isBounded = true;
			return [];
		}
		const folder = await folderOf(call, wish, of);
		const items = (await severalAtOnce(of.values, gc.transport.limits.downloads.room, (value) => fetchValue(folder, of, value))).flat();
		// A case of which something is missing is none.
		const failed = items.filter(({ json }) => 'error' in json);
		if (failed.length === 0) {
			seen.fetched++;
			gc.transport.tally.caseDone();
		}
		if (!wish.perCase) return items;
		if (failed.length > 0) return failed;
		const { json, binary } = asOneItem(folder, of, items);
		return [{ json: { ...json, delivery: items.flatMap((item) => item.json.delivery ?? []) }, binary }];
	};

	// The next images are looked up before there is room on the line, unless there is one connection only, which does one thing after
	// the other, or a case that was begun may be one too many.
	const { room } = gc.transport.limits.downloads;
	const items = (await severalAtOnce(wanted(), bounds.bytes === Infinity ? 2 * room - 1 : room, fetchCase)).flat();
	if (seen.cases === 0) hintAtMembership(call, 'archive items');
	const rest = onlyNew ? '; the next run goes on with the rest, once these are marked as delivered' : '; there are more';
	const said = [
		seen.isBounded ? `${counted(seen.fetched, 'case was', 'cases were')} fetched${rest}` : '',
		seen.known > 0 ? `${counted(seen.known, 'value', 'values')} had been delivered before` : '',
	].filter(Boolean);
	if (said.length > 0) context.addExecutionHints({ message: said.join('. '), type: 'info', location: 'outputPane' });
	return items;
};

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download archive',
	description: 'Get the files and values of all items of an archive, one output item per file or per case',
	transfers: true,
	options: [
		...downloadOptions,
		{
			displayName: 'Most Cases',
			name: 'mostCases',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: "How many cases are fetched in one run, 0 for all of them. With 'Only New or Changed' the next run goes on with the rest.",
		},
		{
			displayName: 'Most Megabytes',
			name: 'mostMegabytes',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: 'No further case is begun when so much has been fetched, 0 for no limit',
		},
	],
	fields: [
		archiveField,
		{
			displayName: 'Only New or Changed',
			name: 'onlyNew',
			type: 'boolean',
			default: true,
			description:
				"Whether to leave out what 'Archive: Mark as Delivered' has recorded in this workflow. Put that operation behind the steps that store the files.",
		},
	],
	execute,
};
