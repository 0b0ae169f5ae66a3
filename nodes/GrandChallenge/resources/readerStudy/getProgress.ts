import { progressOf, type Progress } from '../../../../client';
import { text, type JsonObject } from '../../../../client/api/json';
import { safeText } from '../../../../client/readerStudies/question';
import { asFlag, asTexts } from '../../../n8n/parameters';
import { readerStudyField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { readersField } from './fields';

const caseOf = (displaySet: JsonObject) => ({ pk: text(displaySet, 'pk'), title: safeText(displaySet, 'title') });

/** How far a reader is, as an item. */
export const progressRow = (study: JsonObject, { reader, displaySets, unanswered }: Progress) => ({
	reader,
	reader_study: text(study, 'pk'),
	reader_study_slug: text(study, 'slug'),
	display_sets: displaySets,
	answered: displaySets - unanswered,
	unanswered,
	finished: unanswered === 0,
});

export const getProgress: Operation = {
	value: 'getProgress',
	name: 'Get Progress',
	action: 'Get progress of reader study',
	description: 'Tell how many display sets of a reader study the readers have answered completely, one output item per reader',
	fields: [
		readerStudyField,
		readersField('User names, separated by commas or as a list. Empty for everybody who has answered something: the API does not tell who else is a reader.'),
	],
	options: [
		{
			displayName: 'Include Unanswered Cases',
			name: 'unansweredCases',
			type: 'boolean',
			default: true,
			description: 'Whether to tell which display sets a reader has not answered completely',
		},
	],
	execute: async ({ gc, parameters, options }) => {
		const readers = [...new Set(asTexts(parameters.raw('readers'), 'Readers'))];
		const withCases = asFlag(options.unansweredCases ?? false, 'Include Unanswered Cases');
		const study = await gc.readerStudies.getOnce(parameters.text('readerStudy'));
		const progress = await progressOf(gc, text(study, 'pk'), readers, withCases);
		return progress.map((each) => ({
			json: { ...progressRow(study, each), ...(each.unansweredSets ? { unanswered_cases: each.unansweredSets.map(caseOf) } : {}) },
		}));
	},
};
