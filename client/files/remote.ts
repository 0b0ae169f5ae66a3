import { list, member, text } from '../api/json';
import { pkOf, readImageFiles, type SocketValue } from '../api/types';
import type { FileSink } from '../ports';
import { badInput, GrandChallengeError, somethingElse } from '../transport/errors';
import type { Transport } from '../transport/transport';
import { receive, type RemoteFile } from './download';
import { baseName, mimeTypeOf, nameInUrl, safePath } from './names';

const mediaFile = (transport: Transport, url: string, path: string): RemoteFile => {
	const name = baseName(path);
	const file = { name, mimeType: mimeTypeOf(name) };
	return {
		...file,
		path,
		fetch: (sink) => receive(transport, (headers) => transport.open(url, `the file '${name}'`, headers), file, sink),
	};
};

const valueFile = (value: unknown, path: string): RemoteFile => {
	const name = baseName(path);
	const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
	return {
		name,
		path,
		mimeType: mimeTypeOf(name),
		fetch: async <Stored>(sink: FileSink<Stored>) => ({
			stored: await sink({ name, mimeType: mimeTypeOf(name), size: bytes.length, bytes }),
			bytes: bytes.length,
		}),
	};
};

/**
 * The file of a container image or of a model of an algorithm.
 * @param url protected media URL, as claims of evaluations give it
 * @throws GrandChallengeError (badInput; foreignAddress)
 */
export const algorithmFile = (transport: Transport, url: string): RemoteFile => {
	const address = transport.own(url.trim());
	if (!/^\/media\/(docker|models)\//.test(new URL(address).pathname)) {
		throw badInput('This is not the address of a container or a model', "Use 'container_url' or 'model_url' of Evaluation: Claim, or 'image' of a container image");
	}
	return mediaFile(transport, address, safePath(nameInUrl(address)) || 'file');
};

/**
 * The instances of a DICOM image set, each once though multi-frame instances are listed once per frame.
 * Every request is made with exactly the signed headers that the platform gives, on its own host, without our token.
 * @see the API sheet, section 12.3
 */
const dicomFiles = async (transport: Transport, imagePk: string, folder: string): Promise<RemoteFile[]> => {
	const subject = `the DICOM instances of image '${imagePk}'`;
	const ask = async () => {
		const answer = await transport.get(`cases/images/${imagePk}/dicom/instances/`, subject);
		if (!Array.isArray(member(answer, 'instances'))) throw somethingElse(subject);
		return new Map(list(answer, 'instances').map((entry) => [text(entry, 'sop_instance_uid'), member(entry, 'get_instance')]));
	};
	let signed = await ask();
	return [...signed.keys()].map((uid) => {
		const path = safePath(folder, `${uid}.dcm`);
		const file = { name: baseName(path), mimeType: 'application/dicom' };
		const open = () => {
			let tries = 0;
			return transport.plain({ method: 'GET', subject: `the file '${file.name}'` }, async () => {
				// Signatures age out in minutes, so a repeat asks for new ones.
				if (tries++ > 0) signed = await ask();
				const request = signed.get(uid);
				return { url: text(request, 'url'), headers: headersOf(request) };
			});
		};
		return { ...file, path, fetch: (sink) => receive(transport, open, file, sink) };
	});
};

const headersOf = (request: unknown): Record<string, string> => {
	const headers = member(request, 'headers');
	return typeof headers === 'object' && headers !== null
		? Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]))
		: {};
};

/** What the files of an image are: the platform's types, or instances of a DICOM image set. */
export const imageTypes = ['DICOM', 'DZI', 'MHD', 'TIFF'];

/**
 * The files of an image, as `<folder>/<file name>`.
 * @param image as the API gave it
 * @param types of `imageTypes`: which files are wanted, all where none is given
 */
export const imageFiles = async (transport: Transport, image: unknown, folder = '', types: string[] = []): Promise<RemoteFile[]> => {
	const isWanted = (type: string) => types.length === 0 || types.includes(type);
	if (member(image, 'dicom_image_set')) return isWanted('DICOM') ? dicomFiles(transport, text(image, 'pk'), folder) : [];
	const files = readImageFiles(image).filter(({ imageType }) => isWanted(imageType));
	return files.map(({ url }) => mediaFile(transport, url, safePath(folder, nameInUrl(url)) || 'file'));
};

/**
 * The files that a socket value consists of. Files and JSON values are named by the socket's relative path, images are
 * put into a folder of that name; JSON values become indented JSON files, as with gcapi.
 * @param types of the files of images that are wanted, see `imageFiles`
 * @throws GrandChallengeError when the image cannot be read
 */
export const filesOfValue = async (transport: Transport, value: SocketValue, types?: string[]): Promise<RemoteFile[]> => {
	const { socket } = value;
	const place = safePath(socket.relativePath) || safePath(socket.slug);
	if (value.image !== undefined) {
		const pk = pkOf(value.image);
		const image = await transport.entity({ method: 'GET', path: `cases/images/${pk}/`, subject: `image '${pk}'` });
		return imageFiles(transport, image, place, types);
	}
	if (value.file !== undefined) return [mediaFile(transport, value.file, place)];
	if (value.value === null) throw new GrandChallengeError('notFound', `The socket '${socket.slug}' holds nothing`);
	return [valueFile(value.value, place)];
};
