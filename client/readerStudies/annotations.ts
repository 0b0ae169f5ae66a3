import { isObject, number } from '../api/json';

/** A member of an annotation. */
interface Member {
	fits: (value: unknown) => boolean;
	/** What it has to be, as in "its 'point' is no point [x, y, z]". */
	words: string;
}

type Members = Record<string, Member>;

const isPoint = (value: unknown): boolean => Array.isArray(value) && value.length === 3 && value.every((at) => typeof at === 'number');

const listOf = (fits: (value: unknown) => boolean, words: string, count?: number): Member => ({
	fits: (value) => Array.isArray(value) && (count === undefined || value.length === count) && value.every(fits),
	words: `list of ${count === undefined ? '' : `${count} `}${words}`,
});

const points = (count?: number) => listOf(isPoint, 'points [x, y, z]', count);
const POINT: Member = { fits: isPoint, words: 'point [x, y, z]' };
const TEXT: Member = { fits: (value) => typeof value === 'string', words: 'text' };

/** What the types of annotations are made of, and the names and members of those that hold several. */
const SHAPES: Array<[type: string, members: Members, several: string, member: string]> = [
	['2D bounding box', { corners: points(4) }, 'Multiple 2D bounding boxes', 'boxes'],
	['Distance measurement', { start: POINT, end: POINT }, 'Multiple distance measurements', 'lines'],
	['Point', { point: POINT }, 'Multiple points', 'points'],
	['Polygon', { seed_point: POINT, path_points: points(), sub_type: TEXT, groups: listOf(TEXT.fits, 'texts') }, 'Multiple polygons', 'polygons'],
	['Line', { seed_points: points(), path_point_lists: listOf(points().fits, 'lists of points [x, y, z]') }, 'Multiple lines', 'lines'],
	['Angle', { lines: listOf(points(2).fits, 'lines of two points [x, y, z]', 2) }, 'Multiple angles', 'angles'],
	['Ellipse', { major_axis: points(2), minor_axis: points(2) }, 'Multiple ellipses', 'ellipses'],
	['Three-point angle', { angle: points(3) }, 'Multiple three-point angles', 'angles'],
];

const VERSION: Member = { fits: (value) => number(value, 'major') !== undefined && number(value, 'minor') !== undefined, words: 'version such as {"major": 1, "minor": 0}' };

/** By answer type. */
const MEMBERS = new Map<string, Members>(
	SHAPES.flatMap(([type, members, several, member]): Array<[string, Members]> => [
		[type, members],
		[several, { [member]: listOf((value) => problemOf(value, members) === undefined, `objects with ${Object.keys(members).join(', ')}`) }],
	]),
);

const problemOf = (value: unknown, members: Members): string | undefined => {
	if (!isObject(value)) return 'it is no JSON object';
	for (const [key, { fits, words }] of Object.entries(members)) {
		if (!(key in value)) return `it has no '${key}'`;
		if (!fits(value[key])) return `its '${key}' is no ${words}`;
	}
	return undefined;
};

/**
 * What keeps a value from being an annotation of that type, in words; undefined where nothing does, and for types that
 * are not known here. The platform itself only says that the type is wrong.
 * @see the API sheet, section 8.14
 */
export const annotationProblem = (type: string, value: unknown): string | undefined => {
	const members = MEMBERS.get(type);
	if (!members) return undefined;
	const named: Member = { fits: (given) => given === type, words: `'${type}'` };
	return problemOf(value, { type: named, version: VERSION, ...members });
};
