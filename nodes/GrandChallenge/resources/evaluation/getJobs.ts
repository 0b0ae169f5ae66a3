import type { IDataObject } from 'n8n-workflow';

import { text } from '../../../../client/api/json';
import { jobsOfEvaluation, type JobBehind } from '../../../../client/evaluations/jobs';
import { asData } from '../../../n8n/data';
import { asCount, asString } from '../../../n8n/parameters';
import { filtersField, simplifyField } from '../../fields/lists';
import { algorithmField, archiveField, asFilter, evaluationField } from '../../fields/locator';
import type { Operation } from '../../operation';
import { simplify as simplifyJob } from '../algorithmJob/simplify';

const MOST_LOOKED = 5000;

const simplify = ({ job, item }: JobBehind, evaluation: string): IDataObject => ({
	...simplifyJob(job),
	evaluation,
	...(item === undefined ? {} : { archive_item: text(item, 'pk'), title: text(item, 'title') }),
});

export const getJobs: Operation = {
	value: 'getJobs',
	name: 'Get Jobs',
	action: 'Get jobs of evaluation',
	description: 'List the algorithm jobs behind an evaluation: those of the container image that was submitted, for organizers of the challenge',
	fields: [
		evaluationField,
		filtersField([
			asFilter(algorithmField, 'algorithm', 'Algorithm', 'The algorithm that was submitted, where you know it. Its jobs are found faster then; only its editors can look it up.'),
			asFilter(archiveField, 'archive', 'Archive of the Phase', 'Only jobs on the cases of this archive, each with its case. Without it, jobs of the same container image for other phases, or started by hand, come too.'),
		]),
		simplifyField,
	],
	options: [
		{
			displayName: 'Jobs to Look At',
			name: 'mostLooked',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: MOST_LOOKED,
			description: 'How many of the newest jobs that this account can see to look at where the algorithm is not known. A note tells when there are more.',
		},
	],
	execute: async ({ context, gc, options, parameters }) => {
		const simple = parameters.flag('simplify', 'Simplify');
		const mostLooked = asCount(options.mostLooked ?? MOST_LOOKED, 'Jobs to Look At');
		const filters = parameters.collection('filters');
		const chosen = (name: string, displayName: string) => asString(filters[name], displayName).trim() || undefined;
		const evaluation = await gc.evaluations.pk(parameters.text('evaluation'));
		const [algorithm, archive] = [chosen('algorithm', 'Algorithm'), chosen('archive', 'Archive of the Phase')];
		const hint = (message: string, type: 'info' | 'warning') => context.addExecutionHints({ message, type, location: 'outputPane' });
		const found = await jobsOfEvaluation(gc, { evaluation, algorithm, archive, mostLooked }, (sentence) => hint(sentence, 'warning'));
		if (found.length === 0) hint('This account can see no such job. The platform shows them to the organizers of the challenge', 'info');
		else if (archive === undefined) hint("These are the jobs of the container image that was submitted, which may include jobs for other phases or started by hand. 'Archive of the Phase' leaves those out", 'info');
		return found.map((entry) => ({ json: simple ? simplify(entry, evaluation) : asData(entry.job) }));
	},
};
