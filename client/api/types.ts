import { asText, isObject, list, number, text, type JsonObject } from './json';

/** `super_kind` of a socket: what its values are made of. Never decide by `kind`: "Anything" may be a Value or a File. */
export type SuperKind = 'Value' | 'File' | 'Image';

/** A socket (the API's legacy word is interface). */
export interface Socket {
	pk: number | undefined;
	slug: string;
	title: string;
	kind: string;
	superKind: SuperKind;
	/** Without leading slash; `""` for the socket generic-medical-image. */
	relativePath: string;
}

/** A value of a socket on an archive item, a display set, or a job: one of value, file, image. */
export interface SocketValue {
	pk: number | undefined;
	socket: Socket;
	value: unknown;
	/** Protected media URL. */
	file: string | undefined;
	/** API URL of the image. */
	image: string | undefined;
}

/** One accepted combination of inputs of an algorithm, and what it gives for them. */
export interface AlgorithmInterface {
	inputs: Socket[];
	outputs: Socket[];
}

export interface ImageFile {
	/** Protected media URL. */
	url: string;
	/** MHD, TIFF or DZI. */
	imageType: string;
}

export const readSocket = (data: unknown): Socket => {
	const superKind = text(data, 'super_kind');
	return {
		pk: number(data, 'pk'),
		slug: text(data, 'slug'),
		title: text(data, 'title'),
		kind: text(data, 'kind'),
		superKind: superKind === 'Image' || superKind === 'File' ? superKind : 'Value',
		relativePath: text(data, 'relative_path'),
	};
};

/** Reads both shapes: the read shape (`interface` an object, `socket` its twin) and the write shape (a slug). */
export const readSocketValue = (data: unknown): SocketValue => {
	const value = isObject(data) ? data : {};
	const described = value.interface ?? value.socket;
	const image = value.image;
	return {
		pk: number(data, 'pk'),
		socket: readSocket(typeof described === 'string' ? { slug: described } : described),
		value: value.value ?? null,
		file: asText(value.file),
		image: asText(image) ?? asText(isObject(image) ? image.pk : undefined),
	};
};

export const readSocketValues = (data: unknown, key: 'values' | 'inputs' | 'outputs'): SocketValue[] =>
	list(data, key).map(readSocketValue);

export const readInterfaces = (algorithm: unknown): AlgorithmInterface[] =>
	list(algorithm, 'interfaces').map((entry) => ({
		inputs: list(entry, 'inputs').map(readSocket),
		outputs: list(entry, 'outputs').map(readSocket),
	}));

export const readImageFiles = (image: unknown): ImageFile[] =>
	list(image, 'files').map((entry) => ({ url: text(entry, 'file'), imageType: text(entry, 'image_type') }));

/** The last part of an API URL or path: `…/archives/items/<pk>/` → pk. */
export const pkOf = (apiUrl: string | undefined): string => (apiUrl ?? '').replace(/[?#].*$/, '').split('/').filter(Boolean).at(-1) ?? '';

/** A socket value as one JSON value of an item: the value itself, or where its file or image is. */
export const summarise = ({ value, file, image }: SocketValue): unknown => {
	if (image !== undefined) return { image, pk: pkOf(image) };
	if (file !== undefined) return { file };
	return value;
};

export const bySlug = (values: SocketValue[]): JsonObject =>
	Object.fromEntries(values.map((entry) => [entry.socket.slug, summarise(entry)]));
