import type { Clock } from './clock.mts';
import type { Random } from './random.mts';
import type { Drift, Settings } from './settings.mts';
import type { Store, StoredFile } from './store.mts';

/** The four origins of the platform, and the control port. */
export type OriginName = 'api' | 'upload' | 'download' | 'dicom';
export type Origins = Record<OriginName | 'control', string>;

/** All that a route or the worker needs. `store` and `random` are replaced by a reset. */
export interface Platform {
	store: Store;
	settings: Settings;
	random: Random;
	/** Shuffles answers; apart, so that reading does not change the pks of what is created later. */
	shuffler: Random;
	readonly clock: Clock;
	/** Files by their path on the download origin, as far as somebody was sent there. */
	readonly downloads: Map<string, StoredFile>;
	/** Folder that holds all files. */
	readonly folder: string;
	readonly origins: Origins;
	/** Key of all signatures. */
	readonly secret: string;
}

/** Origin that site-wide links (`api_url`, `url`, media) are built from. */
export const siteOrigin = (platform: Platform): string => platform.settings.siteOrigin ?? platform.origins.api;

/** The name of a user by id. */
export const usernameOf = (platform: Platform, id: number): string =>
	platform.store.users.find((user) => user.id === id)?.username ?? '';

/** True for a server of that state or a later one. */
export const isSince = (platform: Platform, drift: Drift): boolean => platform.settings.drift >= drift;

/** Shows a time (ms) as the API does: microseconds, no fraction when it is exactly 0. */
export const apiDate = (ms: number): string => {
	const iso = new Date(ms).toISOString();
	return iso.endsWith('.000Z') ? iso.replace('.000Z', 'Z') : iso.replace(/(\.\d{3})Z$/u, '$1000Z');
};

/** A job's duration: `P0DT00H22M17S`, with microseconds when there are any. */
export const apiDuration = (ms: number | null): string | null => {
	if (ms === null) return null;
	const pad = (value: number) => String(value).padStart(2, '0');
	const seconds = Math.floor(ms / 1000);
	const fraction = Math.round(ms % 1000);
	const days = Math.floor(seconds / 86_400);
	const micro = fraction === 0 ? '' : `.${String(fraction * 1000).padStart(6, '0')}`;
	return `P${days}DT${pad(Math.floor(seconds / 3600) % 24)}H${pad(Math.floor(seconds / 60) % 60)}M${pad(seconds % 60)}${micro}S`;
};
