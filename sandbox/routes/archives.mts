import type { FastifyInstance } from 'fastify';

import { canViewArchive, isArchiveMember } from '../access.mts';
import { HtmlError, notFound } from '../errors.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl } from '../links.mts';
import { byCreation, filterText } from '../lists.mts';
import { isSince, siteOrigin, type Platform } from '../platform.mts';
import { mountRead } from '../readable.mts';
import { filterMap, type Archive, type Image, type StudyField } from '../store.mts';
import { mount, ok, type Answer, type Call } from '../view.mts';
import { imagesOfArchive } from './images.mts';

/** `archives/`, and its patients and studies, which later servers do not have. */
export const archiveRoutes = (app: FastifyInstance, platform: Platform): void => {
	const find = mountRead(app, platform, {
		path: 'archives/',
		model: 'Archive',
		permission: [],
		csv: true,
		list: (call) => {
			const slug = filterText(call, 'slug');
			const visible = filterMap(platform.store.archives, (archive) => canViewArchive(call.user, archive));
			return byCreation(visible.filter((archive) => slug === undefined || archive.slug === slug));
		},
		show: (_call, archive) => showArchive(platform, archive),
	});

	const distinct = (call: Call, field: StudyField, where: (study: Image['study']) => boolean): Answer => {
		if (isSince(platform, 'B')) throw new HtmlError(404);
		const archive = find(call);
		const images = isArchiveMember(call.user, archive) ? imagesOfArchive(platform, archive.pk) : [];
		return ok(
			[
				...new Set(
					images
						.map((image) => image.study)
						.filter(where)
						.map((study) => study[field] ?? ''),
				),
			].sort(),
		);
	};
	mount(app, platform, 'archives/:pk/patients/', {
		permission: [],
		methods: { GET: (call) => distinct(call, 'patient_id', () => true) },
	});
	mount(app, platform, 'archives/:pk/studies/', {
		permission: [],
		methods: {
			GET: (call) => {
				const patient = call.query.get('patient_id');
				if (patient === null && !isSince(platform, 'B')) throw notFound();
				return distinct(call, 'study_description', (study) => (study.patient_id ?? '') === patient);
			},
		},
	});
};

const showArchive = (platform: Platform, archive: Archive): JsonObject => ({
	pk: archive.pk,
	title: archive.title,
	logo: `${siteOrigin(platform)}/static/logos/archive/${archive.pk}/logo.png`,
	description: archive.description,
	api_url: apiUrl(platform, 'archives', archive.pk),
	url: `${siteOrigin(platform)}/archives/${archive.slug}/`,
});
