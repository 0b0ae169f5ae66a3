import { identify } from '../../client/api/identifier';
import { inSeconds } from '../../client/api/duration';
import * as resources from '../../client/api/resources';
import { readSocket } from '../../client/api/types';
import { isDelivered, withDelivered } from '../../client/changes/delivered';
import { matchInterface } from '../../client/jobs/start';
import { jobState } from '../../client/jobs/status';
import { parseBaseUrl } from '../../client/transport/baseUrl';
import { GrandChallengeError } from '../../client/transport/errors';

const base = parseBaseUrl('https://grand-challenge.org');
const { ALGORITHM, ALGORITHM_JOB, ARCHIVE, ARCHIVE_ITEM, CHALLENGE, CONTAINER_IMAGE, DISPLAY_SET, EVALUATION, IMAGE, READER_STUDY, SOCKET, VIEWER } = resources;
const PK = '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0';

describe('what people paste to name an object', () => {
	it.each([
		[ALGORITHM, PK, { pk: PK }],
		[ALGORITHM, ` ${PK.toUpperCase()} `, { pk: PK }],
		[ALGORITHM, 'corads-ai', { slug: 'corads-ai' }],
		[ALGORITHM, `https://grand-challenge.org/api/v1/algorithms/${PK}/`, { pk: PK }],
		[ALGORITHM, `/api/v1/algorithms/${PK}/`, { pk: PK }],
		[ALGORITHM, 'https://grand-challenge.org/algorithms/corads-ai/', { slug: 'corads-ai' }],
		[ALGORITHM, 'https://grand-challenge.org/algorithms/corads-ai/jobs/', { slug: 'corads-ai' }],
		[ALGORITHM_JOB, `https://grand-challenge.org/algorithms/corads-ai/jobs/${PK}/`, { pk: PK }],
		[ALGORITHM_JOB, `https://grand-challenge.org/api/v1/algorithms/jobs/${PK}/?x=1#y`, { pk: PK }],
		[ARCHIVE, 'https://grand-challenge.org/archives/lung-ct/items/', { slug: 'lung-ct' }],
		[ARCHIVE_ITEM, `https://grand-challenge.org/api/v1/archives/items/${PK}/`, { pk: PK }],
		[SOCKET, '12', { pk: '12' }],
		[SOCKET, 'ct-image', { slug: 'ct-image' }],
		[CHALLENGE, 'LUNA16', { pk: 'LUNA16' }],
		[CHALLENGE, 'https://luna16.grand-challenge.org/evaluation/leaderboard/', { pk: 'luna16' }],
		[CHALLENGE, 'https://grand-challenge.org/api/v1/challenges/luna16/', { pk: 'luna16' }],
		[EVALUATION, `https://luna16.grand-challenge.org/evaluation/final/${PK}/`, { pk: PK }],
		[READER_STUDY, 'https://grand-challenge.org/reader-studies/nodules/statistics/', { slug: 'nodules' }],
		[READER_STUDY, 'https://grand-challenge.org/reader-studies/nodules', { slug: 'nodules' }],
		[DISPLAY_SET, `https://grand-challenge.org/reader-studies/nodules/display-sets/${PK}/`, { pk: PK }],
		[ARCHIVE_ITEM, `https://grand-challenge.org/archives/lung-ct/items/${PK}/edit/`, { pk: PK }],
		[CONTAINER_IMAGE, `https://grand-challenge.org/algorithms/corads-ai/images/${PK}/`, { pk: PK }],
		[IMAGE, `https://grand-challenge.org/cases/images/${PK}/`, { pk: PK }],
		[VIEWER, 'https://grand-challenge.org/viewers/cirrus-core/', { slug: 'cirrus-core' }],
		[SOCKET, 'https://grand-challenge.org/components/interfaces/inputs/ct-image/', { slug: 'ct-image' }],
		[SOCKET, 'https://grand-challenge.org/components/sockets/ct-image', { slug: 'ct-image' }],
	])('%#: %s', (resource, given, named) => {
		expect(identify(base, resource, String(given))).toEqual(named);
	});

	it.each(Object.values(resources))('$plural: ID, address in the API, and its path', (resource) => {
		const named = { uuid: PK, integer: '17', slug: 'luna16' }[resource.pk];
		const path = `/api/v1/${resource.path}${named}/`;
		for (const given of [named, ` ${named}\n`, `https://grand-challenge.org${path}`, `https://grand-challenge.org${path}?format=json#top`, path, path.slice(0, -1)]) {
			expect(identify(base, resource, given)).toEqual({ pk: named });
		}
		expect(() => identify(base, resource, `https://grand-challenge.org.evil.example${path}`)).toThrow(/leads to grand-challenge\.org\.evil\.example/);
	});

	it.each([
		[ALGORITHM, '', /No algorithm is chosen/],
		[ALGORITHM, 'https://evil.example/algorithms/corads-ai/', /leads to evil\.example/],
		[ALGORITHM, 'https://grand-challenge.org/archives/lung-ct/', /not the address of one algorithm/],
		[ALGORITHM, `https://grand-challenge.org/api/v1/algorithms/jobs/${PK}/`, /not the address of one algorithm/],
		[CHALLENGE, 'https://luna16.evil.example/', /leads to luna16\.evil\.example/],
		[CHALLENGE, 'https://luna16.notgrand-challenge.org/', /leads to luna16\.notgrand-challenge\.org/],
		[CHALLENGE, '..', /does not name one challenge/],
		[CHALLENGE, 'https://grand-challenge.org/challenges/', /not the address of one challenge/],
		[ALGORITHM_JOB, 'corads-ai', /does not name one algorithm job/],
		[ALGORITHM, 'two words', /does not name one algorithm/],
		[ARCHIVE_ITEM, 'https://grand-challenge.org/api/v1/archives/items/', /not the address of one archive item/],
	])('%#: refuses %j', (resource, given, message) => {
		expect(() => identify(base, resource, String(given))).toThrow(message);
	});

	it('refuses a title where a slug belongs, and says what a slug is', () => {
		const advice = (resource: resources.Resource) => {
			try {
				return identify(base, resource, 'Two Words');
			} catch (error) {
				return error instanceof GrandChallengeError && error.advice;
			}
		};
		expect(advice(ALGORITHM)).toMatch(/, its slug or its URL\. A slug has no blanks: it stands in the address of the page$/);
		expect(advice(ARCHIVE_ITEM)).toMatch(/ or its URL$/);
	});
});

describe('durations', () => {
	it.each([
		['P0DT00H22M17S', 1337],
		['P1DT02H40M00.5S', 96_000.5],
		['PT1M23S', 83],
		['00:01:23', 83],
		['1 00:01:23.005000', 86_483.005],
		[null, null],
		['soon', null],
		[83, null],
	])('%s', (given, seconds) => {
		expect(inSeconds(given)).toBe(seconds);
	});
});

describe('the interface that fits the given sockets', () => {
	const sockets = (...slugs: string[]) => slugs.map((slug) => readSocket({ slug }));
	const interfaces = [
		{ inputs: sockets('ct'), outputs: [] },
		{ inputs: sockets('ct', 'threshold'), outputs: [] },
	];

	it('needs exactly its sockets, in any order', () => {
		expect(matchInterface('Lung', interfaces, ['threshold', 'ct'])).toBe(interfaces[1]);
		expect(matchInterface('Lung', interfaces, ['ct'])).toBe(interfaces[0]);
	});

	it.each([
		[['threshold'], /takes 'ct', 'threshold' \(missing: 'ct'\)/],
		[['ct', 'mask'], /takes 'ct' \(not taken: 'mask'\)/],
		[['ct', 'threshold', 'mask'], /takes 'ct', 'threshold' \(not taken: 'mask'\)/],
		[[], /takes 'ct' \(missing: 'ct'\)/],
	])('%j: names the closest one', (given, message) => {
		expect(() => matchInterface('Lung', interfaces, given)).toThrow(message);
	});

	it('says so when the algorithm has none', () => {
		expect(() => matchInterface('Lung', [], ['ct'])).toThrow(/takes no inputs at the moment/);
	});
});

it('reads statuses in any capitalisation, and takes unknown ones for running', () => {
	const states = ['Succeeded', 'failed', 'CANCELLED', 'Parsing Outputs', 'Validating inputs', 'Something New', ''].map(jobState);
	expect(states).toEqual(['succeeded', 'failed', 'cancelled', 'running', 'running', 'running', 'running']);
});

describe('what was delivered', () => {
	const delivery = (item: string, value: number, file = 0, files = 1) => ({ archive: 'a', item, value, file, files });

	it('knows a value of an item, not its successor, and not the same value on another item', () => {
		const delivered = withDelivered(undefined, [delivery('i', 1)]);
		expect([isDelivered(delivered, 'i', 1), isDelivered(delivered, 'i', 2), isDelivered(delivered, 'j', 1)]).toEqual([true, false, false]);
	});

	it('takes a value of several files for delivered only when all of them arrived', () => {
		expect(withDelivered({}, [delivery('i', 1, 0, 2), delivery('i', 1, 0, 2)])).toEqual({});
		expect(withDelivered({}, [delivery('i', 1, 0, 2), delivery('i', 2), delivery('i', 1, 1, 2)])).toEqual({ i: [2, 1] });
	});

	it('leaves the object it was given as it is, since n8n sees only new ones', () => {
		const before = withDelivered({}, [delivery('i', 1)]);
		const after = withDelivered(before, [delivery('i', 1), delivery('i', 2)]);
		expect(before).toEqual({ i: [1] });
		expect(after).toEqual({ i: [1, 2] });
	});
});
