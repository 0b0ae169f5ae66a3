import type { INodeProperties } from 'n8n-workflow';

import { answerAdded as added, answerChanged as changed } from '../../../client/changes/feed';
import { asFilter, questionField, readerStudyField } from '../../GrandChallenge/fields/locator';
import { simplify } from '../../GrandChallenge/resources/answer/simplify';
import { asString } from '../../n8n/parameters';
import { growing, whole, type Asked, type TriggerEvent } from '../event';

const options: INodeProperties[] = [
	{ ...asFilter(questionField), description: 'Only answers to this question' },
	{
		displayName: 'Reader',
		name: 'reader',
		type: 'string',
		default: '',
		placeholder: 'e.g. jdoe',
		description: 'Only answers of the account with this user name',
	},
];

const shared = { dated: true, fields: [readerStudyField], options, simplify };

/** What of a reader study is asked for. Ground truth is no answer of a reader. */
const chosen = async ({ gc, options: { question, reader }, pk }: Asked) => {
	const study = await pk(gc.readerStudies, 'readerStudy');
	const [asked, creator] = [asString(question, 'Question').trim(), asString(reader, 'Reader').trim()];
	return {
		question: asked === '' ? undefined : await gc.questions.pk(asked),
		query: { question__reader_study: study, is_ground_truth: 'false', creator },
	};
};

export const answerAdded: TriggerEvent = {
	...shared,
	value: 'answerAdded',
	name: 'Answer Added',
	description: 'A reader has answered a question of a reader study',
	plural: 'answers',
	watch: async (asked) => {
		const { question, query } = await chosen(asked);
		return { feed: added(question), source: growing(asked.gc.answers, query), of: [question, query] };
	},
};

export const answerChanged: TriggerEvent = {
	...shared,
	value: 'answerChanged',
	name: 'Answer Changed',
	description: 'A reader has changed an answer',
	plural: 'changed answers',
	watch: async (asked) => {
		const { question, query } = await chosen(asked);
		return { feed: changed(question), source: whole(asked.gc.answers, query), of: [question, query] };
	},
};
