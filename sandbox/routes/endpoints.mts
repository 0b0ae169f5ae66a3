import type { FastifyInstance } from 'fastify';

import { canExecute, canViewEndpoint, isEndpointCreator } from '../access.mts';
import { endpointStatus, extend, invoke, remainingMs, startEndpoint } from '../endpoints.mts';
import { ApiError, forbidden, nonField } from '../errors.mts';
import { FieldErrors, linkField } from '../fields.mts';
import type { JsonObject } from '../json.mts';
import { activeImage, costOf, hasCredits, matchInterface } from '../jobs.mts';
import { apiUrl, related } from '../links.mts';
import { byCreation, filterPk, filterText } from '../lists.mts';
import { apiDuration, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type Endpoint, type Invocation } from '../store.mts';
import { readValues, showPosted, showValue, signedIn, sortedValues, valuesOf } from '../values.mts';
import { bodyObject, created, mount, ok, type Answer, type Call } from '../view.mts';

/** `algorithms/endpoints/` and `algorithms/invocations/`, which older servers do not have. */
export const endpointRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) =>
		filterMap(platform.store.endpoints, (endpoint) => canViewEndpoint(user, endpoint));
	const find = mountRead(app, platform, {
		path: 'algorithms/endpoints/',
		model: 'Endpoint',
		permission: ['add', 'change'],
		since: 'C',
		list: (call) => {
			const algorithm = filterPk(call, 'algorithm', (pk) => platform.store.algorithms.has(pk));
			const status = filterText(call, 'status');
			const found = visible(call).filter(
				(endpoint) =>
					(algorithm === undefined || endpoint.algorithm === algorithm) &&
					(status === undefined || endpointStatus(platform, endpoint) === status),
			);
			return byCreation(found);
		},
		show: showEndpoint,
		post: postEndpoint,
	});
	mount(app, platform, 'algorithms/endpoints/:pk/keep_alive/', {
		permission: ['add', 'change'],
		since: 'C',
		methods: {
			PATCH: (call) => {
				const endpoint = find(call);
				if (!isEndpointCreator(call.user, endpoint)) throw forbidden();
				if (!hasCredits(platform, signedIn(call.user), 1))
					throw new ApiError(400, { status: 'Endpoint duration limit reached' });
				extend(platform, endpoint);
				return ok({ status: 'Endpoint lifetime extended' });
			},
		},
	});
	mountRead(app, platform, {
		path: 'algorithms/invocations/',
		model: 'Invocation',
		permission: ['add'],
		since: 'C',
		list: (call) => {
			const endpoints = new Set(visible(call).map(({ pk }) => pk));
			const status = filterText(call, 'status');
			const found = filterMap(
				platform.store.invocations,
				(invocation) => endpoints.has(invocation.endpoint) && (status === undefined || invocation.status === status),
			);
			return byCreation(found);
		},
		show: showInvocation,
		post: postInvocation,
	});
};

const postEndpoint = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const { store, settings } = platform;
	const user = signedIn(call.user);
	// Nobody has this permission by being registered.
	if (!user.mayAddEndpoint) throw forbidden();
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const executable = (pk: string) => {
		const algorithm = store.algorithms.get(pk);
		return algorithm !== undefined && canExecute(user, algorithm) ? algorithm : undefined;
	};
	const algorithm = linkField(body, 'algorithm', errors, 'algorithms', executable, { required: true });
	errors.throwIfAny();
	if (algorithm === undefined) throw new Error('unreachable: the algorithm is required');
	const container = activeImage(platform, algorithm);
	if (container === undefined) throw nonField('Algorithm image is not ready to be used');
	if (!container.invokable) throw nonField('Algorithm image does not implement the invoke API');
	const cost = costOf(platform, user, algorithm, container);
	if (!hasCredits(platform, user, cost)) throw nonField('You have run out of algorithm credits');
	const active = filterMap(
		store.endpoints,
		(endpoint) => isEndpointCreator(user, endpoint) && endpointStatus(platform, endpoint) !== 'Stopped',
	);
	if (active.some((endpoint) => endpoint.algorithm === algorithm.pk))
		throw nonField('You already have an active endpoint for this algorithm');
	if (active.length >= settings.maxActiveEndpoints) throw nonField('You have too many active endpoints');
	user.spent.push({ at: platform.clock.wall(), credits: cost });
	return created(showEndpoint(call, startEndpoint(platform, user, algorithm, container)));
};

const postInvocation = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const { store, settings } = platform;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const running = (pk: string) => {
		const endpoint = store.endpoints.get(pk);
		return endpoint !== undefined &&
			isEndpointCreator(user, endpoint) &&
			endpointStatus(platform, endpoint) === 'Running'
			? endpoint
			: undefined;
	};
	const endpoint = linkField(body, 'endpoint', errors, 'algorithms/endpoints', running, { required: true });
	const submitted = body['inputs'];
	if (submitted === undefined) errors.add('inputs', ['This field is required.']);
	const inputs = submitted === undefined ? [] : readValues(platform, user, 'inputs', submitted, 'required', errors);
	errors.throwIfAny();
	const algorithm = store.algorithms.get(endpoint?.algorithm ?? '');
	if (endpoint === undefined || algorithm === undefined) throw new Error('unreachable: the endpoint is required');
	const active = filterMap(
		store.invocations,
		(invocation) => invocation.endpoint === endpoint.pk && ['Queued', 'Executing'].includes(invocation.status),
	);
	if (active.length >= settings.maxActiveInvocations)
		throw nonField(
			'There are too many active invocations for this endpoint, please try again after they have completed',
		);
	const used = matchInterface(algorithm, inputs);
	const invocation = invoke(platform, user, endpoint, algorithm, used, inputs);
	return created({
		pk: invocation.pk,
		endpoint: related(call.requestOrigin, 'algorithms/endpoints', endpoint.pk),
		inputs: valuesOf(platform, invocation.inputs).map((value) => showPosted(platform, call.requestOrigin, value)),
		status: invocation.status,
	});
};

const showEndpoint = ({ platform, requestOrigin }: Call, endpoint: Endpoint): JsonObject => ({
	api_url: apiUrl(platform, 'algorithms/endpoints', endpoint.pk),
	pk: endpoint.pk,
	algorithm: related(requestOrigin, 'algorithms', endpoint.algorithm),
	status: endpointStatus(platform, endpoint),
	remaining_lifetime: apiDuration(remainingMs(platform, endpoint)),
});

const showInvocation = ({ platform, requestOrigin }: Call, invocation: Invocation): JsonObject => {
	const show = (set: Invocation['inputs']) =>
		sortedValues(platform, set).map((value) => showValue(platform, requestOrigin, value));
	return {
		pk: invocation.pk,
		endpoint: related(requestOrigin, 'algorithms/endpoints', invocation.endpoint),
		inputs: show(invocation.inputs),
		outputs: show(invocation.outputs),
		status: invocation.status,
		error_message: invocation.errorMessage,
	};
};
