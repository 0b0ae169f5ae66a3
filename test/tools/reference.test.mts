// The reference says what the node says.
import type { INodeProperties, INodeType } from 'n8n-workflow';
import { reference } from '../../scripts/reference.mts';

const show = { resource: ['archive'], operation: ['get'] };
const properties: INodeProperties[] = [
	{ displayName: 'Resource', name: 'resource', type: 'options', default: 'archive', options: [{ name: 'Archive', value: 'archive' }] },
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		default: 'get',
		displayOptions: { show: { resource: ['archive'] } },
		options: [{ name: 'Get', value: 'get', description: 'Read one archive' }],
	},
	{ displayName: 'Folder', name: 'folder', type: 'string', default: '', required: true, placeholder: 'e.g. a | b', description: 'Where it goes', displayOptions: { show } },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		default: {},
		displayOptions: { show },
		options: [
			{ displayName: 'Names', name: 'names', type: 'options', default: 'pk', options: [{ name: 'ID', value: 'pk' }, { name: 'Title', value: 'title', description: 'As on the site' }] },
		],
	},
];
const nodes = [{ description: { properties } }] as INodeType[];

it('tells of every operation what it does, its fields, and what it gives', () => {
	const problems: string[] = [];
	const page = reference(nodes, new Map([['archive.get', { json: ['pk', 'title'], binary: ['data'] }]]), problems);
	expect(problems).toEqual([]);
	expect(page).toContain(
		[
			'### Archive: Get\n\nRead one archive.\n',
			'| field | takes | |',
			'| --- | --- | --- |',
			'| Folder | text, required | Where it goes. e.g. a \\| b |',
			'| Options → Names | choice, ID | **ID**; **Title**: As on the site |',
			'\nGives `pk`, `title`; binary data in `data`.',
		].join('\n'),
	);
});

it('wants to know what an operation gives', () => {
	const problems: string[] = [];
	reference(nodes, new Map(), problems);
	expect(problems).toEqual(['docs/reference.md: nothing is known of what archive.get gives']);
});
