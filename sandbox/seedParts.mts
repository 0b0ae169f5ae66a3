import type { Json } from './json.mts';
import type { Platform } from './platform.mts';
import { socket } from './seedSockets.mts';
import type { Image, SocketValue, User } from './store.mts';
import { imageValue, jsonValue } from './values.mts';

/** The users of the seed by name. */
export type People = Record<'main' | 'reader' | 'other' | 'deactivated' | 'reader2' | 'organizer' | 'evaluator', User>;

export const day = 86_400_000;

/** When the first thing on the platform was made. */
export const firstDay = Date.UTC(2025, 0, 6, 9, 30, 0, 250);

/** A seeded image by its name; throws on an unknown one (a mistake in the seed). */
export const seededImage = (platform: Platform, name: string): Image => {
	const image = platform.store.images.get(platform.store.names.get(`images.${name}`) ?? '');
	if (image === undefined) throw new Error(`No image ${name}`);
	return image;
};

/** A value for a socket, by its slug: JSON, or a seeded image by its name. */
export const seededValue = (
	platform: Platform,
	slug: string,
	content: { json: Json } | { image: string },
): SocketValue =>
	'json' in content
		? jsonValue(platform, socket(platform, slug), content.json)
		: imageValue(platform, socket(platform, slug), seededImage(platform, content.image));
