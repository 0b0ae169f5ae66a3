import { chunksOf } from '../files/chunks';
import type { FileSource } from '../ports';
import { severalAtOnce } from '../slots';
import type { Transport } from '../transport/transport';
import { checkDicom, deidentify, type DicomInput } from './deidentify';
import { ImageSet } from './imageSet';

/**
 * The files of one image as they are sent: under neutral names, since theirs may tell who the patient is. The headers of all
 * are looked at first, so that a bad one at the end does not leave half an image behind; and also where they are to be sent as
 * they are, since the platform drops without a word what the procedure refuses.
 * @param clean whether they are de-identified on their way
 * @throws GrandChallengeError (badInput) for the first that is refused, or that is of another series than the others
 */
export const dicomFiles = async (transport: Transport, files: FileSource[], clean: boolean): Promise<FileSource[]> => {
	const set = new ImageSet();
	const { signal } = transport.connection;
	const input = (source: FileSource): DicomInput => ({ name: source.name, size: source.size, bytes: chunksOf(source, signal) });
	const checked = await severalAtOnce(files, transport.limits.uploads.room, async (source) => ({ source, size: (await checkDicom(input(source), set)).size }));
	return checked.map(({ source, size }, i): FileSource => {
		const name = `dicom_image_${i + 1}.dcm`;
		return clean ? { name, size, open: async () => (await deidentify(input(source), set)).bytes } : { ...source, name };
	});
};
