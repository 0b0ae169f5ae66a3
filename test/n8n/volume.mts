/** A small CT-like volume with a bright block in it, and what an algorithm must find in it. */
export interface TestVolume {
	bytes: Buffer<ArrayBuffer>;
	/** Mean of all voxels. */
	mean: number;
	/** Of the voxels of the block, in ml. */
	volume: number;
}

const size = { x: 24, y: 24, z: 8 };
const spacing = { x: 1.5, y: 1.5, z: 3 };

/**
 * @param block voxels on a side of the block
 * @returns an MHA file of 16-bit voxels: -1000, and 300 in the block
 */
export const testVolume = (block: number): TestVolume => {
	const header = [
		'ObjectType = Image',
		'NDims = 3',
		'BinaryData = True',
		'BinaryDataByteOrderMSB = False',
		'CompressedData = False',
		'TransformMatrix = 1 0 0 0 1 0 0 0 1',
		'Offset = 0 0 0',
		'CenterOfRotation = 0 0 0',
		`ElementSpacing = ${spacing.x} ${spacing.y} ${spacing.z}`,
		`DimSize = ${size.x} ${size.y} ${size.z}`,
		'ElementType = MET_SHORT',
		'ElementDataFile = LOCAL\n',
	].join('\n');
	const count = size.x * size.y * size.z;
	const voxels = new Int16Array(count).fill(-1000);
	for (let z = 0; z < block; z += 1) {
		for (let y = 0; y < block; y += 1) {
			const start = (z * size.y + y) * size.x;
			voxels.fill(300, start, start + block);
		}
	}
	const inside = block ** 3;
	return {
		bytes: Buffer.concat([Buffer.from(header), Buffer.from(voxels.buffer)]),
		mean: (inside * 300 + (count - inside) * -1000) / count,
		volume: (inside * spacing.x * spacing.y * spacing.z) / 1000,
	};
};
