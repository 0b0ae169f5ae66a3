import { chunksOf } from '../files/chunks';
import { inPlace } from '../files/names';
import type { FileSource } from '../ports';
import { severalAtOnce } from '../slots';
import type { Transport } from '../transport/transport';
import { checkDicom, deidentify, type DicomInput } from './deidentify';
import { ImageSet } from './imageSet';

/**
 * What a clean file is called: its old name may tell who the patient is.
 * @param numbers that tell it from the others, one or two
 */
export const cleanName = (...numbers: number[]): string => `dicom_image_${numbers.join('_')}.dcm`;

/** Whether a file looks like DICOM that nobody has cleaned yet. */
export const mayNamePatient = ({ name }: Pick<FileSource, 'name'>): boolean => /\.(dcm|dicom)$/i.test(name) && !/^dicom_image_\d+(_\d+)?\.dcm$/.test(name);

/** A file of an image, with what messages call it. */
export interface DicomSource extends FileSource {
	called: string;
}

/** The files of one image, called by their places. */
export const asDicom = <File extends FileSource>(files: File[]): Array<File & DicomSource> => files.map((file, i) => ({ ...file, called: inPlace('file', files, i) }));

/** A file to be checked or cleaned, which is left when the client is cancelled. */
export const dicomInput = ({ connection }: Transport, source: DicomSource): DicomInput => ({ called: source.called, size: source.size, bytes: chunksOf(source, connection.signal) });

/**
 * Looks at the headers of all files of an image, several at once, so that one that is refused at the end leaves nothing half done.
 * @throws GrandChallengeError (badInput) for the first that is refused, or that is of another series than the others
 */
export const checkDicomFiles = (transport: Transport, files: DicomSource[], set: ImageSet) =>
	severalAtOnce(files, transport.limits.uploads.room, async (source) => ({ source, ...(await checkDicom(dicomInput(transport, source), set)) }));

/**
 * The files of one image as they are sent: under neutral names, since theirs may tell who the patient is. The headers of all
 * are looked at first, also where they are to be sent as they are, since the platform drops without a word what the procedure refuses.
 * @param clean whether they are de-identified on their way
 * @throws GrandChallengeError (badInput) for the first that is refused, or that is of another series than the others
 */
export const dicomToSend = async (transport: Transport, files: FileSource[], clean: boolean): Promise<FileSource[]> => {
	const set = new ImageSet();
	const checked = await checkDicomFiles(transport, asDicom(files), set);
	return checked.map(({ source, size }, i): FileSource => {
		const name = cleanName(i + 1);
		return clean ? { name, size, open: async () => (await deidentify(dicomInput(transport, source), set)).bytes } : { ...source, name };
	});
};
