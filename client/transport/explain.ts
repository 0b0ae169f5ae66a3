import { isObject, parseJson } from '../api/json';
import { GrandChallengeError, type Reason } from './errors';

/** What the explanation of a failed request needs to know of it. */
export interface FailedAnswer {
	status: number;
	contentType: string;
	body: string;
	/** What was asked for, in words: `archive 'lung-ct'`, `the list of algorithms`. */
	subject: string;
	/** Origin of the platform, for the pages that are named. */
	origin: string;
	/** Names for the elements of lists in the request, e.g. `{ values: ['ct-image'] }`, instead of their numbers. */
	labels?: Record<string, string[]>;
	retryAfterMs?: number;
}

const LONGEST_TEXT = 500;

/**
 * Makes text of the platform fit for a message: on one line, not endless, without query strings of URLs (they may be
 * signed) and without anything that looks like a token.
 */
export const cleanText = (text: string): string => {
	const oneLine = text
		.replace(/\p{Cc}+/gu, ' ')
		.replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]+/g, '$1')
		.replace(/\b(bearer|token)\s+\S{20,}/gi, '$1 …')
		.replace(/\b[0-9a-f]{64}\b/gi, '…')
		.trim();
	return oneLine.length > LONGEST_TEXT ? `${oneLine.slice(0, LONGEST_TEXT)}…` : oneLine;
};

const isHidden = (key: string) => ['non_field_errors', '__all__', 'detail', 'status'].includes(key);

/**
 * All shapes of the platform's 400s (API sheet, section 5) as sentences: objects by field, nested lists, lists by index,
 * bare arrays, plain strings. `path` names the field: "values, ct-image, interface".
 */
export const sentences = (body: unknown, labels: Record<string, string[]> = {}, path: string[] = []): string[] => {
	if (typeof body === 'string') return [path.length > 0 ? `${path.join(', ')}: ${body}` : body];
	if (Array.isArray(body)) {
		const named = labels[path.join(', ')];
		return body.flatMap((entry, i) =>
			typeof entry === 'string' ? sentences(entry, labels, path) : sentences(entry, labels, [...path, named?.[i] ?? String(i + 1)]),
		);
	}
	if (!isObject(body)) return [];
	return Object.entries(body).flatMap(([key, value]) => {
		if (isHidden(key)) return sentences(value, labels, path);
		const index = /^\d+$/.test(key) ? String(Number(key) + 1) : key.replace(/_/g, ' ').replace(/^interface$/, 'socket');
		return sentences(value, labels, [...path, index]);
	});
};

interface KnownText {
	pattern: RegExp;
	reason: Reason;
	/** Whether it passes by itself, so that a patient strategy waits for that. */
	passes?: true;
	advice: (answer: FailedAnswer) => string;
}

/** Texts of the platform that need more than themselves to be acted on (API sheet, sections 6, 8 and 19). */
const KNOWN: KnownText[] = [
	{
		pattern: /created too many uploads/i,
		reason: 'limit',
		passes: true,
		advice: () => 'Uploads that are not used disappear after a day. Wait until some have, then run the node again',
	},
	{
		pattern: /upload limit reached/i,
		reason: 'limit',
		passes: true,
		advice: ({ origin }) =>
			`Accounts that are not verified may hold 2 GiB of uploads at a time, verified ones 128 GiB. Verify your account at ${origin}/verifications/create/, or wait until the uploads made so far have been used or are a day old`,
	},
	{
		pattern: /active image post processing tasks/i,
		reason: 'limit',
		passes: true,
		advice: () => 'The platform still works on your earlier images. Run the node again when it has finished them',
	},
	{
		pattern: /too many active jobs/i,
		reason: 'limit',
		passes: true,
		advice: () => 'At most 16 of your jobs may be active at a time. Run the node again when some have finished',
	},
	{
		pattern: /out of algorithm credits/i,
		reason: 'outOfCredits',
		advice: () => "Credits are given per month. The algorithm's page on Grand Challenge shows what a job costs and how to get more",
	},
	{
		pattern: /result for these inputs .*already exists/i,
		reason: 'resultExists',
		advice: () =>
			"Somebody has run these inputs before (a failed job counts too, and it may be one that you cannot see). 'If a Result Exists' lets the node return that result, or run anyway",
	},
	{
		pattern: /algorithm image is not ready/i,
		reason: 'notAccepted',
		advice: () => 'The algorithm has no active container image at the moment. Ask its editors',
	},
	{
		pattern: /maximum of \d+ files may be uploaded/i,
		reason: 'notAccepted',
		advice: () => 'Put the files into one zip file and upload that',
	},
	{
		pattern: /title, (archive|reader_study) must make a unique set/i,
		reason: 'notAccepted',
		advice: () => "There is already a case with this title. Change 'Title', or leave it empty",
	},
	{
		pattern: /only claim pending evaluations/i,
		reason: 'notAccepted',
		advice: () => 'Somebody else was faster, or it was withdrawn. Evaluation: Get Claimable lists those that are left',
	},
	{
		pattern: /only claim one evaluation at a time/i,
		reason: 'limit',
		advice: ({ origin }) =>
			`Grand Challenge lets an account claim one evaluation in its life: it never forgets a claim, also when that was reported long ago. Use another external evaluator's account, or ask the support of ${origin} to release the old claim`,
	},
	{
		pattern: /need to claim an evaluation/i,
		reason: 'notAccepted',
		advice: () => 'Evaluation: Claim comes first. What was reported, or was claimed more than 24 hours ago, can not be reported any more',
	},
	{
		pattern: /permission to update this evaluation/i,
		reason: 'noPermission',
		advice: () => 'Another account has claimed it, and only that one may report. Use its API token',
	},
	{
		pattern: /evaluation was not updated in time/i,
		reason: 'limit',
		advice: () => 'A claim holds for 24 hours. Ask the organizers of the challenge to let it be evaluated again',
	},
	{
		pattern: /^archive: .*does not exist/i,
		reason: 'noPermission',
		advice: ({ origin }) => `This account can see the archive but not add to it: it has to be one of its uploaders or editors. Ask an editor of the archive (its page is found at ${origin}/archives/)`,
	},
	{
		pattern: /^reader study: .*does not exist/i,
		reason: 'noPermission',
		advice: ({ origin }) => `This account can see the reader study but not add cases to it: it has to be one of its editors. Ask an editor of the study (its page is found at ${origin}/reader-studies/)`,
	},
	{
		pattern: /^algorithm: .*does not exist/i,
		reason: 'noPermission',
		advice: ({ origin }) => `This account can see the algorithm but not run it: it has to be one of its users or editors. Access is requested on the page of the algorithm (found at ${origin}/algorithms/)`,
	},
	{
		pattern: /answers for it already exist/i,
		reason: 'notAccepted',
		advice: () => 'Make a new display set, or have its answers deleted on the site',
	},
	{
		pattern: /session duration limit reached/i,
		reason: 'limit',
		advice: () => 'A viewer session lives for less than three hours. Open a new one on the site',
	},
	{
		pattern: /object does not exist|does not exist\./i,
		reason: 'notAccepted',
		advice: ({ origin }) =>
			`Either it does not exist, or this account may not use it. Access is requested on its page at ${origin}`,
	},
	{
		pattern: /is not allowed for this archive/i,
		reason: 'notAccepted',
		advice: () => 'The archive belongs to a challenge and takes only the sockets that its algorithms use',
	},
	{
		pattern: /has already answered this question/i,
		reason: 'notAccepted',
		advice: () => 'Each reader answers a question once for each display set. Where the study allows it, Answer: Update changes the answer; Answer: Get Many with Only Mine finds it',
	},
	{
		pattern: /is not a reader for this study/i,
		reason: 'notAccepted',
		advice: () => 'Ask an editor of the reader study to add this account to its readers',
	},
	{
		pattern: /does not allow answer modification/i,
		reason: 'notAccepted',
		advice: () => 'Its editors can allow it on the site, in the settings of the study',
	},
	{
		pattern: /your answer is not the correct type/i,
		reason: 'notAccepted',
		advice: () => "Question: Get shows the type as 'answer_type'. An annotation has the members that Answer: Get shows for one of its type, and no others but name and probability",
	},
];

const tokenPage = (origin: string) => `${origin}/settings/api-tokens/create/`;

/**
 * Turns an answer with an unwelcome status into words a person can act on.
 * @see the API sheet, section 5 (shapes), 2 (401), 3 (403, 404)
 */
export const explain = (answer: FailedAnswer): GrandChallengeError => {
	const { status, subject, origin, retryAfterMs } = answer;
	const parsed = /json/i.test(answer.contentType) ? parseJson(answer.body) : undefined;
	const said = parsed ? sentences(parsed.value, answer.labels).map(cleanText).filter(Boolean) : [];
	const quote = said.join('; ');
	const make = (reason: Reason, message: string, advice: string, passes = false) =>
		new GrandChallengeError(reason, message, { advice, status, retryAfterMs, passes });

	const known = KNOWN.find(({ pattern }) => status < 500 && status !== 404 && pattern.test(quote));
	if (known) return make(known.reason, `Grand Challenge did not accept ${subject}: ${quote}`, known.advice(answer), known.passes);

	switch (status) {
		case 401:
			return /inactive|deleted/i.test(quote)
				? make('tokenRefused', 'The account of this API token is not active', 'Use the token of an active account')
				: /not provided/i.test(quote)
					? make('tokenRefused', 'Grand Challenge saw no API token', 'Check the Grand Challenge credential of this node')
					: make(
							'tokenRefused',
							`Grand Challenge does not know this API token${quote ? ` (${quote.replace(/\.$/, '')})` : ''}`,
							`Create a token at ${tokenPage(origin)} and put it into the credential`,
						);
		case 403: {
			// Its usual sentence only repeats what the message says.
			const why = /^you do not have permission to perform this action\.?$/i.test(quote) ? '' : quote;
			return make(
				'noPermission',
				`This account has no permission for ${subject}${why ? `: ${why}` : ''}`,
				`Ask its editors for the permission, or request access on its page at ${origin}`,
			);
		}
		case 404:
			return make(
				'notFound',
				`Grand Challenge does not show ${subject}`,
				`Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). Check the value; access is requested on its page at ${origin}`,
			);
		case 413:
			return make('notAccepted', `${subject} is larger than Grand Challenge accepts`, 'Send large data as a file');
		case 429:
			return make('unavailable', `Grand Challenge asks to slow down (429)`, 'Run the node later, or for fewer items at a time');
	}
	if (status >= 500) {
		return make(
			'unavailable',
			`Grand Challenge could not answer (${status}) when asked for ${subject}`,
			'It is overloaded, being updated, or met something unexpected. Run the node again later',
		);
	}
	if (status >= 300 && status < 400) {
		return make('unexpectedAnswer', `Grand Challenge sent ${subject} elsewhere (${status})`, "Check the 'Base URL' of the credential");
	}
	return make(
		'notAccepted',
		quote ? `Grand Challenge did not accept ${subject}: ${quote}` : `Grand Challenge did not accept ${subject} (${status})`,
		quote ? 'Check the fields that are named' : 'Check the fields of this node',
	);
};
