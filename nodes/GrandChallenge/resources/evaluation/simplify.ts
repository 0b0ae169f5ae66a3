import type { IDataObject } from 'n8n-workflow';

import { inSeconds } from '../../../../client/api/duration';
import { member, text, type JsonObject } from '../../../../client/api/json';
import { placeOf } from '../../../../client/evaluations/find';
import { pkOf } from '../../../../client/api/types';
import { flat, metricsOf } from '../../../../client/evaluations/metrics';
import { asData } from '../../../n8n/data';

const described = (entity: JsonObject): IDataObject => {
	const { pk, status, title, rank, rank_score, published, created } = asData(entity);
	const submission = member(entity, 'submission');
	return {
		pk,
		status,
		title,
		rank,
		rank_score,
		published,
		created,
		...placeOf(entity),
		submission: text(submission, 'pk'),
		creator: text(member(submission, 'creator'), 'username'),
		exec_seconds: inSeconds(entity.exec_duration),
	};
};

/** The most useful ten: the title repeats rank and creator. */
export const simplify = (entity: JsonObject): IDataObject => {
	const { pk, status, rank, rank_score, created, challenge, phase, submission, creator } = described(entity);
	return { pk, status, rank, rank_score, created, challenge, phase, submission, creator, ...asData({ metrics: metricsOf(entity) }) };
};

/** Rows of a table: every metric and every rank has a column of its own, the same ones in all rows. */
export const asRows = (entities: JsonObject[]): IDataObject[] => {
	const rows = entities.map((entity) => {
		const metrics = metricsOf(entity);
		const ranks = Object.entries(asData(entity.rank_per_metric)).map(([path, rank]) => [`rank_per_metric.${path}`, rank]);
		return { ...described(entity), ...asData(metrics === null ? {} : flat('metrics', metrics)), ...asData(Object.fromEntries(ranks)) };
	});
	const empty: IDataObject = Object.fromEntries(rows.flatMap((row) => Object.keys(row)).map((column) => [column, null]));
	return rows.map((row) => ({ ...empty, ...row }));
};

/** An evaluation to be done outside, with what it needs. */
export const simplifyExternal = (entity: JsonObject): IDataObject => {
	const { pk, status, created, challenge, phase, submission } = described(entity);
	const { algorithm_image: container, algorithm_model: model } = entity;
	return {
		pk,
		status,
		created,
		challenge,
		phase,
		phase_pk: text(entity, 'phase_pk'),
		submission,
		algorithm: pkOf(text(container, 'algorithm')),
		container_url: text(container, 'image') || null,
		model_url: text(model, 'model') || null,
	};
};
