import { randomUUID } from 'node:crypto';

import { Refusal } from './refusal';

/** What all files of an image set must have in common, as the platform demands: it drops a set without a word where they differ. */
export const COMMON: ReadonlyMap<number, string> = new Map([
	[0x00080020, 'Study Date'],
	[0x00080050, 'Accession Number'],
	[0x00100020, 'Patient ID'],
	[0x0020000d, 'Study Instance UID'],
	[0x0020000e, 'Series Instance UID'],
	[0x00200010, 'Study ID'],
	[0x00200011, 'Series Number'],
]);

/**
 * DICOM files that make one image: UIDs are replaced in the same way in all of them, and what they must have in common is
 * compared before it is replaced. One object for each image set, also when its files are read twice.
 */
export class ImageSet {
	private readonly common = new Map<number, { value: string; file: string }>();

	/** @param uids old and new ones, for sets that refer to one another */
	constructor(private readonly uids = new Map<string, string>()) {}

	/** The new UID for one of the files; always the same for the same. */
	uidFor(old: string): string {
		const known = this.uids.get(old);
		if (known !== undefined) return known;
		// The form that DICOM has for UIDs made of random numbers, PS3.5 B.2.
		const made = `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
		this.uids.set(old, made);
		return made;
	}

	/**
	 * @param file what messages call it, another for each
	 * @param values tag and value of what the files have to have in common, as far as this one has it
	 * @throws Refusal when it is of another series than the files before it
	 */
	add(file: string, values: Array<[number, string]>): void {
		for (const [tag, value] of values) {
			const first = this.common.get(tag);
			if (first === undefined) this.common.set(tag, { value, file });
			else if (first.value !== value) {
				const what = COMMON.get(tag) ?? '';
				const advice = 'An image set holds the files of one series of one patient';
				if (first.file === file) throw new Refusal(`has more than one ${what}, in itself or in its sequences, and they differ`, advice);
				throw new Refusal(`does not belong to the others of this image: its ${what} is another than in the ${first.file}`, advice);
			}
		}
	}
}
