import type { FastifyInstance } from 'fastify';

import { canViewArchive, isArchiveMember } from '../access.mts';
import { HtmlError, noMatch, notFound } from '../errors.mts';
import type { JsonObject } from '../json.mts';
import { apiUrl } from '../links.mts';
import { byCreation, filterText, paginated } from '../lists.mts';
import { isSince, siteOrigin, type Platform } from '../platform.mts';
import { filterMap, type Archive, type Image, type StudyField } from '../store.mts';
import { mount, ok, uuidParam, type Answer, type Call } from '../view.mts';
import { imagesOfArchive } from './images.mts';

/** `archives/`, and its patients and studies, which later servers do not have. */
export const archiveRoutes = (app: FastifyInstance, platform: Platform): void => {
	const visible = ({ user }: Call) => filterMap(platform.store.archives, (archive) => canViewArchive(user, archive));
	const find = (call: Call): Archive => {
		const pk = uuidParam(call);
		const archive = visible(call).find((candidate) => candidate.pk === pk);
		if (archive === undefined) throw noMatch('Archive');
		return archive;
	};
	mount(app, platform, 'archives/', {
		permission: [],
		csv: true,
		methods: {
			GET: (call) => {
				const slug = filterText(call, 'slug');
				const found = visible(call).filter((archive) => slug === undefined || archive.slug === slug);
				return paginated(call, byCreation(found), (archive) => showArchive(platform, archive));
			},
		},
	});
	mount(app, platform, 'archives/:pk/', {
		permission: [],
		csv: true,
		methods: { GET: (call) => ok(showArchive(platform, find(call))) },
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
