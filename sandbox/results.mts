import { readFile } from 'node:fs/promises';

import { storeFile } from './files.mts';
import { describe, blankImage, imageFile } from './importer.mts';
import { isObject, type Json } from './json.mts';
import { createPdf } from './media/documents.mts';
import { encodeVoxels, mhaHeaderText, readMhaHeader, readVoxels, type MhaHeader } from './media/mha.mts';
import type { Platform } from './platform.mts';
import type { AlgorithmInterface, Socket, SocketValue, ValueSet } from './store.mts';
import { fileValue, imageValue, jsonValue, valuesOf } from './values.mts';

/** Threshold in Hounsfield units when the job brings none. */
const defaultThreshold = -500;

type Compute = (run: Run) => Promise<SocketValue[]>;

interface Run {
	platform: Platform;
	inputs: SocketValue[];
	outputs: Socket[];
}

/** Computes the outputs of a job (or an invocation) from its inputs; throws if the algorithm fails. The values are not attached yet. */
export const computeOutputs = async (
	platform: Platform,
	job: { inputs: ValueSet },
	used: AlgorithmInterface,
	implementation: string,
): Promise<SocketValue[]> => {
	const compute = implementations[implementation];
	if (compute === undefined) throw new Error(`No implementation ${implementation}`);
	return compute({ platform, inputs: valuesOf(platform, job.inputs), outputs: used.outputs });
};

const socketOf = (run: Run, slug: string): Socket => {
	const socket = run.outputs.find((candidate) => candidate.slug === slug);
	if (socket === undefined) throw new Error(`The algorithm has no output ${slug}`);
	return socket;
};

const inputOf = (run: Run, slug: string): SocketValue | undefined =>
	run.inputs.find((value) => value.socket.slug === slug);

/** What the threshold algorithm measures. */
export interface Measurement {
	meanIntensity: number;
	volumeMl: number;
	voxelsAbove: number;
	/** 1 where the voxel is above the threshold. */
	mask: Buffer;
	header: MhaHeader;
}

/** Measures a stored `.mha`: mean intensity, and the volume of all voxels above the threshold. */
export const measure = async (path: string, threshold: number): Promise<Measurement> => {
	const header = await readMhaHeader(path);
	const masks: Buffer[] = [];
	let [sum, count, voxelsAbove] = [0, 0, 0];
	for await (const voxels of readVoxels(path, header)) {
		const above = voxels.map((voxel) => (voxel > threshold ? 1 : 0));
		for (const voxel of voxels) sum += voxel;
		for (const one of above) voxelsAbove += one;
		count += voxels.length;
		masks.push(encodeVoxels(above, 'MET_UCHAR'));
	}
	const voxelMm3 = header.spacing.slice(0, 3).reduce((product, axis) => product * axis, 1);
	return {
		meanIntensity: Math.round((sum / count) * 1000) / 1000,
		volumeMl: Math.round(voxelsAbove * voxelMm3) / 1000,
		voxelsAbove,
		mask: Buffer.concat(masks),
		header,
	};
};

const thresholdAlgorithm: Compute = async (run) => {
	const { platform } = run;
	const input = run.inputs.find((value) => value.image !== undefined);
	const image = platform.store.images.get(input?.image ?? '');
	const file = image?.files.find((candidate) => candidate.type === 'MHD')?.file;
	if (image === undefined || file === undefined) throw new Error('No image to read');
	const given = inputOf(run, 'segmentation-threshold')?.value;
	const threshold = typeof given === 'number' ? given : defaultThreshold;
	const found = await measure(file.path, threshold);
	const mask = { size: found.header.size, spacing: found.header.spacing, elementType: 'MET_UCHAR' };
	const name = 'segmentation.mha';
	const stored = await storeFile(platform, name, Buffer.concat([Buffer.from(mhaHeaderText(mask)), found.mask]));
	const segmentation = describe(
		{ ...blankImage(platform, name, null), files: [imageFile(platform, 'MHD', stored)] },
		{ ...found.header, elementType: 'MET_UCHAR' },
		found.voxelsAbove === 0 ? [0] : [0, 1],
	);
	platform.store.images.set(segmentation.pk, segmentation);
	const report = {
		image: image.name,
		threshold,
		mean_intensity: found.meanIntensity,
		volume_above_threshold_ml: found.volumeMl,
		voxels_above_threshold: found.voxelsAbove,
	};
	return [
		jsonValue(platform, socketOf(run, 'mean-intensity'), found.meanIntensity),
		jsonValue(platform, socketOf(run, 'volume-above-threshold'), found.volumeMl),
		imageValue(platform, socketOf(run, 'lung-segmentation'), segmentation),
		fileValue(
			platform,
			socketOf(run, 'threshold-report'),
			await storeFile(platform, 'threshold-report.json', JSON.stringify(report, null, 2)),
		),
		fileValue(
			platform,
			socketOf(run, 'summary-report'),
			await storeFile(
				platform,
				'summary.pdf',
				createPdf([
					'Lung Volume Above Threshold',
					`Image: ${image.name}`,
					`Threshold: ${threshold} HU`,
					`Volume: ${found.volumeMl} ml`,
				]),
			),
		),
	];
};

const tableAlgorithm: Compute = async (run) => {
	const { platform } = run;
	const file = inputOf(run, 'measurements-csv')?.file;
	if (file === undefined) throw new Error('No table to read');
	const rows = (await readFile(file.path, 'utf8')).split(/\r?\n/u).filter((line) => line !== '');
	const columns = rows[0]?.split(',') ?? [];
	const age = inputOf(run, 'patient-age')?.value ?? null;
	const summary: Json = { rows: rows.length - 1, columns, patient_age: age };
	return [
		jsonValue(platform, socketOf(run, 'row-count'), rows.length - 1),
		jsonValue(platform, socketOf(run, 'table-summary'), summary),
	];
};

const echoAlgorithm: Compute = async (run) => {
	const value = run.inputs.find((input) => input.value !== undefined)?.value ?? null;
	return [jsonValue(run.platform, socketOf(run, 'table-summary'), isObject(value) ? value : { value })];
};

const sliceAlgorithm: Compute = (run) => {
	const image = run.platform.store.images.get(inputOf(run, 'ct-dicom-series')?.image ?? '');
	return Promise.resolve([jsonValue(run.platform, socketOf(run, 'slice-count'), image?.dicom?.instances.length ?? 0)]);
};

const implementations: Record<string, Compute> = {
	threshold: thresholdAlgorithm,
	table: tableAlgorithm,
	echo: echoAlgorithm,
	slices: sliceAlgorithm,
	fail: () => Promise.reject(new Error('This algorithm always fails')),
};
