import type { INodeProperties } from 'n8n-workflow';

import { caseAdded, caseChanged } from '../../../client/changes/feed';
import type { Source } from '../../../client/changes/source';
import { archiveField, readerStudyField } from '../../GrandChallenge/fields/locator';
import { simplify as simplifyItem } from '../../GrandChallenge/resources/archiveItem/simplify';
import { simplify as simplifyDisplaySet } from '../../GrandChallenge/resources/displaySet/simplify';
import { asTexts } from '../../n8n/parameters';
import { whole, type Asked, type TriggerEvent } from '../event';

/** Archive items or display sets. */
interface Cases {
	/** In words. */
	one: string;
	many: string;
	/** What they are in. */
	place: string;
	simplify: TriggerEvent['simplify'];
	fields: INodeProperties[];
	/** The pk of the place, and the list of its cases. */
	list: (asked: Asked) => Promise<{ place: string; source: Source }>;
}

const socketsOption: INodeProperties = {
	displayName: 'Sockets',
	name: 'sockets',
	type: 'string',
	default: '',
	placeholder: 'e.g. ct-image, patient-age',
	description:
		'Slugs of sockets, separated by commas: the workflow starts when there is a value for all of them. A case is first made empty, and its images follow when they are imported; without this it starts with whatever is there.',
};

const added = ({ one, many, place, list, ...cases }: Cases, value: string, name: string): TriggerEvent => ({
	value,
	name,
	description: `There is a new ${one} in ${place}`,
	plural: many,
	dated: false,
	options: [socketsOption],
	...cases,
	watch: async (asked) => {
		const found = await list(asked);
		const sockets = asTexts(asked.options.sockets ?? '', 'Sockets');
		return { feed: caseAdded(sockets), source: found.source, of: [found.place, sockets] };
	},
});

const changed = ({ one, many, place, list, ...cases }: Cases, value: string, name: string): TriggerEvent => ({
	value,
	name,
	description: `The ${one} of ${place} has got, changed or lost a value, also the first ones of a new ${one}`,
	plural: `${many} with values`,
	dated: false,
	...cases,
	watch: async (asked) => {
		const found = await list(asked);
		return { feed: caseChanged, source: found.source, of: [found.place] };
	},
});

const items: Cases = {
	one: 'item',
	many: 'archive items',
	place: 'an archive',
	simplify: simplifyItem,
	fields: [archiveField],
	list: async ({ gc, pk }) => {
		const archive = await pk(gc.archives, 'archive');
		return { place: archive, source: whole(gc.archiveItems, { archive }) };
	},
};

const displaySets: Cases = {
	one: 'display set',
	many: 'display sets',
	place: 'a reader study',
	simplify: simplifyDisplaySet,
	fields: [readerStudyField],
	list: async ({ gc, pk }) => {
		const study = await pk(gc.readerStudies, 'readerStudy');
		return { place: study, source: whole(gc.displaySets, { reader_study: study }) };
	},
};

export const archiveItemAdded = added(items, 'archiveItemAdded', 'Archive Item Added');
export const archiveItemChanged = changed(items, 'archiveItemChanged', 'Archive Item Changed');
export const displaySetAdded = added(displaySets, 'displaySetAdded', 'Display Set Added');
export const displaySetChanged = changed(displaySets, 'displaySetChanged', 'Display Set Changed');
