import type { FastifyInstance } from 'fastify';

import { canExecute, canViewJob, valuesOfImage } from '../access.mts';
import { noMatch, nonField } from '../errors.mts';
import { FieldErrors, linkField } from '../fields.mts';
import type { Json, JsonObject } from '../json.mts';
import { apiUrl, related } from '../links.mts';
import { byCreation, filterPk, filterPks, paginated } from '../lists.mts';
import { apiDuration, siteOrigin, type Platform } from '../platform.mts';
import { filterMap, type AlgorithmImage, type Job, type SocketValue } from '../store.mts';
import {
	imageValue,
	jsonValue,
	readValues,
	showPosted,
	showValue,
	signedIn,
	sortedValues,
	valuesOf,
	type SubmittedValue,
} from '../values.mts';
import { bodyObject, created, mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { activeImage, costOf, hasCredits, isFinal, matchInterface, startJob } from '../jobs.mts';

/** `algorithms/jobs/`. */
export const jobRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) => filterMap(platform.store.jobs, (job) => canViewJob(user, job));
	mount(app, platform, 'algorithms/jobs/', {
		permission: ['add'],
		methods: {
			GET: (call) => {
				const { store } = platform;
				const isImage = (pk: string) => store.images.has(pk);
				const algorithm = filterPk(call, 'algorithm_image__algorithm', (pk) => store.algorithms.has(pk));
				const holds = (values: number[], images: string[] | undefined) => {
					if (images === undefined) return true;
					const pks = images.flatMap((image) => valuesOfImage(platform, image));
					return values.some((pk) => pks.includes(pk));
				};
				const inputs = filterPks(call, 'input_image', isImage);
				const outputs = filterPks(call, 'output_image', isImage);
				const found = visible(call).filter(
					(job) =>
						(algorithm === undefined || job.algorithm === algorithm) &&
						holds(job.inputs.values, inputs) &&
						holds(job.outputs.values, outputs),
				);
				return paginated(call, byCreation(found), (job) => showJob(call, job));
			},
			POST: postJob,
		},
	});
	mount(app, platform, 'algorithms/jobs/:pk/', {
		permission: ['add'],
		methods: {
			GET: (call) => {
				const pk = uuidParam(call);
				const job = visible(call).find((candidate) => candidate.pk === pk);
				if (job === undefined) throw noMatch('Job');
				return ok(showJob(call, job));
			},
		},
	});
};

const postJob = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const executable = (pk: string) => {
		const algorithm = platform.store.algorithms.get(pk);
		return algorithm !== undefined && canExecute(user, algorithm) ? algorithm : undefined;
	};
	const algorithm = linkField(body, 'algorithm', errors, 'algorithms', executable, { required: true });
	const submitted = body['inputs'];
	if (submitted === undefined) errors.add('inputs', ['This field is required.']);
	const inputs = submitted === undefined ? [] : readValues(platform, user, 'inputs', submitted, 'required', errors);
	errors.throwIfAny();
	if (algorithm === undefined) throw new Error('unreachable: the algorithm is required');

	const container = activeImage(platform, algorithm);
	if (container === undefined) throw nonField('Algorithm image is not ready to be used');
	const cost = costOf(platform, user, algorithm, container);
	if (!hasCredits(platform, user, cost)) throw nonField('You have run out of algorithm credits');
	if (
		filterMap(platform.store.jobs, (job) => job.creator === user.id && !isFinal(job)).length >=
		platform.settings.maxActiveJobs
	) {
		throw nonField('You have too many active jobs, please try again after they have completed');
	}
	const used = matchInterface(algorithm, inputs);
	if (isRepeat(platform, container, inputs))
		throw nonField('A result for these inputs with the current image and model already exists.');

	user.spent.push({ at: platform.clock.wall(), credits: cost });
	const job = startJob(platform, user, algorithm, container, used, inputs);
	return created({
		pk: job.pk,
		inputs: valuesOf(platform, job.inputs).map((value) => showPosted(platform, call.requestOrigin, value)),
		status: job.status,
	});
};

// Whoever ran it, and whatever became of it. Anything freshly uploaded makes a job new.
const isRepeat = (platform: Platform, container: AlgorithmImage, inputs: SubmittedValue[]): boolean => {
	const values: SocketValue[] = [];
	for (const { socket, source } of inputs) {
		if (source.type === 'value') values.push(jsonValue(platform, socket, source.value));
		else if (source.type === 'image') values.push(imageValue(platform, socket, source.image));
		else return false;
	}
	const wanted = new Set(values.map((value) => value.pk));
	return filterMap(platform.store.jobs, (job) => job.algorithmImage === container.pk).some(
		(job) => job.inputs.values.length === wanted.size && job.inputs.values.every((pk) => wanted.has(pk)),
	);
};

const showJob = (call: Call, job: Job): JsonObject => {
	const { platform } = call;
	const algorithm = platform.store.algorithms.get(job.algorithm);
	const values = (set: Job['inputs']): Json[] =>
		sortedValues(platform, set).map((value) => showValue(platform, call.requestOrigin, value));
	return {
		pk: job.pk,
		url: `${siteOrigin(platform)}/algorithms/${algorithm?.slug ?? ''}/jobs/${job.pk}/`,
		api_url: apiUrl(platform, 'algorithms/jobs', job.pk),
		algorithm_image: related(call.requestOrigin, 'algorithms/images', job.algorithmImage),
		inputs: values(job.inputs),
		outputs: values(job.outputs),
		status: job.status,
		hanging_protocol: null,
		optional_hanging_protocols: [],
		view_content: {},
		exec_duration: apiDuration(job.execMs),
		invoke_duration: apiDuration(job.invokeMs),
		algorithm: related(call.requestOrigin, 'algorithms', job.algorithm),
	};
};
