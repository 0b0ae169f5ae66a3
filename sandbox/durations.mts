import type { Json } from './json.mts';

const pad = (value: number) => String(value).padStart(2, '0');

/** `[days ]HH:MM:SS[.ffffff]`, as answers show their durations. */
export const clockDuration = (ms: number | null): string | null => {
	if (ms === null) return null;
	const seconds = Math.floor(ms / 1000);
	const days = Math.floor(seconds / 86_400);
	const fraction = Math.round(ms % 1000);
	const time = [seconds / 3600 - days * 24, (seconds / 60) % 60, seconds % 60].map((part) => pad(Math.floor(part)));
	return `${days > 0 ? `${days} ` : ''}${time.join(':')}${fraction > 0 ? `.${String(fraction).padStart(3, '0')}000` : ''}`;
};

const clock = /^(?:(?<days>\d+) )?(?:(?:(?<hours>\d+):)?(?<minutes>\d+):)?(?<seconds>\d+(?:\.\d+)?)$/u;
const iso =
	/^P(?:(?<days>\d+(?:\.\d+)?)D)?(?:T(?:(?<hours>\d+(?:\.\d+)?)H)?(?:(?<minutes>\d+(?:\.\d+)?)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/u;

/** Milliseconds of a submitted duration: seconds, `[days ][HH:[MM:]]SS` or ISO 8601; undefined if it is none. */
export const parseDuration = (value: Json): number | undefined => {
	const found = clock.exec(String(value)) ?? iso.exec(String(value));
	if (found?.groups === undefined || typeof value === 'object') return undefined;
	const { days = '0', hours = '0', minutes = '0', seconds = '0' } = found.groups;
	return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
};
