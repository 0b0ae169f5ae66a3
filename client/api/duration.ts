import { asText } from './json';

const ISO = /^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/;
const CLOCK = /^(?:(?<days>\d+) )?(?<hours>\d+):(?<minutes>\d+):(?<seconds>\d+(?:\.\d+)?)$/;

/**
 * A duration of the platform in seconds; null where there is none or it cannot be read.
 * @see the API sheet, section 1: jobs say `P0DT00H22M17S`, answers `1 00:01:23.005`
 */
export const inSeconds = (duration: unknown): number | null => {
	const parts = (ISO.exec(asText(duration) ?? '') ?? CLOCK.exec(asText(duration) ?? ''))?.groups;
	if (!parts) return null;
	const { days = 0, hours = 0, minutes = 0, seconds = 0 } = parts;
	return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
};
