import { inSeconds } from '../../../../client/api/duration';
import { member, text } from '../../../../client/api/json';
import { readSocketValues } from '../../../../client/api/types';
import { badInput } from '../../../../client/transport/errors';
import { asData } from '../../../n8n/data';
import { evaluationField } from '../../fields/locator';
import type { ResourceOperations } from '../../operation';
import { getManyOperation, getOperation, type Readable } from '../reading';

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;

/** The API does not tell the pk of a phase; its organisers find it in the address of Leaderboard, Export. */
const phasePk = (given: string): string => {
	const pk = UUID.exec(given)?.[0];
	if (pk !== undefined) return pk.toLowerCase();
	throw badInput(`'${given.slice(0, 100)}' holds no ID of a phase`, "Organisers find it in the address behind 'Export' on the leaderboard of the phase");
};

const readable: Readable = {
	singular: 'evaluation',
	plural: 'evaluations',
	collection: (gc) => gc.evaluations,
	field: evaluationField,
	simplify: (entity) => {
		const { pk, status, title, rank, rank_score, published, created } = asData(entity);
		const submission = member(entity, 'submission');
		const phase = member(submission, 'phase');
		const metrics = readSocketValues(entity, 'outputs').find(({ socket }) => socket.slug === 'metrics-json-file');
		return {
			pk,
			status,
			title,
			rank,
			rank_score,
			published,
			created,
			challenge: text(member(phase, 'challenge'), 'short_name'),
			phase: text(phase, 'slug'),
			submission: text(submission, 'pk'),
			creator: text(member(submission, 'creator'), 'username'),
			metrics: asData({ value: metrics?.value ?? null }).value,
			exec_seconds: inSeconds(entity.exec_duration),
		};
	},
	filters: [
		{
			field: {
				displayName: 'Phase',
				name: 'phase',
				type: 'string',
				default: '',
				placeholder: 'e.g. 0d11fc7b-c63f-4fd7-b80b-51d2e21492c0',
				description: "ID of a phase, or the address behind 'Export' on its leaderboard. Without it the evaluations of all challenges are listed.",
			},
			query: (_gc, value) => ({ submission__phase: phasePk(value) }),
		},
	],
};

export const evaluation: ResourceOperations = {
	value: 'evaluation',
	name: 'Evaluation',
	operations: [getOperation(readable), getManyOperation(readable)],
};
