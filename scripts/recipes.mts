// docs/coming-from-gcapi.md: each recipe of gcapi's documentation, and what does the same here, from the recipes and twins of the tests.

interface Told {
	title: string;
	/** What someone who knows gcapi wants to know. */
	note: string;
}

const told: Record<string, Told> = {
	'getting-started': {
		title: 'Connect, and find things by slug, pk or URL',
		note: 'The credential holds token and base URL. Every locator understands pk, slug, API address and page address. What does not exist, or is not shown to the account, ends the step with one message for both.',
	},
	'usage/archive/create_archive_items': {
		title: 'Add cases to an archive',
		note: "One input item makes one case. A row of 'Values' is a `SocketValueSpec`: *JSON Value* for `value`, *File From Binary Data* for `file` and `files`, *Existing Image* for `existing_image_api_url`, *Values of Archive Item* and the like for `existing_socket_value`. The step waits until the images are imported, which gcapi leaves to you.",
	},
	'usage/archive/update_archive_items': {
		title: 'Update cases of an archive',
		note: 'Values of the same sockets are replaced, others stay. To remove what is not given, use *Replace All Values*.',
	},
	'usage/archive/download_archive_items': {
		title: 'Download the images and values of an archive',
		note: "Each file comes as binary data of an item, with a safe relative path in `path`; a node behind it writes it to disk, S3 or elsewhere. *Only New or Changed* and *Mark as Delivered* are what a script would need a database for.",
	},
	'usage/algorithm/start_algorithm_jobs': {
		title: 'Start algorithm jobs',
		note: 'The interface is found by the sockets that are given; where none matches, the message names the closest and what is missing. *Start and Wait* replaces the loop that asks for the status.',
	},
	'usage/algorithm/download_algorithm_outputs': {
		title: 'Download the outputs of jobs',
		note: "*Get Many* with the filter 'Algorithm' lists the jobs, *Download* gives their outputs. JSON outputs stand in the item besides.",
	},
	'usage/reader_study/create_display_sets': {
		title: 'Add cases to a reader study',
		note: 'As for archives. Input items are added one after the other, so that their order is that of the display sets.',
	},
	'usage/reader_study/update_display_sets': { title: 'Update cases of a reader study', note: 'What was answered already cannot be changed; the message says so.' },
	'usage/reader_study/reuse_images_in_display_sets': {
		title: 'Use the images of another case',
		note: "*Values of Display Set* (or of an archive item, or of a job) takes them over, with '>' for another socket. Images are shared, files are sent again.",
	},
	'usage/reader_study/download_answers': {
		title: 'Download answers and masks',
		note: 'Answer by answer as with gcapi, or with Reader Study: Export Answers as a table in words, masks included: [reader studies](reader-studies.md).',
	},
	'usage/retries/handling_limits': {
		title: 'Wait out the limits of the platform',
		note: "'Retry Strategy' Patient does it, and is the usual one where files are sent: [retries, limits and errors](transport.md).",
	},
	'api/retries': { title: 'Retry strategies of your own', note: "'Custom Retries' takes numbers and statuses. A program brings an object with one method, as with gcapi." },
	'api/client_methods': { title: 'The methods of the client', note: '' },
	'api/client_methods (DICOM)': { title: 'DICOM image sets', note: "A row 'DICOM Files From Binary Data'. The files are de-identified before they are sent, as gcapi does." },
	'api/archive_items': { title: 'Archive items', note: '' },
	'api/reader_studies/display_sets': { title: 'Display sets', note: '' },
	'api/reader_studies/questions': { title: 'Questions', note: '' },
	'api/reader_studies/answers': { title: 'Answers', note: '' },
	'api/reader_studies/answers (mask)': { title: 'Masks as answers', note: '' },
	'api/reader_studies': { title: 'Reader studies', note: '' },
	'api/algorithm_jobs': { title: 'Jobs', note: '' },
	'api/sessions': { title: 'Viewer sessions', note: '' },
	'api/models (evaluations)': { title: 'Evaluations', note: '' },
	'api/images': { title: 'Images', note: '' },
	'api/interfaces': { title: 'Sockets', note: '' },
	'api/algorithms and api/algorithm_images': { title: 'Algorithms and container images', note: '' },
	'api/archives': { title: 'Archives', note: '' },
	'api/uploads': { title: 'Uploads', note: '' },
	'api/raw_image_upload_sessions': { title: 'Upload sessions', note: '' },
	'api/workstation_configs': { title: 'Viewer configurations', note: '' },
};

/** The recipes by their page, without what registers them. */
const recipesIn = (python: string): Map<string, string> =>
	new Map(
		[...python.matchAll(/^@recipe\("([^"]+)"[^\n]*\)\ndef \w+\(w\):\n((?:(?: {4}[^\n]*)?\n)+)/gm)].map(([, page = '', body = '']) => [
			page,
			body.replace(/^ {4}/gm, '').trim(),
		]),
	);

const once = (names: string[]) => [...new Set(names)];

/**
 * @param python the recipes of the tests
 * @param twins the sources of what does the same here, by page
 * @param withoutTwin why there is none, by page
 * @param operations names that people see, by "resource.operation"
 * @param problems what is missing is added to them
 * @returns the page
 */
export const comingFromGcapi = (python: string, twins: Map<string, string>, withoutTwin: Record<string, string>, operations: Map<string, string>, problems: string[]): string => {
	const recipes = recipesIn(python);
	const problem = (what: string) => problems.push(`docs/coming-from-gcapi.md: ${what}`);
	for (const page of recipes.keys()) if (!twins.has(page) && !(page in withoutTwin)) problem(`${page} has no twin`);
	const rows = [...twins].map(([page, twin]) => {
		const recipe = recipes.get(page) ?? '';
		if (recipe === '') problem(`there is no recipe ${page}`);
		const about = told[page];
		const used = once([...twin.matchAll(/["']([a-z]\w+\.[a-z]\w+)["']/gi)].map(([, key = '']) => key).filter((key) => operations.has(key)));
		if (used.length === 0) problem(`the twin of ${page} uses no operation`);
		const here = used.map((key) => operations.get(key)).join(', ');
		return { page, title: about?.title ?? page, note: about?.note ?? '', recipe, here };
	});
	const [usage, api] = [rows.filter(({ note }) => note !== ''), rows.filter(({ note }) => note === '')];
	const section = ({ title, note, recipe, here }: (typeof rows)[number]) =>
		`## ${title}\n\n${note}\n\nHere: **${here}**. With gcapi:\n\n\`\`\`python\n${recipe}\n\`\`\``;
	return [
		'# Coming from gcapi',
		[
			'Each recipe of the documentation of [gcapi](https://github.com/DIAGNijmegen/rse-gcapi), Grand Challenge\'s Python client, as the tests run',
			'it, and the operations that do the same here. The tests run both against the same local Grand Challenge and compare what is stored and',
			'what is read (`test/gcapi`). Made by `npm run coverage`; `npm test` fails when this page is not what would be written. In the recipes,',
			'`w` is the world of the test: its files, its output folder, and `w.connect()` for `gcapi.Client(token=…)`.',
		].join('\n'),
		...usage.map(section),
		'## Everything else',
		['| page of gcapi | | here |', '| --- | --- | --- |', ...api.map(({ page, title, here }) => `| \`${page}\` | ${title} | ${here} |`)].join('\n'),
		['Not done:', '', ...Object.entries(withoutTwin).map(([page, why]) => `- \`${page}\`: ${why}`)].join('\n'),
		'Method by method: [what is covered](coverage.md).',
		'',
	].join('\n\n').replace(/\n+$/, '\n');
};
