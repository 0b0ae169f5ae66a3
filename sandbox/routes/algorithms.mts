import type { FastifyInstance } from 'fastify';

import { canViewAlgorithm, isAlgorithmEditor } from '../access.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, containerPath, modelPath, related } from '../links.mts';
import { byCreation, filterPk, filterText } from '../lists.mts';
import { apiDate, siteOrigin, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type Algorithm, type AlgorithmImage, type AlgorithmModel } from '../store.mts';
import { showSocket } from '../values.mts';
import type { Call } from '../view.mts';
import { averageDuration } from '../jobs.mts';

/** `algorithms/` and `algorithms/images/`. */
export const algorithmRoutes = (app: FastifyInstance, platform: Platform): void => {
	mountRead(app, platform, {
		path: 'algorithms/',
		model: 'Algorithm',
		permission: [],
		list: (call) => {
			const slug = filterText(call, 'slug');
			const visible = filterMap(platform.store.algorithms, (algorithm) => canViewAlgorithm(call.user, algorithm));
			return byCreation(visible.filter((algorithm) => slug === undefined || algorithm.slug === slug));
		},
		show: (_call, algorithm) => showAlgorithm(platform, algorithm),
	});
	mountRead(app, platform, {
		path: 'algorithms/images/',
		model: 'AlgorithmImage',
		permission: [],
		list: (call) => {
			const pk = filterPk(call, 'algorithm', (candidate) => platform.store.algorithms.has(candidate));
			// Who may download a container image does not see it here for that.
			const visible = filterMap(platform.store.algorithmImages, (image) => {
				const algorithm = platform.store.algorithms.get(image.algorithm);
				return algorithm !== undefined && isAlgorithmEditor(call.user, algorithm);
			});
			return byCreation(visible.filter((image) => pk === undefined || image.algorithm === pk));
		},
		show: showAlgorithmImage,
	});
};

const showAlgorithm = (platform: Platform, algorithm: Algorithm): JsonObject => ({
	api_url: apiUrl(platform, 'algorithms', algorithm.pk),
	url: `${siteOrigin(platform)}/algorithms/${algorithm.slug}/`,
	description: algorithm.description,
	pk: algorithm.pk,
	title: algorithm.title,
	logo: `${siteOrigin(platform)}/static/logos/algorithm/${algorithm.pk}/logo.png`,
	slug: algorithm.slug,
	average_duration: averageDuration(platform, algorithm),
	interfaces: algorithm.interfaces.map(({ inputs, outputs }) => ({
		inputs: inputs.map(showSocket),
		outputs: outputs.map(showSocket),
	})),
});

/** The weights of an algorithm as the API shows them. */
export const showAlgorithmModel = (call: Call, model: AlgorithmModel): JsonObject => ({
	pk: model.pk,
	algorithm: related(call.requestOrigin, 'algorithms', model.algorithm),
	created: apiDate(model.created),
	import_status: model.importStatus,
	model: siteOrigin(call.platform) + modelPath(model),
});

/** A container image as the API shows it. */
export const showAlgorithmImage = (call: Call, image: AlgorithmImage): JsonObject => {
	const algorithm = call.platform.store.algorithms.get(image.algorithm);
	return {
		pk: image.pk,
		url: `${siteOrigin(call.platform)}/algorithms/${algorithm?.slug ?? ''}/images/${image.pk}/`,
		api_url: apiUrl(call.platform, 'algorithms/images', image.pk),
		algorithm: related(call.requestOrigin, 'algorithms', image.algorithm),
		created: apiDate(image.created),
		import_status: image.importStatus,
		image: image.file === null ? null : siteOrigin(call.platform) + containerPath(image),
	};
};
