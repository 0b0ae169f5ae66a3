import type { Json } from './json.mts';
import type { Platform } from './platform.mts';
import { day, firstDay, type People } from './seedParts.mts';
import type { ViewerSession } from './store.mts';

const start = firstDay + 200 * day;

/** Viewers, their configurations and sessions, notifications and subscriptions. */
export const seedViewers = (platform: Platform, { main, reader, other }: People): void => {
	const { workstations, workstationConfigs, viewerSessions, notifications, follows, names } = platform.store;
	for (const [i, [name, slug, title]] of (
		[
			['main', 'cirrus-core', 'CIRRUS Core'],
			['private', 'private-viewer', 'Private Viewer'],
		] as const
	).entries()) {
		const pk = platform.random.uuid();
		workstations.set(pk, {
			pk,
			slug,
			title,
			created: start + i * day,
			public: name === 'main',
			editors: new Set([other.id]),
			users: new Set(),
		});
		names.set(`workstations.${name}`, pk);
	}
	// The first is complete, as the official client wants it; most on the platform leave much empty.
	for (const [i, [name, title, settings]] of (
		[
			['chest', 'Chest CT', chestSettings],
			['plain', 'Plain', {}],
		] as const
	).entries()) {
		const pk = platform.random.uuid();
		const created = start + i * day;
		workstationConfigs.set(pk, {
			pk,
			slug: title.toLowerCase().replaceAll(' ', '-'),
			title,
			description: `Settings for ${title}`,
			created,
			modified: created,
			creator: other.id,
			settings,
		});
		names.set(`workstationConfigs.${name}`, pk);
	}
	const now = platform.clock.wall();
	const hour = 3_600_000;
	const addSession = (name: string, creator: number, status: ViewerSession['status'], age: number) => {
		const pk = platform.random.uuid();
		viewerSessions.set(pk, { pk, creator, status, created: now - age });
		names.set(`viewerSessions.${name}`, pk);
	};
	addSession('old', main.id, 'Stopped', 48 * hour);
	addSession('running', main.id, 'Running', hour / 4);
	addSession('reader', reader.id, 'Running', hour / 4);

	for (const [name, user, read] of [
		['unread1', main, false],
		['unread2', main, false],
		['read', main, true],
		['reader', reader, false],
	] as const) {
		const pk = platform.random.uuid();
		notifications.set(pk, { pk, user: user.id, read });
		names.set(`notifications.${name}`, pk);
	}
	for (const [i, [name, user, flag]] of (
		[
			['jobs', main, 'job-active'],
			['requests', main, 'access_request'],
			['reader', reader, ''],
		] as const
	).entries()) {
		const pk = 90_001 + i;
		follows.set(String(pk), { pk, user: user.id, flag });
		names.set(`subscriptions.${name}`, String(pk));
	}
};

const lungWindow: Json = {
	pk: 3,
	slug: 'lung',
	title: 'Lung',
	description: '',
	center: -600,
	width: 1500,
	lower_percentile: null,
	upper_percentile: null,
};

const hot: Json = {
	pk: 7,
	slug: 'hot',
	title: 'Hot',
	description: '',
	color: '[black 0, red 0.5, white 1]',
	alpha: '[0 0, 1 1]',
	color_invert: '',
	alpha_invert: '',
	range_min: 0,
	range_max: 4095,
	relative: false,
	color_interpolation: 'RGB',
	color_interpolation_invert: 'RGB',
};

const chestSettings = {
	image_context: 'Radiology',
	window_presets: [lungWindow],
	default_window_preset: lungWindow,
	default_slab_thickness_mm: '3.00',
	default_slab_render_method: 'Maximum Intensity Projection',
	default_orientation: 'Axial',
	default_overlay_alpha: '0.50',
	overlay_luts: [hot],
	default_overlay_lut: hot,
	default_image_interpolation: 'Trilinear',
	default_zoom_scale: '1.00',
	default_brush_size: '10.00',
	default_annotation_color: '#00ff00',
	default_annotation_line_width: 2,
	point_bounding_box_size_mm: '2.00',
};
