// The faults by the names that the lines of expectations.md have.
import type { FaultAction } from '../../../sandbox/faults.mts';

export interface Fault {
	/** What happens to the request. */
	action: FaultAction;
	/** How often; -1: always. */
	times: number;
	/** Whether everything that is asked of the API from then on fails so. */
	fromThenOn?: true;
	/** What the node has waited for between the requests, in ms, one after the other. */
	waits?: Array<[least: number, most: number]>;
	/** Whether the answer is to be given up soon, instead of after a minute. */
	stalls?: true;
	/** The credential's token, instead of a fault. */
	token?: string;
}

export interface Places {
	/** Origin of a server that is no Grand Challenge. */
	foreign: string;
	/** Address of the request itself. */
	itself: string;
}

const html = { status: 200, contentType: 'text/html; charset=utf-8', body: '<!doctype html><title>Sign in</title>' };
const refused = (status: number, detail: string): FaultAction => ({ status, body: { detail } });
/** 0.1 s, doubled each time, a quarter more or less. */
const rhythm = (count: number) => Array.from({ length: count }, (_, n): [number, number] => [75 * 2 ** n, 125 * 2 ** n]);
const always = (action: FaultAction): Fault => ({ action, times: -1 });
const once = (action: FaultAction): Fault => ({ action, times: 1 });

export const faultsFor = ({ foreign, itself }: Places): Record<string, Fault> => ({
	'503 twice': { action: { status: 503 }, times: 2, waits: rhythm(2) },
	'503 for good': { ...always({ status: 503 }), waits: rhythm(8) },
	'429, come back in 7 s': { ...once({ status: 429, headers: { 'retry-after': '7' } }), waits: [[7000, 8000]] },
	'503, come back at a time': {
		...once({ status: 503, headers: { 'retry-after': new Date(Date.now() + 30_000).toUTCString() } }),
		// A date has no fractions of a second, and some time has passed when it is read.
		waits: [[25_000, 31_500]],
	},
	'429, come back in an hour': { ...always({ status: 429, headers: { 'retry-after': '3600' } }) },
	'500 once': { ...once({ status: 500 }), waits: rhythm(1) },
	'500 for good': { ...always({ status: 500 }), waits: rhythm(3) },
	'501': { ...once({ status: 501 }) },
	'502 after it was applied': once({ statusAfterApply: 502 }),
	'504 for good': always({ status: 504 }),
	'reset before the body': once({ reset: true }),
	'reset after it was applied': once({ resetAfterApply: true }),
	'reset for good': always({ reset: true }),
	'answer cut off': once({ cutAfter: 10 }),
	// Before the first byte: a download goes on where it broke off, and so would come to its end.
	'answer cut off for good': always({ cutAfter: 0 }),
	'answer stalls': { ...once({ stallAfter: 10 }), stalls: true },
	'announced longer than it is': once({ contentLength: 100_000_000 }),
	'announced shorter than it is': once({ contentLength: 10 }),
	'web page instead of data': once(html),
	'JSON of another shape': once({ body: { hello: 'world' } }),
	'sent on to another host': once({ redirect: `${foreign}/somewhere` }),
	'sent in circles': always({ redirect: itself }),
	'signed address expired': once({ status: 403 }),
	'signed address expired for good': always({ status: 403 }),
	'bad token': { action: {}, times: 0, token: 'f'.repeat(64) },
	'token expires in the middle': { ...always(refused(401, 'Invalid token.')), fromThenOn: true },
	'400 with reasons': once({ status: 400, body: { title: ['This field is odd.'], values: [{ interface: ['Nor is this.'] }] } }),
	'403': once(refused(403, 'You do not have permission to perform this action.')),
	'404': once(refused(404, 'No Thing matches the given query.')),
});
