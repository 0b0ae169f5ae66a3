import { pythonType, type Json } from './json.mts';
import { siteOrigin, type Platform } from './platform.mts';
import type { AlgorithmImage, AlgorithmModel, Image, ImageFile, SocketValue, Submission } from './store.mts';

/** Base path of the API. */
export const apiBase = '/api/v1/';

/** Path of an object's API page: `resource` such as `archives/items`. */
const apiPath = (resource: string, pk: string | number): string => `${apiBase}${resource}/${pk}/`;

/** `api_url`: built from the configured site. */
export const apiUrl = (platform: Platform, resource: string, pk: string | number): string =>
	siteOrigin(platform) + apiPath(resource, pk);

/** A related link: built from the request's own Host header and scheme. */
export const related = (requestOrigin: string, resource: string, pk: string | number): string =>
	requestOrigin + apiPath(resource, pk);

const pairs = (pk: string) => `${pk.slice(0, 2)}/${pk.slice(2, 4)}`;

/** Media path of an image file. */
export const imageFilePath = (image: Image, file: ImageFile): string =>
	`/media/images/${pairs(image.pk)}/${image.pk}/${file.pk}/${encodeURIComponent(file.file.name)}`;

/** Media path of a file socket value. */
export const valueFilePath = (value: SocketValue): string => {
	const pk = String(value.pk);
	return `/media/components/componentinterfacevalue/${pairs(pk)}/${pk}/${encodeURIComponent(value.file?.name ?? '')}`;
};

/** Media path of a container image. */
export const containerPath = ({ pk, file }: AlgorithmImage): string =>
	`/media/docker/images/algorithms/algorithmimage/${pk}/${encodeURIComponent(file?.name ?? '')}`;

/** Media path of the weights of an algorithm. */
export const modelPath = ({ pk, file }: AlgorithmModel): string =>
	`/media/models/algorithms/algorithmmodel/${pk}/${encodeURIComponent(file.name)}`;

/** Media path of a file that was submitted to a challenge. */
export const submissionFilePath = (challenge: string, { pk, creator }: Submission, name: string): string =>
	`/media/evaluation/${challenge}/submissions/${creator}/${pk}/${encodeURIComponent(name)}`;

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu;

/** A UUID in the form the platform keeps it, or undefined. */
export const asUuid = (text: string): string | undefined => {
	if (!uuidPattern.test(text)) return undefined;
	const hex = text.replaceAll('-', '').toLowerCase();
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const knownPath = /^\/(?:api\/v1|archives|algorithms|reader-studies|cases|media)\//u;

/**
 * Resolves a submitted hyperlink to the pk of an object of that resource. Only its path is used.
 * Returns the pk, or the error text of the platform.
 */
export const resolveLink = (link: Json, resource: string): { pk: string } | { error: string } => {
	if (typeof link !== 'string') return { error: `Incorrect type. Expected URL string, received ${pythonType(link)}.` };
	const path = /^https?:/iu.test(link) ? pathOf(link) : link;
	const found = new RegExp(`^${apiBase}${resource}/([^/.]+)/$`, 'u').exec(path);
	if (found?.[1] === undefined || reserved.has(`${resource}/${found[1]}`)) {
		return { error: `Invalid hyperlink - ${knownPath.test(path) ? 'Incorrect' : 'No'} URL match.` };
	}
	const pk = asUuid(found[1]);
	return pk === undefined ? { error: `“${found[1]}” is not a valid UUID.` } : { pk };
};

// `archives/items/` is a list, not the archive "items".
const reserved = new Set([
	'archives/items',
	'algorithms/jobs',
	'algorithms/images',
	'algorithms/endpoints',
	'algorithms/invocations',
	'reader-studies/answers',
	'reader-studies/display-sets',
	'reader-studies/questions',
]);

const pathOf = (link: string): string => {
	try {
		return decodeURI(new URL(link).pathname);
	} catch {
		return '';
	}
};
