import type { Json, JsonObject } from './json.mts';
import { kindOf } from './kinds.mts';
import type { Platform } from './platform.mts';
import type { Socket } from './store.mts';

interface SocketSeed {
	slug: string;
	kind: string;
	/** Stored as file although its kind is JSON. */
	asFile?: boolean;
	title?: string;
	description?: string;
	path?: string;
	schema?: JsonObject;
	segments?: Socket['overlaySegments'];
	defaultValue?: Json;
}

const socketSeeds: SocketSeed[] = [
	{ slug: 'generic-medical-image', kind: 'IMG', title: 'Generic Medical Image', path: '' },
	{ slug: 'generic-overlay', kind: 'HMAP', title: 'Generic Overlay', path: 'images' },
	{ slug: 'metrics-json-file', kind: 'JSON', title: 'Metrics JSON File', path: 'metrics.json' },
	{ slug: 'results-json-file', kind: 'JSON', title: 'Results JSON File', path: 'results.json' },
	{ slug: 'predictions-csv-file', kind: 'CSV', title: 'Predictions CSV File', path: 'predictions.csv' },
	{ slug: 'ct-image', kind: 'IMG', title: 'CT Image', description: 'Any CT image' },
	{ slug: 'chest-xray', kind: 'IMG', title: 'Chest X-Ray' },
	{
		slug: 'lung-segmentation',
		kind: 'SEG',
		title: 'Lung Segmentation',
		segments: [{ name: 'Above threshold', voxel_value: 1, visible: true }],
	},
	{ slug: 'nodule-heatmap', kind: 'HMAP', title: 'Nodule Heatmap' },
	{ slug: 'registration-field', kind: 'DSPF', title: 'Registration Field' },
	{ slug: 'ct-dicom-series', kind: 'DCMIS', title: 'CT DICOM Series' },
	{
		slug: 'segmentation-threshold',
		kind: 'FLT',
		title: 'Segmentation Threshold',
		description: 'In Hounsfield units',
		defaultValue: -500,
	},
	{ slug: 'mean-intensity', kind: 'FLT', title: 'Mean Intensity' },
	{ slug: 'volume-above-threshold', kind: 'FLT', title: 'Volume Above Threshold', description: 'In ml' },
	{ slug: 'patient-age', kind: 'INT', title: 'Patient Age', schema: { minimum: 0, maximum: 150 } },
	{ slug: 'patient-sex', kind: 'STR', title: 'Patient Sex', schema: { enum: ['F', 'M', 'O'] } },
	{ slug: 'is-smoker', kind: 'BOOL', title: 'Is Smoker' },
	{ slug: 'clinical-information', kind: 'JSON', title: 'Clinical Information' },
	{ slug: 'row-count', kind: 'INT', title: 'Row Count' },
	{ slug: 'table-summary', kind: 'JSON', title: 'Table Summary' },
	{ slug: 'volume-chart', kind: 'CHART', title: 'Volume Chart' },
	{ slug: 'nodule-location', kind: 'POIN', title: 'Nodule Location' },
	{
		slug: 'nodule-locations',
		kind: 'MPOI',
		title: 'Nodule Locations',
		asFile: true,
		path: 'annotations/nodule-locations.json',
	},
	{ slug: 'old-nodule-locations', kind: 'MPOI', title: 'Old Nodule Locations' },
	{ slug: 'nodule-box', kind: '2DBB', title: 'Nodule Box' },
	{ slug: 'nodule-diameter', kind: 'DIST', title: 'Nodule Diameter' },
	{ slug: 'lobe-outlines', kind: 'MPOL', title: 'Lobe Outlines', asFile: true },
	{ slug: 'lung-registration', kind: 'ATRG', title: 'Lung Registration' },
	{ slug: 'diagnosis', kind: 'CHOI', title: 'Diagnosis', schema: { enum: ['Normal', 'Nodule', 'Emphysema'] } },
	{ slug: 'findings', kind: 'MCHO', title: 'Findings' },
	{
		slug: 'threshold-report',
		kind: 'JSON',
		title: 'Threshold Report',
		asFile: true,
		path: 'reports/threshold-report.json',
	},
	{ slug: 'summary-report', kind: 'PDF', title: 'Summary Report', path: 'summary.pdf' },
	{ slug: 'radiology-report', kind: 'PDF', title: 'Radiology Report', path: 'radiology-report.pdf' },
	{ slug: 'measurements-csv', kind: 'CSV', title: 'Measurements', path: 'measurements.csv' },
	{ slug: 'acquisition-details', kind: 'JSON', title: 'Acquisition Details', asFile: true },
	{ slug: 'case-archive', kind: 'ZIP', title: 'Case Archive' },
	{ slug: 'thumbnail', kind: 'PNG', title: 'Thumbnail' },
	{ slug: 'photograph', kind: 'JPEG', title: 'Photograph' },
	{ slug: 'airway-mesh', kind: 'OBJ', title: 'Airway Mesh' },
	{ slug: 'breathing-video', kind: 'MP4', title: 'Breathing Video' },
	{ slug: 'phylogeny', kind: 'NEWCK', title: 'Phylogeny' },
	{ slug: 'microbiome', kind: 'BIOM', title: 'Microbiome' },
	{ slug: 'slide-registration', kind: 'SQREG', title: 'Slide Registration' },
	{ slug: 'slice-count', kind: 'INT', title: 'Slice Count' },
];

/** Puts the sockets on record: at least one of every kind that workflows meet. */
export const seedSockets = (platform: Platform) => {
	for (const given of socketSeeds) {
		const kind = kindOf(given.kind);
		const superKind =
			kind.holds === 'image' ? 'Image' : kind.holds === 'file' || given.asFile === true ? 'File' : 'Value';
		const usual = superKind === 'Image' ? `images/${given.slug}` : `${given.slug}.${kind.extension ?? 'json'}`;
		platform.store.sockets.push({
			pk: platform.store.sockets.length + 1,
			slug: given.slug,
			title: given.title ?? given.slug,
			description: given.description ?? '',
			kind,
			superKind,
			relativePath: given.path ?? usual,
			defaultValue: given.defaultValue ?? null,
			overlaySegments: given.segments ?? [],
			lookUpTable: null,
			...(given.schema === undefined ? {} : { schema: given.schema }),
		});
	}
};

/** The socket of a slug; throws on an unknown one (a mistake in the seed). */
export const socket = (platform: Platform, slug: string): Socket => {
	const found = platform.store.sockets.find((candidate) => candidate.slug === slug);
	if (found === undefined) throw new Error(`No socket ${slug}`);
	return found;
};
