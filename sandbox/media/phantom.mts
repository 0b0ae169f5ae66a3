import { deflateSync } from 'node:zlib';

import type { Random } from '../random.mts';
import { encodeVoxels, mhaHeaderText } from './mha.mts';

type Point = [x: number, y: number, z: number];

const isInside = ([x, y, z]: Point, [a, b, c]: Point, [rx, ry, rz]: Point): boolean =>
	((x - a) / rx) ** 2 + ((y - b) / ry) ** 2 + ((z - c) / rz) ** 2 <= 1;

const body: [Point, Point] = [
	[0.5, 0.5, 0.5],
	[0.45, 0.35, 0.6],
];
const lungs: Array<[Point, Point]> = [0.3, 0.7].map((x) => [
	[x, 0.5, 0.5],
	[0.14, 0.22, 0.4],
]);
const noduleRadii: Point = [0.05, 0.05, 0.09];

/** Voxels of the phantoms per axis. */
const volumeSize: Point = [32, 32, 16];
// Millimetres.
const spacing = [1.5, 1.5, 3];

/** Middle of every voxel of the volume, in parts of its size. */
const points: Point[] = [];
for (let z = 0; z < volumeSize[2]; z += 1) {
	for (let y = 0; y < volumeSize[1]; y += 1) {
		for (let x = 0; x < volumeSize[0]; x += 1) points.push([x / volumeSize[0], y / volumeSize[1], z / volumeSize[2]]);
	}
}

// What all cases have in common: air, body, lungs.
const anatomy = points.map((point) => {
	if (lungs.some(([center, radii]) => isInside(point, center, radii))) return -800;
	return isInside(point, ...body) ? 40 : -1000;
});

/** Hounsfield units of the phantom, with noise: a body with two lungs, and a nodule whose place depends on the case. */
const phantom = (random: Random, shift: number): Int16Array => {
	const nodule: Point = [0.28 + shift, 0.5, 0.5];
	const voxels = new Int16Array(points.length);
	points.forEach((point, i) => {
		const level = isInside(point, nodule, noduleRadii) ? 60 : (anatomy[i] ?? 0);
		voxels[i] = Math.round(level + 12 * random.gaussian());
	});
	return voxels;
};

/** Bytes of a phantom `.mha`. */
export const phantomMha = (random: Random, shift: number): Buffer => {
	const text = mhaHeaderText({ size: volumeSize, spacing, elementType: 'MET_SHORT' });
	return Buffer.concat([Buffer.from(text), encodeVoxels(phantom(random, shift), 'MET_SHORT')]);
};

/** The same as an old pair: text of the `.mhd` that names its data file, and the bytes of that `.zraw`. */
export const phantomPair = (random: Random, shift: number, dataFile: string): { header: string; data: Buffer } => ({
	header: mhaHeaderText({ size: volumeSize, spacing, elementType: 'MET_SHORT', compressed: true, dataFile }),
	data: deflateSync(encodeVoxels(phantom(random, shift), 'MET_SHORT')),
});
