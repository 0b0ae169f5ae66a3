import { readSocketValues } from '../../../../client';
import { text } from '../../../../client/api/json';
import { titleOf } from '../../../../client/cases/kinds';
import { pkOf } from '../../../../client/api/types';
import type { Operation } from '../../operation';
import { downloadCase, downloadOptions, wishOf } from '../downloading';
import type { WritableCase } from './writable';

/** Fetches all that a case holds. */
export const downloadOperation = ({ kind, singular, field, placeField }: WritableCase): Operation => ({
	value: 'download',
	name: 'Download',
	action: `Download ${singular}`,
	description: `Get the files and values of one ${singular}, one output item per file or one for all`,
	transfers: true,
	options: downloadOptions,
	fields: [field],
	execute: async (call) => {
		const wish = wishOf(call.options);
		const entity = await kind.cases(call.gc).get(call.parameters.text(field.name));
		const pk = text(entity, 'pk');
		const title = titleOf(entity);
		const about = { [placeField.name]: pkOf(text(entity, kind.filter)), [kind.key]: pk, title };
		return downloadCase(call, wish, { pk, title, values: readSocketValues(entity, 'values'), about });
	},
});
