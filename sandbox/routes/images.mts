import type { FastifyInstance } from 'fastify';

import { canViewImage, valuesOfImage } from '../access.mts';
import { ApiError, invalid, noMatch } from '../errors.mts';
import type { Json, JsonObject } from '../json.mts';
import { apiUrl, imageFilePath } from '../links.mts';
import { filterPks, filterText, paginated, unordered } from '../lists.mts';
import { isSince, siteOrigin, type Platform } from '../platform.mts';
import { frameIds, signedFrame, signedInstance, signedMetadata } from '../signedInstance.mts';
import { filterMap, studyFields, type Image, type ValueSet } from '../store.mts';
import { mount, ok, uuidParam, type Call } from '../view.mts';

/** `cases/images/`. */
export const imageRoutes = (app: FastifyInstance, platform: Platform): void => {
	const find = (call: Call): Image => {
		const image = platform.store.images.get(uuidParam(call));
		if (image === undefined || !canViewImage(platform, call.user, image)) throw noMatch('Image');
		return image;
	};
	mount(app, platform, 'cases/images/', { permission: [], csv: true, methods: { GET: listImages } });
	mount(app, platform, 'cases/images/:pk/', {
		permission: [],
		csv: true,
		methods: { GET: (call) => ok(showImage(platform, find(call))) },
	});
	const dicomOf = (call: Call) => {
		const image = find(call);
		if (image.dicom === null) throw new ApiError(404, { detail: 'This image does not have a DICOM Image Set.' });
		return image.dicom;
	};
	mount(app, platform, 'cases/images/:pk/dicom/instances/', {
		permission: [],
		methods: {
			GET: (call) => {
				const { imageSetId, instances } = dicomOf(call);
				// One entry per frame: an instance with several frames comes several times.
				const perFrame = instances.flatMap((instance) => Array.from({ length: instance.frames }, () => instance));
				return ok({
					image_set_id: imageSetId,
					instances: perFrame.map((instance) => ({
						sop_instance_uid: instance.sopInstanceUid,
						get_instance: signedInstance(platform, imageSetId, instance),
					})),
				});
			},
		},
	});
	mount(app, platform, 'cases/images/:pk/dicom/frames/', {
		permission: [],
		methods: {
			GET: (call) => {
				const { imageSetId, instances } = dicomOf(call);
				return ok({
					image_set_id: imageSetId,
					get_image_set_metadata: signedMetadata(platform, imageSetId),
					image_frames: instances
						.flatMap((instance) => frameIds(platform, instance))
						.map((id) => ({ image_frame_id: id, get_image_frame: signedFrame(platform, imageSetId, id) })),
				});
			},
		},
	});
};

const listImages = (call: Call) => {
	const { platform } = call;
	const { store } = platform;
	const imagesOf = (sets: ValueSet[]) =>
		new Set(sets.flatMap((set) => set.values.map((pk) => store.values.get(pk)?.image ?? '')));
	const name = filterText(call, 'name');
	const origins = filterPks(call, 'origin', (pk) => store.sessions.has(pk));
	const archives = filterPks(call, 'archive', (pk) => store.archives.has(pk));
	const studies = filterPks(call, 'reader_study', (pk) => store.readerStudies.has(pk));
	const inputs = filterPks(call, 'job_input', (pk) => store.jobs.has(pk));
	const outputs = filterPks(call, 'job_output', (pk) => store.jobs.has(pk));
	const jobs = (pks: string[]) => filterMap(store.jobs, (job) => pks.includes(job.pk));
	const sets: Array<Set<string>> = [];
	if (archives !== undefined) sets.push(imagesOf(filterMap(store.items, (item) => archives.includes(item.archive))));
	if (studies !== undefined)
		sets.push(imagesOf(filterMap(store.displaySets, (displaySet) => studies.includes(displaySet.readerStudy))));
	if (inputs !== undefined) sets.push(imagesOf(jobs(inputs).map((job) => job.inputs)));
	if (outputs !== undefined) sets.push(imagesOf(jobs(outputs).map((job) => job.outputs)));
	const matches = isSince(platform, 'B') ? () => true : studyFilter(call);
	const found = filterMap(
		store.images,
		(image) =>
			(name === undefined || image.name === name) &&
			(origins === undefined || origins.includes(image.origin ?? '')) &&
			sets.every((set) => set.has(image.pk)) &&
			matches(image),
	).filter((image) => canViewImage(platform, call.user, image));
	// Ties of the name have no order.
	const ordered = unordered(platform, found).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
	return paginated(call, ordered, (image) => showImage(platform, image));
};

// The patient and study filters of the older server.
const studyFilter = (call: Call): ((image: Image) => boolean) => {
	const tests: Array<(image: Image) => boolean> = [];
	for (const field of studyFields) {
		const wanted = filterText(call, field);
		if (wanted === undefined) continue;
		if (field.endsWith('_date') && Number.isNaN(Date.parse(wanted)))
			throw invalid({ [field]: ['Enter a valid date.'] });
		if (field === 'patient_sex' && !['M', 'F', 'O'].includes(wanted)) {
			throw invalid({ [field]: [`Select a valid choice. ${wanted} is not one of the available choices.`] });
		}
		tests.push((image) => (image.study[field] ?? '') === wanted);
	}
	for (const field of ['patient_id', 'study_description'] as const) {
		const empty = filterText(call, `${field}__isempty`)?.toLowerCase();
		if (empty === 'true' || empty === 'false')
			tests.push((image) => ((image.study[field] ?? '') === '') === (empty === 'true'));
	}
	return (image) => tests.every((test) => test(image));
};

/** Distinct images that items of an archive hold. */
export const imagesOfArchive = (platform: Platform, archive: string): Image[] => {
	const held = new Set(
		filterMap(platform.store.items, (item) => item.archive === archive).flatMap((item) => item.values),
	);
	return filterMap(platform.store.images, (image) => valuesOfImage(platform, image.pk).some((pk) => held.has(pk)));
};

const colors: Record<Image['colorSpace'], number | null> = { '': null, GRAY: null, RGB: 3, RGBA: 4, YCBCR: 3 };

const showImage = (platform: Platform, image: Image): JsonObject => {
	const axes = [image.timepoints, image.depth, image.height, image.width];
	// DICOM image sets have no sizes; the older server showed that as nulls.
	const shape: Json[] =
		image.dicom !== null && !isSince(platform, 'B') ? [null, null] : axes.filter((axis) => axis !== null);
	const color = colors[image.colorSpace];
	const hasShape = image.colorSpace !== '' || isSince(platform, 'B');
	const study = Object.fromEntries(
		studyFields.map((field) => {
			const known = isSince(platform, 'B') ? '' : (image.study[field] ?? '');
			return [field, field.endsWith('_date') && known === '' ? null : known];
		}),
	);
	const [width, height, depth] = image.voxelSizeMm;
	return {
		pk: image.pk,
		name: image.name,
		files: image.files.map((file) => ({
			pk: file.pk,
			image: image.pk,
			file: siteOrigin(platform) + imageFilePath(image, file),
			image_type: file.type,
		})),
		dicom_image_set: image.dicom === null ? null : { image_set_id: image.dicom.imageSetId },
		width: image.width,
		height: image.height,
		depth: image.depth,
		color_space: image.colorSpace,
		modality: image.modality === null ? null : { modality: image.modality },
		eye_choice: 'NA',
		stereoscopic_choice: null,
		field_of_view: null,
		shape_without_color: shape,
		...(hasShape ? { shape: color === null ? shape : [...shape, color] } : {}),
		voxel_width_mm: width,
		voxel_height_mm: height,
		voxel_depth_mm: depth,
		api_url: apiUrl(platform, 'cases/images', image.pk),
		...study,
		window_center: image.window[0],
		window_width: image.window[1],
		segments: image.segments,
	};
};
