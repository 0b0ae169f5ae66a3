import { storeFile } from './files.mts';
import { blankImage, describe, imageFile, segmentsOf } from './importer.mts';
import type { Json } from './json.mts';
import { createDicom, dicomUid } from './media/dicom.mts';
import { createCsv, createPdf, createTiff } from './media/documents.mts';
import { parseMhaHeader } from './media/mha.mts';
import { phantomMha, phantomPair } from './media/phantom.mts';
import type { Platform } from './platform.mts';
import { seedChallenges } from './seedChallenges.mts';
import { day, firstDay, type People } from './seedParts.mts';
import { seedSockets, socket } from './seedSockets.mts';
import { seedStudies } from './seedStudies.mts';
import { seedViewers } from './seedViewers.mts';
import type { Algorithm, Archive, DicomInstance, Image, SocketValue, User } from './store.mts';
import { attach, fileValue, imageValue, jsonValue } from './values.mts';
import { addDicomImage, addItem } from './worker.mts';

/** Items of the large archive. */
export const largeArchiveItems = 1234;

/** Fills an empty platform. The same seed of the platform's random source gives the same objects and bytes. */
export const seed = async (platform: Platform): Promise<void> => {
	const users = seedUsers(platform);
	seedSockets(platform);
	seedAlgorithms(platform, users);
	await seedArchives(platform, users);
	const people: People = {
		...users,
		reader2: addUser(platform, 'reader2', 105),
		organizer: addUser(platform, 'organizer', 106),
		evaluator: addUser(platform, 'evaluator', 107),
	};
	await seedStudies(platform, people);
	await seedChallenges(platform, people);
	seedViewers(platform, people);
};

type Users = Pick<People, 'main' | 'reader' | 'other' | 'deactivated'>;

const addUser = (platform: Platform, name: string, id: number, more: Partial<User> = {}): User => {
	const user: User = {
		id,
		username: name,
		token: platform.random.hex(64),
		active: true,
		verified: true,
		profile: { institution: 'Example Hospital', department: 'Radiology', location: 'NL', website: '' },
		spent: [],
		mayAddEndpoint: false,
		...more,
	};
	platform.store.users.push(user);
	return user;
};

const seedUsers = (platform: Platform): Users => ({
	main: addUser(platform, 'main', 101, { mayAddEndpoint: true }),
	reader: addUser(platform, 'reader', 102, { verified: false }),
	other: addUser(platform, 'other', 103),
	deactivated: addUser(platform, 'deactivated', 104, { active: false }),
});

const seedAlgorithms = (platform: Platform, { main, reader, other }: Users) => {
	const sockets = (slugs: string[]) => slugs.map((slug) => socket(platform, slug));
	const add = (
		name: string,
		given: Partial<Algorithm> & Pick<Algorithm, 'slug' | 'title' | 'implementation'>,
		combinations: Array<[string[], string[]]>,
		importStatus = 'Completed',
	) => {
		const created = firstDay + platform.store.algorithms.size * day;
		const algorithm: Algorithm = {
			pk: platform.random.uuid(),
			description: '',
			created,
			public: false,
			editors: new Set([main.id]),
			users: new Set(),
			interfaces: combinations.map(([inputs, outputs]) => ({ inputs: sockets(inputs), outputs: sockets(outputs) })),
			durationMs: 40_000,
			averageDuration: null,
			creditsPerJob: 20,
			...given,
		};
		platform.store.algorithms.set(algorithm.pk, algorithm);
		platform.store.names.set(`algorithms.${name}`, algorithm.pk);
		const pk = platform.random.uuid();
		platform.store.algorithmImages.set(pk, {
			pk,
			algorithm: algorithm.pk,
			created: created + 1000,
			importStatus,
			file: null,
			downloaders: new Set(),
			invokable: ['threshold', 'echo'].includes(name),
		});
		platform.store.names.set(`algorithmImages.${name}`, pk);
	};
	const outputs = [
		'mean-intensity',
		'volume-above-threshold',
		'lung-segmentation',
		'threshold-report',
		'summary-report',
	];
	add(
		'threshold',
		{
			slug: 'lung-volume-above-threshold',
			title: 'Lung Volume Above Threshold',
			description: 'Mean intensity and volume above a threshold of a CT image',
			implementation: 'threshold',
			public: true,
			users: new Set([reader.id]),
		},
		[
			[['ct-image'], outputs],
			[['ct-image', 'segmentation-threshold'], outputs],
		],
	);
	add('table', { slug: 'table-summary', title: 'Table Summary', implementation: 'table' }, [
		[
			['measurements-csv', 'patient-age'],
			['row-count', 'table-summary'],
		],
	]);
	add('echo', { slug: 'clinical-echo', title: 'Clinical Echo', implementation: 'echo' }, [
		[['clinical-information'], ['table-summary']],
	]);
	add(
		'viewOnly',
		{
			slug: 'nodule-detector',
			title: 'Nodule Detector',
			implementation: 'fail',
			public: true,
			editors: new Set([other.id]),
		},
		[[['ct-image'], ['nodule-locations']]],
	);
	add('failing', { slug: 'always-failing', title: 'Always Failing', implementation: 'fail' }, [
		[['ct-image'], ['mean-intensity']],
		[['patient-age'], ['mean-intensity']],
	]);
	add(
		'slow',
		{
			slug: 'slow-lung-volume',
			title: 'Slow Lung Volume',
			implementation: 'threshold',
			durationMs: 600_000,
			averageDuration: 600,
		},
		[[['ct-image'], outputs]],
	);
	add(
		'unready',
		{ slug: 'not-ready', title: 'Not Ready', implementation: 'fail' },
		[[['ct-image'], ['mean-intensity']]],
		'Started',
	);
	add('slices', { slug: 'slice-counter', title: 'Slice Counter', implementation: 'slices' }, [
		[['ct-dicom-series'], ['slice-count']],
		[['ct-dicom-series', 'measurements-csv'], ['slice-count']],
	]);
};

const keep = (platform: Platform, image: Image, name: string): Image => {
	platform.store.images.set(image.pk, image);
	platform.store.names.set(`images.${name}`, image.pk);
	return image;
};

const addMha = async (platform: Platform, name: string, filename: string, bytes: Buffer): Promise<Image> => {
	const header = parseMhaHeader(bytes);
	if (header === undefined) throw new Error('The seed made a bad image');
	const file = await storeFile(platform, filename, bytes);
	const image = { ...blankImage(platform, filename, null), files: [imageFile(platform, 'MHD', file)], modality: 'CT' };
	return keep(platform, describe(image, header, await segmentsOf(file.path, header)), name);
};

const seedArchives = async (platform: Platform, { main, reader, other }: Users) => {
	const { store } = platform;
	const add = (name: string, given: Partial<Archive> & Pick<Archive, 'slug' | 'title'>): Archive => {
		const archive: Archive = {
			pk: platform.random.uuid(),
			description: '',
			public: false,
			editors: new Set([main.id]),
			uploaders: new Set(),
			users: new Set(),
			created: firstDay + (30 + store.archives.size) * day,
			allowedSockets: null,
			...given,
		};
		store.archives.set(archive.pk, archive);
		store.names.set(`archives.${name}`, archive.pk);
		return archive;
	};
	const item = (archive: Archive, name: string, title: string, values: SocketValue[]) => {
		const made = addItem(platform, archive.pk, title);
		for (const value of values) attach(platform, made, value);
		if (name !== '') store.names.set(`items.${name}`, made.pk);
	};
	const json = (slug: string, value: Json) => jsonValue(platform, socket(platform, slug), value);
	const image = (slug: string, value: Image) => imageValue(platform, socket(platform, slug), value);
	const file = async (slug: string, name: string, bytes: Buffer | string) =>
		fileValue(platform, socket(platform, slug), await storeFile(platform, name, bytes));

	const lung = add('lung', {
		slug: 'lung-phantoms',
		title: 'Lung Phantoms',
		description: 'Small synthetic CT volumes with what belongs to them',
		users: new Set([reader.id]),
	});
	for (const [i, [age, sex]] of [
		[61, 'F'],
		[58, 'M'],
		[70, 'F'],
		[45, 'O'],
	].entries()) {
		const number = i + 1;
		const values = [
			image(
				'ct-image',
				await addMha(platform, `lung${number}`, `lung-${number}.mha`, phantomMha(platform.random, i * 0.02)),
			),
			json('patient-age', age ?? null),
			json('patient-sex', sex ?? null),
			json('is-smoker', number % 2 === 0),
			json('clinical-information', { history: ['cough', 'fever'].slice(0, (i % 2) + 1), score: i / 2 }),
			json('nodule-location', {
				name: 'nodule',
				type: 'Point',
				point: [13.4 + i, 24, 24],
				version: { major: 1, minor: 0 },
			}),
		];
		if (number <= 2) {
			values.push(
				await file(
					'radiology-report',
					`report-${number}.pdf`,
					createPdf([`Radiology report of case ${number}`, 'One solid nodule in the left lung.']),
				),
				await file(
					'measurements-csv',
					`measurements-${number}.csv`,
					createCsv([
						['structure', 'diameter_mm'],
						['nodule', 7 + i],
						['aorta', 28 + i],
					]),
				),
				await file(
					'acquisition-details',
					'acquisition-details.json',
					JSON.stringify({ kvp: 120, mas: 60 + i, kernel: 'B30f' }),
				),
			);
		}
		item(lung, `lung${number}`, `Case ${number}`, values);
	}

	add('empty', { slug: 'incoming-cases', title: 'Incoming Cases', uploaders: new Set([other.id]) });
	const visible = add('public', {
		slug: 'public-collection',
		title: 'Public Collection',
		public: true,
		editors: new Set([other.id]),
	});
	item(visible, 'public1', 'Hidden behind the public title', [
		image('ct-image', await addMha(platform, 'public1', 'public.mha', phantomMha(platform.random, 0))),
	]);
	const readOnly = add('readOnly', {
		slug: 'read-only-cases',
		title: 'Read-Only Cases',
		editors: new Set([other.id]),
		users: new Set([main.id]),
	});
	item(readOnly, 'readOnly1', 'Look, do not touch', [json('patient-age', 33)]);
	const phase = add('phase', {
		slug: 'phase-test-cases',
		title: 'Phase Test Cases',
		allowedSockets: ['ct-image', 'segmentation-threshold'],
	});
	item(phase, 'phase1', 'Test case 1', [json('segmentation-threshold', -400)]);

	const large = add('large', { slug: 'large-registry', title: 'Large Registry' });
	const ages = Array.from({ length: 70 }, (_, i) => json('patient-age', 20 + i));
	for (let i = 1; i <= largeArchiveItems; i += 1) {
		item(
			large,
			i === 1 ? 'large1' : '',
			`Record ${String(i).padStart(4, '0')}`,
			ages.slice(i % ages.length).slice(0, 1),
		);
	}

	const legacy = add('legacy', { slug: 'legacy-and-dicom', title: 'Legacy and DICOM' });
	item(legacy, 'legacy', 'Old pair', [image('generic-medical-image', await addLegacyPair(platform))]);
	item(legacy, 'dicom', 'DICOM series', [
		image('ct-dicom-series', await addDicomSeries(platform, 'dicom', 'CT series', [1, 1, 1])),
	]);
	item(legacy, 'multiFrame', 'Multi-frame DICOM', [
		image('ct-dicom-series', await addDicomSeries(platform, 'multiFrame', 'Multi-frame instance', [3])),
	]);
	item(legacy, 'xray', 'Chest X-ray', [image('chest-xray', await addTiff(platform))]);
};

/** An old image: a `.mhd` header and a `.zraw` data file, both typed MHD. */
const addLegacyPair = async (platform: Platform): Promise<Image> => {
	const pair = phantomPair(platform.random, 0.01, 'legacy.zraw');
	const header = parseMhaHeader(Buffer.from(pair.header));
	if (header === undefined) throw new Error('The seed made a bad header');
	const image = blankImage(platform, 'legacy.mhd', null);
	image.files.push(imageFile(platform, 'MHD', await storeFile(platform, 'legacy.mhd', pair.header)));
	image.files.push(imageFile(platform, 'MHD', await storeFile(platform, 'legacy.zraw', pair.data)));
	return keep(platform, { ...describe(image, header, null), modality: 'CT' }, 'legacy');
};

const addDicomSeries = async (platform: Platform, name: string, title: string, frames: number[]): Promise<Image> => {
	const [studyUid, seriesUid] = [dicomUid(platform.random), dicomUid(platform.random)];
	const instances: DicomInstance[] = [];
	for (const [i, count] of frames.entries()) {
		const made = createDicom({
			random: platform.random,
			studyUid,
			seriesUid,
			instance: i + 1,
			size: 32,
			frames: count,
		});
		const file = await storeFile(platform, `${made.sopInstanceUid}.dcm`, made.bytes, 'application/dicom');
		instances.push({ sopInstanceUid: made.sopInstanceUid, studyUid, seriesUid, frames: count, file });
	}
	const image = addDicomImage(platform, title, instances);
	image.study = {
		patient_id: 'SANDBOX-1',
		study_date: '2025-03-14',
		study_instance_uid: studyUid,
		series_instance_uid: seriesUid,
	};
	platform.store.names.set(`images.${name}`, image.pk);
	return image;
};

const addTiff = async (platform: Platform): Promise<Image> => {
	const size = 48;
	const grey = (x: number, y: number) =>
		Math.min(
			255,
			Math.max(0, Math.round(200 - Math.hypot(x - size / 2, y - size / 2) * 6 + 4 * platform.random.gaussian())),
		);
	const file = await storeFile(platform, 'chest-xray.tif', createTiff(size, size, grey));
	const image = {
		...blankImage(platform, 'chest-xray.tif', null),
		width: size,
		height: size,
		modality: 'CR',
		files: [imageFile(platform, 'TIFF', file)],
	};
	return keep(platform, image, 'xray');
};
