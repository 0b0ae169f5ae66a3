import { findEvaluations } from '../../../../client/evaluations/find';
import { badInput } from '../../../../client/transport/errors';
import type { JsonObject } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';
import { asCount, asFlag, asString } from '../../../n8n/parameters';
import { filtersField, limitField, returnAllField, simplifyField } from '../../fields/lists';
import type { Operation } from '../../operation';
import { limitOf } from '../reading';
import { chosenPhase, phaseFilters } from './phaseFilters';
import { asRows, simplify } from './simplify';

/** How many evaluations of the whole platform are looked at for those that it cannot filter. */
const MOST_LOOKED = 5000;

const STATUSES = ['Cancelled', 'Executed', 'Executing', 'Executing Algorithm', 'External Execution In Progress', 'Failed', 'Parsing Outputs', 'Provisioned', 'Provisioning', 'Queued', 'Re-Queued', 'Started', 'Succeeded'];

export const getMany: Operation = {
	value: 'getMany',
	name: 'Get Many',
	action: 'Get many evaluations',
	description: 'List the evaluations of a phase of a challenge, as on its leaderboard and beyond, newest first',
	fields: [
		returnAllField,
		limitField,
		filtersField([
			...phaseFilters,
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				default: 'Succeeded',
				description: 'Only evaluations with this status',
				options: STATUSES.map((status) => ({ name: status, value: status })),
			},
		]),
		simplifyField,
	],
	options: [
		{
			displayName: 'Evaluations to Look At',
			name: 'mostLooked',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: MOST_LOOKED,
			description: 'How many of the newest evaluations on Grand Challenge to look at where the phase is not given by its ID. A note tells when there are more.',
		},
		{
			displayName: 'Metrics as Columns',
			name: 'metricsAsColumns',
			type: 'boolean',
			default: false,
			description: "Whether to give each metric and each rank a field of its own, e.g. 'metrics.aggregates.dice', for a table. Needs 'Simplify'.",
		},
	],
	execute: async (call) => {
		const { context, gc, options, parameters } = call;
		const limit = limitOf(parameters);
		const simple = parameters.flag('simplify', 'Simplify');
		const columns = asFlag(options.metricsAsColumns ?? false, 'Metrics as Columns');
		if (columns && !simple) throw badInput("'Metrics as Columns' makes a table of simplified evaluations", "Switch 'Simplify' on, or 'Metrics as Columns' off");
		const wanted = {
			phase: await chosenPhase(call),
			status: asString(parameters.collection('filters').status, 'Status').trim(),
			limit,
			mostLooked: asCount(options.mostLooked ?? MOST_LOOKED, 'Evaluations to Look At'),
		};
		const tell = (message: string) => context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		const found: JsonObject[] = [];
		for await (const evaluation of findEvaluations(gc, wanted, tell)) found.push(evaluation);
		const rows = columns ? asRows(found) : found.map(simple ? simplify : asData);
		return rows.map((json) => ({ json }));
	},
};
