import type { IPollFunctions } from 'n8n-workflow';

import { isObject, number, text } from '../../client/api/json';
import type { ChangeState } from '../../client/changes/poll';

/** What n8n keeps for the node. It sees only what is assigned to a key of its own. */
export class Memory {
	private readonly data;

	constructor(context: IPollFunctions) {
		this.data = context.getWorkflowStaticData('node');
	}

	/** undefined where there is none, or one of another version. */
	get state(): ChangeState | undefined {
		const saved = this.data.changes;
		if (!isObject(saved) || saved.v !== 1) return undefined;
		return {
			v: 1,
			of: text(saved, 'of'),
			known: text(saved, 'known'),
			waiting: text(saved, 'waiting'),
			since: text(saved, 'since'),
			tail: number(saved, 'tail') ?? 0,
			sweep: number(saved, 'sweep') ?? 0,
		};
	}

	set state(state: ChangeState | undefined) {
		this.data.changes = state && { ...state };
	}

	/** ISO: since when there has been no answer to the first poll. */
	get waitingSince(): string | undefined {
		return text(this.data, 'waitingSince') || undefined;
	}

	set waitingSince(date: string | undefined) {
		this.data.waitingSince = date;
	}
}
