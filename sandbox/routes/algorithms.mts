import type { FastifyInstance } from 'fastify';

import { canViewAlgorithm, isAlgorithmEditor } from '../access.mts';
import { noMatch } from '../errors.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl, containerPath, modelPath, related } from '../links.mts';
import { byCreation, filterPk, filterText, paginated } from '../lists.mts';
import { apiDate, siteOrigin, type Platform } from '../platform.mts';
import { filterMap, type Algorithm, type AlgorithmImage, type AlgorithmModel } from '../store.mts';
import { showSocket } from '../values.mts';
import { mount, ok, uuidParam, type Call } from '../view.mts';
import { averageDuration } from '../jobs.mts';

/** `algorithms/` and `algorithms/images/`. */
export const algorithmRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) =>
		filterMap(platform.store.algorithms, (algorithm) => canViewAlgorithm(user, algorithm));
	mount(app, platform, 'algorithms/', {
		permission: [],
		methods: {
			GET: (call) => {
				const slug = filterText(call, 'slug');
				const found = visible(call).filter((algorithm) => slug === undefined || algorithm.slug === slug);
				return paginated(call, byCreation(found), (algorithm) => showAlgorithm(platform, algorithm));
			},
		},
	});
	mount(app, platform, 'algorithms/:pk/', {
		permission: [],
		methods: {
			GET: (call) => {
				const pk = uuidParam(call);
				const algorithm = visible(call).find((candidate) => candidate.pk === pk);
				if (algorithm === undefined) throw noMatch('Algorithm');
				return ok(showAlgorithm(platform, algorithm));
			},
		},
	});

	// Who may download a container image does not see it here for that.
	const visibleImages = ({ user }: Call) =>
		filterMap(platform.store.algorithmImages, (image) => {
			const algorithm = platform.store.algorithms.get(image.algorithm);
			return algorithm !== undefined && isAlgorithmEditor(user, algorithm);
		});
	mount(app, platform, 'algorithms/images/', {
		permission: [],
		methods: {
			GET: (call) => {
				const pk = filterPk(call, 'algorithm', (candidate) => platform.store.algorithms.has(candidate));
				const found = visibleImages(call).filter((image) => pk === undefined || image.algorithm === pk);
				return paginated(call, byCreation(found), (image) => showAlgorithmImage(call, image));
			},
		},
	});
	mount(app, platform, 'algorithms/images/:pk/', {
		permission: [],
		methods: {
			GET: (call) => {
				const pk = uuidParam(call);
				const image = visibleImages(call).find((candidate) => candidate.pk === pk);
				if (image === undefined) throw noMatch('AlgorithmImage');
				return ok(showAlgorithmImage(call, image));
			},
		},
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
