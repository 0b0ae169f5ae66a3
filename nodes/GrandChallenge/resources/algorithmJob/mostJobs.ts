import type { INodeProperties } from 'n8n-workflow';

import { MOST_ACTIVE_JOBS } from '../../../../client/jobs/queue';
import type { JsonObject } from '../../../../client/api/json';
import { asCount } from '../../../n8n/parameters';

/** Jobs that exist are waited for without costing anything. */
const MOST_WAITED_FOR = 1000;

const mostJobs = (most: number, description: string): INodeProperties => ({
	displayName: 'Most Jobs at Once',
	name: 'mostJobs',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: most,
	description,
});

export const mostJobsOption = mostJobs(
	MOST_ACTIVE_JOBS,
	`How many jobs of this node run at the same time. Grand Challenge lets an account have ${MOST_ACTIVE_JOBS}; those of other workflows count too, and then the node waits for its own.`,
);

export const mostWaitedForOption = mostJobs(MOST_WAITED_FOR, 'How many input items are waited for at the same time');

const countIn = ({ mostJobs: given }: JsonObject, usual: number): number => asCount(given ?? usual, 'Most Jobs at Once');

/** @throws GrandChallengeError (badInput) */
export const mostJobsIn = (options: JsonObject): number => countIn(options, MOST_ACTIVE_JOBS);

/** @throws GrandChallengeError (badInput) */
export const mostWaitedForIn = (options: JsonObject): number => countIn(options, MOST_WAITED_FOR);
