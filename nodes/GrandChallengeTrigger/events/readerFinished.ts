import { progressOf } from '../../../client';
import { readerFinished as feed } from '../../../client/changes/feed';
import { text } from '../../../client/api/json';
import { readerStudyField } from '../../GrandChallenge/fields/locator';
import { readersField } from '../../GrandChallenge/resources/readerStudy/fields';
import { progressRow } from '../../GrandChallenge/resources/readerStudy/getProgress';
import { asData } from '../../n8n/data';
import { asTexts } from '../../n8n/parameters';
import type { TriggerEvent } from '../event';

export const readerFinished: TriggerEvent = {
	value: 'readerFinished',
	name: 'Reader Finished',
	description: 'A reader has answered all questions for all display sets of a reader study',
	plural: 'readers who have answered everything',
	dated: false,
	fields: [
		readerStudyField,
		readersField('User names, separated by commas or as a list. Empty for everybody who has answered something, which takes many requests in large studies.'),
	],
	simplify: asData,
	watch: async ({ gc, parameters }) => {
		const readers = [...new Set(asTexts(parameters.raw('readers'), 'Readers'))];
		const study = await gc.readerStudies.get(parameters.text('readerStudy'));
		const all = async () => (await progressOf(gc, text(study, 'pk'), readers, false)).map((each) => progressRow(study, each));
		return { feed, source: { order: 'none', all }, of: [text(study, 'pk'), readers] };
	},
};
