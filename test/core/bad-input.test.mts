// What a person gets wrong: the words they read, the item they are pointed to, and that nothing was made because of it.
import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';
import type { SandboxState } from '../../sandbox/client.mts';
import { startServer } from './fixtures/server.mts';
import { by, id, makeBinary, useWorld, type NodeResult } from './fixtures/world.mts';

const world = useWorld();

interface Words {
	/** `<site>` stands for the sandbox's address, `<host>` for its host, `<pk>` for any pk. */
	message: string;
	description: string;
	details: IDataObject;
}

interface BadItem extends Words {
	what: string;
	operation: string;
	/** Expressions read what is good or bad from the item. */
	parameters: INodeParameters;
	good: (seed: SandboxState) => IDataObject;
	bad: (seed: SandboxState) => IDataObject;
	token?: 'reader' | 'other';
	/** What the bad item alone may ask for, before it is refused. */
	asks: string[];
}

const text = (field: string) => `={{ $json.${field} }}`;
const socket = id(text('socket'));
const create = (values: INodeParameters): Pick<BadItem, 'operation' | 'parameters'> => ({
	operation: 'archiveItem.create',
	parameters: { archive: id('incoming-cases'), title: '', values, options: { waitForImport: false } },
});
const oneJson = create({ json: [{ socket, value: text('value') }] });
const oneFile = create({ binary: [{ socket, field: text('field') }] });
const oneImage = create({ image: [{ socket, image: text('image') }] });

const asksArchive = 'GET /api/v1/archives/?slug=incoming-cases&limit=2';
const asksSocket = (slug: string) => `GET /api/v1/components/interfaces/?slug=${slug}&limit=2`;
const badInput = { reason: 'badInput' };
const notShown = { reason: 'notFound', status: 404 };
const eitherOr = (page = '') =>
	`Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). Slugs are case-sensitive; access is requested at <site>${page}`;
const howJson =
	'Texts stand in double quotes, as in "left"; numbers, true, false, [lists] and {"objects": 1} do not. ' +
	'In an expression, JSON.stringify(…) makes JSON of anything';
const age = () => ({ socket: 'patient-age', value: '61', field: 'data' });

const badItems: BadItem[] = [
	{
		what: 'a slug that does not exist',
		operation: 'algorithm.get',
		parameters: { algorithm: id(text('slug')) },
		good: () => ({ slug: 'clinical-echo' }),
		bad: () => ({ slug: 'clinical-eco' }),
		message: "Grand Challenge does not show algorithm 'clinical-eco'",
		description: eitherOr('/algorithms/clinical-eco/'),
		details: notShown,
		asks: ['GET /api/v1/algorithms/?slug=clinical-eco&limit=2'],
	},
	{
		what: 'a slug in capitals',
		operation: 'algorithm.get',
		parameters: { algorithm: id(text('slug')) },
		good: () => ({ slug: 'clinical-echo' }),
		bad: () => ({ slug: 'Clinical-Echo' }),
		message: "Grand Challenge does not show algorithm 'Clinical-Echo'",
		description: eitherOr('/algorithms/Clinical-Echo/'),
		details: notShown,
		asks: ['GET /api/v1/algorithms/?slug=Clinical-Echo&limit=2'],
	},
	{
		what: 'a slug that this account may not see',
		operation: 'archive.get',
		parameters: { archive: id(text('slug')) },
		token: 'reader',
		good: () => ({ slug: 'lung-phantoms' }),
		bad: () => ({ slug: 'incoming-cases' }),
		message: "Grand Challenge does not show archive 'incoming-cases'",
		description: eitherOr('/archives/incoming-cases/'),
		details: notShown,
		asks: [asksArchive],
	},
	{
		what: 'a pk that this account may not see',
		operation: 'archive.get',
		parameters: { archive: id(text('pk')) },
		token: 'reader',
		good: ({ archives }) => ({ pk: archives.lung?.pk }),
		bad: ({ archives }) => ({ pk: archives.empty?.pk }),
		message: "Grand Challenge does not show archive '<pk>'",
		description:
			'Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). ' +
			'Check the value; access is requested on its page at <site>',
		details: notShown,
		asks: ['GET /api/v1/archives/<pk>/'],
	},
	...(['list', 'id', 'url'] as const).map(
		(mode): BadItem => ({
			what: `an address of another site, mode ${mode}`,
			operation: 'archive.get',
			parameters: { archive: by(mode, text('address')) },
			good: ({ archives }) => ({ address: archives.lung?.api_url }),
			bad: ({ archives }) => ({ address: `https://evil.example/api/v1/archives/${archives.lung?.pk}/` }),
			message: 'The address leads to evil.example, not to <host>',
			description: 'The API token is only sent to <site>. Use an address of that site, or another credential',
			details: { reason: 'foreignAddress' },
			asks: [],
		}),
	),
	{
		what: 'an address of something else',
		operation: 'archive.get',
		parameters: { archive: id(text('address')) },
		good: () => ({ address: '/archives/lung-phantoms/' }),
		bad: () => ({ address: '/algorithms/clinical-echo/' }),
		message: 'This is not the address of one archive: /algorithms/clinical-echo/',
		description: 'Paste the address of its page, or its pk or slug',
		details: badInput,
		asks: [],
	},
	{
		what: 'nothing chosen',
		operation: 'archive.get',
		parameters: { archive: id(text('slug')) },
		good: () => ({ slug: 'lung-phantoms' }),
		bad: () => ({}),
		message: 'No archive is chosen',
		description: 'Choose one from the list, or give its pk, slug or URL',
		details: badInput,
		asks: [],
	},
	{
		what: 'words instead of an id',
		operation: 'image.get',
		parameters: { image: id(text('image')) },
		good: ({ images }) => ({ image: images.lung1?.pk }),
		bad: () => ({ image: 'the first one' }),
		message: "'the first one' does not name one image",
		description: 'Give its pk (such as <pk>) or its URL',
		details: badInput,
		asks: [],
	},
	{
		what: 'a binary field that is missing',
		...oneFile,
		good: () => ({ socket: 'ct-image', field: 'data' }),
		bad: () => ({ socket: 'ct-image', field: 'scan' }),
		message: "The input item has no binary data in the field 'scan'",
		description:
			"Name the field that holds the file in 'Input Data Field Name'; it is shown in the Binary tab of the node before",
		details: badInput,
		asks: [],
	},
	{
		what: 'no binary field named',
		...oneFile,
		good: () => ({ socket: 'ct-image', field: 'data' }),
		bad: () => ({ socket: 'ct-image', field: ' , ' }),
		message: "No 'Input Data Field Name' is given for the socket 'ct-image'",
		description: 'Name the field that holds the file',
		details: badInput,
		asks: [],
	},
	{
		what: 'a field named twice',
		...oneFile,
		good: () => ({ socket: 'ct-image', field: 'data' }),
		bad: () => ({ socket: 'ct-image', field: 'data, data' }),
		message: "The socket 'ct-image' (Image) was given two files of the same name: file 1 of 2 (binary field 'data' of item <n>) and file 2 of 2 (binary field 'data' of item <n>)",
		description: 'Files that are imported together need different names',
		details: badInput,
		asks: [asksArchive, asksSocket('ct-image')],
	},
	{
		what: 'two files where one belongs',
		...oneFile,
		good: () => ({ socket: 'radiology-report', field: 'data' }),
		bad: () => ({ socket: 'radiology-report', field: 'data, other' }),
		message: "The socket 'radiology-report' (PDF file) takes one file, not 2",
		description: 'Put the files into one zip file if the socket takes that',
		details: badInput,
		asks: [asksArchive, asksSocket('radiology-report')],
	},
	{
		what: 'a socket that does not exist',
		...oneJson,
		good: age,
		bad: () => ({ ...age(), socket: 'patient-ages' }),
		message: "Grand Challenge does not show socket 'patient-ages'",
		description: eitherOr(),
		details: notShown,
		asks: [asksArchive, asksSocket('patient-ages')],
	},
	{
		what: 'a row without a socket',
		...oneJson,
		good: age,
		bad: () => ({ ...age(), socket: '' }),
		message: 'JSON Value 1 names no socket',
		description: "Choose a 'Socket' for it",
		details: badInput,
		asks: [],
	},
	{
		what: 'a text without quotes',
		...oneJson,
		good: () => ({ socket: 'patient-sex', value: '"F"' }),
		bad: () => ({ socket: 'patient-sex', value: 'F' }),
		message: "The value for the socket 'patient-sex' is not JSON",
		description: howJson,
		details: badInput,
		asks: [],
	},
	{
		what: 'an empty value',
		...oneJson,
		good: age,
		bad: () => ({ ...age(), value: ' ' }),
		message: "The value for the socket 'patient-age' is empty",
		description: howJson,
		details: badInput,
		asks: [],
	},
	{
		what: 'an expression that gives nothing',
		...oneJson,
		good: age,
		bad: () => ({ socket: 'patient-age' }),
		message: "The socket 'patient-age' (Integer) was given no value",
		description: 'A value may be false, 0 or an empty text, but not null',
		details: badInput,
		asks: [asksArchive, asksSocket('patient-age')],
	},
	{
		what: 'a file where a value belongs',
		...oneFile,
		good: () => ({ ...age(), socket: 'radiology-report' }),
		bad: age,
		message: "The socket 'patient-age' (Integer) takes a JSON value, and the file (binary field 'data' of item <n>) holds none",
		description: "Give a JSON file, or read the value out of the file with n8n's node 'Extract from File' and use 'JSON Value'",
		details: badInput,
		asks: [asksArchive, asksSocket('patient-age')],
	},
	{
		what: 'a value where a file belongs',
		...oneJson,
		good: age,
		bad: () => ({ ...age(), socket: 'radiology-report' }),
		message: "The socket 'radiology-report' (PDF file) takes a file, not a JSON value",
		description: "Use 'File From Binary Data' for it",
		details: badInput,
		asks: [asksArchive, asksSocket('radiology-report')],
	},
	{
		what: 'a value where an image belongs',
		...oneJson,
		good: age,
		bad: () => ({ ...age(), socket: 'ct-image' }),
		message: "The socket 'ct-image' (Image) takes an image, not a JSON value",
		description: "Use 'File From Binary Data' or 'Existing Image' for it",
		details: badInput,
		asks: [asksArchive, asksSocket('ct-image')],
	},
	{
		what: 'an image where a value belongs',
		...oneImage,
		good: ({ images }) => ({ socket: 'ct-image', image: images.lung1?.pk }),
		bad: ({ images }) => ({ socket: 'patient-age', image: images.lung1?.pk }),
		message: "The socket 'patient-age' (Integer) takes a JSON value, not an image",
		description: "Use 'JSON Value' for it",
		details: badInput,
		asks: [asksArchive, asksSocket('patient-age')],
	},
	{
		what: 'an image where a file belongs',
		...oneImage,
		good: ({ images }) => ({ socket: 'ct-image', image: images.lung1?.pk }),
		bad: ({ images }) => ({ socket: 'radiology-report', image: images.lung1?.pk }),
		message: "The socket 'radiology-report' (PDF file) takes a file, not an image",
		description: "Use 'File From Binary Data' for it",
		details: badInput,
		asks: [asksArchive, asksSocket('radiology-report')],
	},
	{
		what: 'an image that is not there',
		...oneImage,
		good: ({ images }) => ({ socket: 'ct-image', image: images.lung1?.pk }),
		bad: ({ archives }) => ({ socket: 'ct-image', image: archives.lung?.pk }),
		message: "Grand Challenge does not show image '<pk>'",
		description:
			'Either it does not exist, or this account has no access to it (Grand Challenge does not tell which). ' +
			'Check the value; access is requested on its page at <site>',
		details: notShown,
		asks: [asksArchive, asksSocket('ct-image'), 'GET /api/v1/cases/images/<pk>/'],
	},
	{
		what: 'a socket given twice, once by slug and once by pk',
		...create({
			json: [
				{ socket: id('patient-age'), value: '1' },
				{ socket, value: '"F"' },
			],
		}),
		good: () => ({ socket: 'patient-sex' }),
		bad: ({ sockets }) => ({ socket: String(sockets['patient-age']?.pk) }),
		message: "The socket 'patient-age' is given twice",
		description: 'Each socket of a case holds one value',
		details: badInput,
		asks: [
			asksArchive,
			asksSocket('patient-age'),
			expect.stringMatching(/^GET \/api\/v1\/components\/interfaces\/\d+\/$/) as string,
		],
	},
	{
		what: 'files for a DICOM socket',
		...oneFile,
		good: () => ({ socket: 'ct-image', field: 'data' }),
		bad: () => ({ socket: 'ct-dicom-series', field: 'data' }),
		message:
			"The socket 'ct-dicom-series' (DICOM Image Set) takes DICOM files, which are de-identified before they are sent",
		description: "Use 'DICOM Files From Binary Data' for it",
		details: badInput,
		asks: [asksArchive, asksSocket('ct-dicom-series')],
	},
	{
		what: 'a title that is too long',
		operation: 'archiveItem.create',
		parameters: { archive: id('incoming-cases'), title: text('title') },
		good: () => ({ title: '' }),
		bad: () => ({ title: 'x'.repeat(256) }),
		message: "'Title' has 256 characters",
		description: 'Use at most 255',
		details: badInput,
		asks: [],
	},
	{
		what: 'an object where a text belongs',
		operation: 'archiveItem.create',
		parameters: { archive: id('incoming-cases'), title: text('title') },
		good: () => ({ title: '' }),
		bad: () => ({ title: { name: 'a' } }),
		message: "'title' needs a text, but its expression gives an object",
		description: 'Check the expression',
		details: badInput,
		asks: [],
	},
	{
		what: 'a socket that the algorithm does not have',
		operation: 'algorithmJob.start',
		parameters: {
			algorithm: id('lung-volume-above-threshold'),
			values: {
				image: [{ socket: id('ct-image'), image: text('image') }],
				json: [{ socket, value: '={{ -500 - $itemIndex }}' }],
			},
			options: { connections: 1 },
		},
		good: ({ images }) => ({ socket: 'segmentation-threshold', image: images.lung1?.pk }),
		bad: ({ images }) => ({ socket: 'mean-intensity', image: images.lung1?.pk }),
		message:
			"Lung Volume Above Threshold does not take these inputs. The closest of its interfaces takes 'ct-image' (not taken: 'mean-intensity')",
		description: "Give exactly the sockets of one interface: 1: 'ct-image'; 2: 'ct-image', 'segmentation-threshold'",
		details: badInput,
		asks: ['GET /api/v1/algorithms/?slug=lung-volume-above-threshold&limit=2', asksSocket('mean-intensity')],
	},
	{
		what: 'an input that is missing',
		operation: 'algorithmJob.start',
		parameters: {
			algorithm: id(text('algorithm')),
			values: { json: [{ socket: id('patient-age'), value: '={{ 7 + $itemIndex }}' }] },
			options: { connections: 1 },
		},
		good: () => ({ algorithm: 'always-failing' }),
		bad: () => ({ algorithm: 'table-summary' }),
		message:
			"Table Summary does not take these inputs. The closest of its interfaces takes 'measurements-csv', 'patient-age' (missing: 'measurements-csv')",
		description: "Give exactly the sockets of one interface: 1: 'measurements-csv', 'patient-age'",
		details: badInput,
		asks: ['GET /api/v1/algorithms/?slug=table-summary&limit=2'],
	},
	{
		what: 'Limit 0',
		operation: 'archive.getMany',
		parameters: { limit: text('limit') },
		good: () => ({ limit: 1 }),
		bad: () => ({ limit: 0 }),
		message: "'Limit' is 0",
		description: 'Use a whole number of at least 1',
		details: badInput,
		asks: [],
	},
	{
		what: 'a limit that is no number',
		operation: 'archive.getMany',
		parameters: { limit: text('limit') },
		good: () => ({ limit: '1' }),
		bad: () => ({ limit: 'all' }),
		message: '\'Limit\' is "all"',
		description: 'Use a whole number of at least 1',
		details: badInput,
		asks: [],
	},
	{
		what: 'a filter by something that does not exist',
		operation: 'image.getMany',
		parameters: { limit: 1, filters: { archive: id(text('archive')) } },
		good: ({ archives }) => ({ archive: archives.lung?.pk }),
		bad: ({ images }) => ({ archive: images.lung1?.pk }),
		message: 'Grand Challenge does not know what the list of images is filtered by',
		description:
			'Either it does not exist, or this account has no access to it. Grand Challenge did not accept the list of images: ' +
			'archive: Select a valid choice. <pk> is not one of the available choices.',
		details: notShown,
		asks: ['GET /api/v1/cases/images/?archive=<pk>&limit=1'],
	},
	{
		what: 'a longest wait of nothing',
		operation: 'archiveItem.create',
		parameters: { archive: id('incoming-cases'), options: { maxWait: text('minutes') } },
		good: () => ({ minutes: 1 }),
		bad: () => ({ minutes: 0 }),
		message: "'Longest Wait' is 0",
		description: 'Use a number of minutes above 0',
		details: badInput,
		asks: [],
	},
	...(
		[
			['tries', -1, "'Retries' is -1", 'Use a number of at least 0'],
			['tries', 'many', '\'Retries\' is "many"', 'Use a number of at least 0'],
			['firstDelay', -100, "'First Delay' is -100", 'Use a number of at least 0'],
			['longestDelay', 'a day', '\'Longest Delay\' is "a day"', 'Use a number of at least 0'],
			[
				'statuses',
				'429, 200',
				"'Statuses' has '200', which is no HTTP status that can be retried",
				'Use numbers from 400 to 599, e.g. 429, 503',
			],
			[
				'statuses',
				'all',
				"'Statuses' has 'all', which is no HTTP status that can be retried",
				'Use numbers from 400 to 599, e.g. 429, 503',
			],
		] as const
	).map(
		([field, value, message, description]): BadItem => ({
			what: `custom retries with ${field} ${JSON.stringify(value)}`,
			operation: 'account.get',
			parameters: { options: { retryStrategy: 'custom', customRetries: { values: { [field]: text('value') } } } },
			good: () => ({ value: field === 'statuses' ? '' : '10' }),
			bad: () => ({ value }),
			message,
			description,
			details: badInput,
			asks: [],
		}),
	),
	{
		what: 'an unknown retry strategy',
		operation: 'account.get',
		parameters: { options: { retryStrategy: text('strategy') } },
		good: () => ({ strategy: 'none' }),
		bad: () => ({ strategy: 'endless' }),
		message: "'Retry Strategy' is 'endless'",
		description: 'Use standard, patient, none or custom',
		details: badInput,
		asks: [],
	},
	{
		what: 'an item that was not downloaded, to be marked as delivered',
		operation: 'archive.markAsDelivered',
		parameters: {},
		good: () => ({ delivery: { archive: 'a', item: 'b', value: 1, file: 0, files: 1 } }),
		bad: () => ({ delivery: { archive: 'a' } }),
		message: 'This item did not come from Archive: Download',
		description:
			"Mark as Delivered needs the field 'delivery' that Archive: Download puts into its items. If a node in between drops it, let that node keep its input fields, or merge them back",
		details: badInput,
		asks: [],
	},
];

const told = (words = ''): string =>
	words
		.replaceAll(world.sandbox.origins.api, '<site>')
		.replaceAll(new URL(world.sandbox.origins.api).host, '<host>')
		.replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<pk>');

const errorOf = ({ error }: NodeResult) => ({
	message: told(error?.message),
	description: told(error?.description ?? ''),
	itemIndex: error?.context?.itemIndex,
});

const toldItem = (item: NodeResult['items'][number] | undefined) => ({
	...item?.json,
	error: told(String(item?.json.error)),
	message: told(String(item?.json.message)),
});

describe.each(badItems)(
	'$what ($operation)',
	({ operation, parameters, good, bad, token, asks, message, description, details }) => {
		const given = async () => {
			const binary = {
				data: await makeBinary(Buffer.from('x'), 'case.mha'),
				other: await makeBinary(Buffer.from('y'), 'other.pdf'),
			};
			const [fine, wrong] = [
				{ json: good(world.state), binary },
				{ json: bad(world.state), binary },
			];
			return {
				wrong,
				items: [fine, wrong, fine],
				credentials: world.credentials(token ? { token: world.sandbox.tokens[token] } : {}),
			};
		};
		/** As it is for the item at an index. */
		const messageOf = (index: number) => message.replaceAll('<n>', String(index));
		const item = { error: messageOf(1), message: description, details };
		const made = { 'archiveItem.create': 'archive items', 'algorithmJob.start': 'jobs' }[operation];
		// The same job cannot be started twice.
		if (operation === 'algorithmJob.start') beforeEach(async () => void (await world.sandbox.reset()));

		it('makes nothing, and asks for no more than it needs to know', async () => {
			const { wrong, credentials } = await given();
			const result = await world.run(operation, parameters, { items: [wrong], credentials });
			expect(errorOf(result)).toEqual({ message: messageOf(0), description, itemIndex: 0 });
			expect(await world.requests()).toEqual(asks);
		});

		it('stops at the item', async () => {
			const result = await world.run(operation, parameters, await given());
			expect(result.status).toBe('error');
			const more = made ? `. Other items have made these ${made}: <pk>` : '';
			const told = errorOf(result);
			// Cases are made several at once: the item behind it may have been begun too.
			expect({ ...told, description: told?.description?.replace('<pk>, <pk>', '<pk>') }).toEqual({ message: messageOf(1), description: description + more, itemIndex: 1 });
		});

		it('goes on with the others', async () => {
			const { status, items } = await world.run(operation, parameters, {
				...(await given()),
				onError: 'continueRegularOutput',
			});
			expect(status).toBe('success');
			expect(items.map(({ json, pairedItem }) => ['error' in json, pairedItem])).toEqual([
				[false, { item: 0 }],
				[true, { item: 1 }],
				[false, { item: 2 }],
			]);
			expect(toldItem(items[1])).toEqual(item);
		});

		it('uses the error output', async () => {
			const { outputs } = await world.run(operation, parameters, {
				...(await given()),
				onError: 'continueErrorOutput',
			});
			expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
				[{ item: 0 }, { item: 2 }],
				[{ item: 1 }],
			]);
			expect(toldItem(outputs[1]?.[0])).toMatchObject(item);
		});
	},
);

interface BadNode extends Partial<Words> {
	what: string;
	operation?: string;
	parameters?: INodeParameters;
	credential?: ICredentialDataDecryptedObject;
	message: string;
	description: string;
}

const badNodes: BadNode[] = [
	{
		what: 'an empty token',
		credential: { token: '  ' },
		message: 'The API token is empty',
		description: "Put your token into the 'API Token' field of the Grand Challenge credential",
	},
	{
		what: 'a token with two words too many',
		credential: { token: 'Authorization: Bearer a b' },
		message: 'The API token has 4 words',
		description: "The 'API Token' field takes the token alone, or two words such as 'Bearer <token>'",
	},
	{
		what: 'plain http that is not allowed',
		credential: { allowHttp: false },
		message: 'The base URL is not encrypted (http), so the API token could be read on its way',
		description: "Use https, or switch on 'Allow Plain HTTP' in the credential for a server on your own machine",
	},
	{
		what: 'a page of the site as base URL',
		credential: { baseUrl: 'https://grand-challenge.org/algorithms/' },
		message: "The base URL 'https://grand-challenge.org/algorithms/' is a page of the site",
		description: 'Use the address of the site alone: https://grand-challenge.org',
	},
	{
		what: 'a base URL that is none',
		credential: { baseUrl: 'the usual one' },
		message: "The base URL 'the usual one' is not a web address",
		description: 'Use the address of the site, e.g. https://grand-challenge.org',
	},
	{
		what: 'an operation that there is not',
		operation: 'archive.empty',
		message: "This node has no operation 'empty' for 'archive'",
		description: "Choose another 'Operation'",
	},
	{
		what: 'a resource that there is not',
		operation: 'moon.get',
		message: "This node has no operation '' for 'moon'",
		description: "Choose another 'Operation'",
	},
	{
		what: "n8n's Custom API Call as operation",
		operation: 'archive.__CUSTOM_API_CALL__',
		message: 'This node makes no custom API calls',
		description:
			'Use the HTTP Request node with this credential: Authentication, Predefined Credential Type, Grand Challenge API',
	},
	{
		what: "n8n's Custom API Call as resource",
		operation: '__CUSTOM_API_CALL__.',
		message: 'This node makes no custom API calls',
		description:
			'Use the HTTP Request node with this credential: Authentication, Predefined Credential Type, Grand Challenge API',
	},
	{
		what: 'a choice of files that there is not',
		operation: 'algorithmJob.download',
		parameters: { job: id('0d11fc7b-c63f-4fd7-b80b-51d2e21492c0'), which: '={{ "all" }}' },
		message: "'Files' is 'all'",
		description: 'Use inputs, outputs or both',
	},
];

describe.each(badNodes)('$what', ({ operation = 'account.get', parameters, credential, message, description }) => {
	const run = async (onError?: 'continueRegularOutput') =>
		await world.run(operation, parameters, {
			items: [{ json: {} }, { json: {} }],
			credentials: world.credentials(credential),
			onError,
		});

	it('is said before anything is sent', async () => {
		expect(errorOf(await run())).toEqual({ message, description, itemIndex: 0 });
		expect(await world.requests()).toEqual([]);
	});

	it('is said for every item where the workflow goes on', async () => {
		const { items } = await run('continueRegularOutput');
		const json = { error: message, message: description, details: { reason: 'badInput' } };
		expect(items).toEqual([0, 1].map((item) => ({ json, pairedItem: { item } })));
		expect(await world.requests()).toEqual([]);
	});
});

it.each<[string, string, INodeParameters]>([
	['Archive', 'archive.get', { archive: id('') }],
	[
		'Socket',
		'archiveItem.create',
		{ archive: id('incoming-cases'), values: { json: [{ socket: id(''), value: '1' }] } },
	],
])('n8n itself says that %s is required, and runs nothing', async (field, operation, parameters) => {
	const { error } = await world.run(operation, parameters);
	expect(error?.message).toContain(`Parameter "${field}" is required.`);
	expect(await world.requests()).toEqual([]);
});

describe('a base URL where there is no Grand Challenge', () => {
	const elsewhere = "Check the 'Base URL' of the credential; it may not be a Grand Challenge site";
	const noList = 'Grand Challenge answered with something else than the list of archives';

	it.each([
		['a page', 200, 'text/html', '<html>Welcome</html>', '<host> answered with a web page instead of the list of archives', elsewhere],
		['other JSON', 200, 'application/json', '{"welcome":true}', noList, elsewhere],
		['a list of something', 200, 'application/json', '[1]', noList, elsewhere],
	])('answers with %s', async (_, status, type, body, message, description) => {
		const server = await startServer(status, type, body);
		try {
			const credentials = world.credentials({ baseUrl: server.url });
			const { error } = await world.run('archive.getMany', {}, { credentials });
			expect([error?.message.replace(new URL(server.url).host, '<host>'), error?.description]).toEqual([
				message,
				description,
			]);
			expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v1/archives/?limit=50']);
		} finally {
			await server.stop();
		}
	});

	it('does not answer', async () => {
		const credentials = world.credentials({ baseUrl: 'http://127.0.0.1:1' });
		const { error } = await world.run('archive.getMany', { options: { retryStrategy: 'none' } }, { credentials });
		expect(error).toMatchObject({
			message: 'Grand Challenge could not be reached (connection refused) when asked for the list of archives',
			description: "Check the 'Base URL' of the credential and your network",
		});
	});
});
