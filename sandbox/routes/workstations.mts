import type { FastifyInstance } from 'fastify';

import { canViewWorkstation, type Asker } from '../access.mts';
import { ApiError } from '../errors.mts';
import { FieldErrors, linkField, textField } from '../fields.mts';
import { isObject, type Json, type JsonObject } from '../json.mts';
import { related } from '../links.mts';
import { byCreation, filterText, unordered } from '../lists.mts';
import { apiDate, siteOrigin, usernameOf, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type Feedback, type ViewerSession, type Workstation, type WorkstationConfig } from '../store.mts';
import { signedIn } from '../values.mts';
import { bodyObject, created, mount, ok, type Answer, type Call } from '../view.mts';

/** `workstations/` (viewers), their configurations, the user's sessions in them, and feedback on these. */
export const workstationRoutes = (app: FastifyInstance, platform: Platform): void => {
	mountRead(app, platform, {
		path: 'workstations/',
		model: 'Workstation',
		permission: [],
		list: (call) => {
			const slug = filterText(call, 'slug');
			const visible = filterMap(platform.store.workstations, (viewer) => canViewWorkstation(call.user, viewer));
			return byCreation(visible.filter((viewer) => slug === undefined || viewer.slug === slug));
		},
		show: (_call, viewer) => showWorkstation(platform, viewer),
	});
	mountRead(app, platform, {
		path: 'workstations/configs/',
		model: 'WorkstationConfig',
		permission: 'login',
		list: () => byCreation([...platform.store.workstationConfigs.values()]),
		show: (_call, config) => showConfig(platform, config),
	});
	const ownSessions = (user: Asker) => filterMap(platform.store.viewerSessions, ({ creator }) => creator === user?.id);
	const findSession = mountRead(app, platform, {
		path: 'workstations/sessions/',
		model: 'Session',
		permission: ['change'],
		list: ({ user }) => byCreation(ownSessions(user)),
		show: (_call, { pk, status }) => ({ pk, status }),
	});
	mount(app, platform, 'workstations/sessions/:pk/keep_alive/', {
		permission: ['change'],
		methods: { PATCH: (call) => keepAlive(platform, findSession(call)) },
	});
	mountRead(app, platform, {
		path: 'workstations/feedback/',
		model: 'Feedback',
		permission: ['add'],
		list: ({ user }) => {
			const own = new Set(ownSessions(user).map(({ pk }) => pk));
			return unordered(
				platform,
				filterMap(platform.store.feedback, ({ session }) => own.has(session)),
			);
		},
		show: showFeedback,
		post: postFeedback,
	});
};

const fiveMinutes = 300_000;

const keepAlive = ({ clock, settings }: Platform, session: ViewerSession): Answer => {
	if (clock.wall() + fiveMinutes - session.created < settings.viewerSessionSeconds * 1000)
		return ok({ status: 'session extended' });
	throw new ApiError(400, { status: 'session duration limit reached' });
};

const postFeedback = async (call: Call): Promise<Answer> => {
	const { platform } = call;
	const { viewerSessions, feedback } = platform.store;
	const user = signedIn(call.user);
	const body = await bodyObject(call);
	const errors = new FieldErrors();
	const own = (pk: string) => {
		const session = viewerSessions.get(pk);
		return session?.creator === user.id ? session : undefined;
	};
	const session = linkField(body, 'session', errors, 'workstations/sessions', own, { required: true });
	const comment = textField(body, 'user_comment', errors, { required: true });
	const { screenshot } = body;
	const filename = isObject(screenshot) ? screenshot['filename'] : undefined;
	if (screenshot !== undefined && screenshot !== null && typeof filename !== 'string')
		errors.add('screenshot', ['The submitted data was not a file. Check the encoding type on the form.']);
	const context = parseContext(body['context'] ?? null);
	if (context === undefined) errors.add('context', ['Value must be valid JSON.']);
	errors.throwIfAny();
	const made: Feedback = {
		pk: platform.random.uuid(),
		session: session?.pk ?? '',
		screenshot: typeof filename === 'string' ? filename : null,
		comment: comment ?? '',
		context: context ?? null,
	};
	feedback.set(made.pk, made);
	return created(showFeedback(call, made));
};

// A form can carry JSON only as text.
const parseContext = (given: Json): Json | undefined => {
	if (typeof given !== 'string') return given;
	try {
		const parsed: Json = JSON.parse(given);
		return parsed;
	} catch {
		return undefined;
	}
};

const showFeedback = ({ platform, requestOrigin }: Call, { pk, session, screenshot, comment, context }: Feedback) => ({
	session: related(requestOrigin, 'workstations/sessions', session),
	screenshot:
		screenshot === null
			? null
			: `${siteOrigin(platform)}/media/session-feedback/${pk}/${encodeURIComponent(screenshot)}`,
	user_comment: comment,
	context,
});

const showWorkstation = (platform: Platform, { pk, title, slug }: Workstation): JsonObject => ({
	pk,
	title,
	slug,
	url: `${siteOrigin(platform)}/viewers/${slug}/`,
});

const tools = [
	...['image_info_plugin', 'display_plugin', 'image_switcher_plugin', 'algorithm_output_plugin', 'overlay_plugin'],
	...['annotation_statistics_plugin', 'swivel_tool', 'invert_tool', 'flip_tool', 'window_level_tool', 'reset_tool'],
	...['overlay_selection_tool', 'lut_selection_tool', 'annotation_counter_tool'],
];
const links = ['images', 'panning', 'zooming', 'slicing', 'orienting', 'windowing', 'inverting', 'flipping'];

const configDefaults: JsonObject = {
	image_context: '',
	window_presets: [],
	default_window_preset: null,
	default_slab_thickness_mm: null,
	default_slab_render_method: '',
	default_orientation: '',
	default_overlay_alpha: null,
	overlay_luts: [],
	default_overlay_lut: null,
	default_overlay_interpolation: 'NN',
	default_image_interpolation: '',
	default_limit_view_area_to_image_volume: false,
	ghosting_slice_depth: 3,
	overlay_segments: [],
	key_bindings: [],
	default_zoom_scale: null,
	default_brush_size: null,
	default_annotation_color: '',
	default_annotation_line_width: null,
	...Object.fromEntries(tools.map((tool) => [`show_${tool}`, true])),
	enabled_preprocessors: [],
	auto_jump_center_of_gravity: true,
	...Object.fromEntries(links.map((link) => [`link_${link}`, true])),
	point_bounding_box_size_mm: null,
};

const showConfig = (platform: Platform, config: WorkstationConfig): JsonObject => ({
	pk: config.pk,
	slug: config.slug,
	title: config.title,
	description: config.description,
	created: apiDate(config.created),
	modified: apiDate(config.modified),
	creator: usernameOf(platform, config.creator),
	...configDefaults,
	...config.settings,
});
