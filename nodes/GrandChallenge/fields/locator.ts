import type { INodeProperties } from 'n8n-workflow';

interface Locator {
	name: string;
	displayName: string;
	/** One of methods/listSearch.ts */
	search: string;
	/** What people know it by; the other one is understood too. Longer names are cut off in the editor. */
	by: 'ID' | 'Slug';
	idExample: string;
	urlExample: string;
	description?: string;
	required?: boolean;
}

/**
 * A field to choose one object. Anything may be pasted in any mode, so there are no patterns to match: n8n would stop
 * the whole run on a mismatch, and the client understands pk, slug and both kinds of URL.
 */
const locator = ({ name, displayName, search, by, idExample, urlExample, description, required = true }: Locator): INodeProperties => ({
	displayName,
	name,
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	...(required ? { required } : {}),
	...(description === undefined ? {} : { description }),
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: `Select ${/^[aeiou]/i.test(displayName) ? 'an' : 'a'} ${displayName.toLowerCase()}…`,
			typeOptions: { searchListMethod: search, searchable: true },
		},
		{ displayName: `By ${by}`, name: by.toLowerCase(), type: 'string', placeholder: `e.g. ${idExample}` },
		{ displayName: 'By URL', name: 'url', type: 'string', placeholder: `e.g. ${urlExample}` },
	],
});

const PK = '0d11fc7b-c63f-4fd7-b80b-51d2e21492c0';
const SITE = 'https://grand-challenge.org';

export const algorithmField = locator({
	name: 'algorithm',
	displayName: 'Algorithm',
	search: 'searchAlgorithms',
	by: 'Slug',
	idExample: 'corads-ai, or an ID',
	urlExample: `${SITE}/algorithms/corads-ai/`,
});

export const algorithmEndpointField = locator({
	name: 'algorithmEndpoint',
	displayName: 'Endpoint',
	search: 'searchAlgorithmEndpoints',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/algorithms/endpoints/${PK}/`,
});

export const algorithmInvocationField = locator({
	name: 'algorithmInvocation',
	displayName: 'Invocation',
	search: 'searchAlgorithmInvocations',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/algorithms/invocations/${PK}/`,
});

export const jobField = locator({
	name: 'job',
	displayName: 'Job',
	search: 'searchJobs',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/algorithms/corads-ai/jobs/${PK}/`,
	description: 'The site calls it a result',
});

export const archiveField = locator({
	name: 'archive',
	displayName: 'Archive',
	search: 'searchArchives',
	by: 'Slug',
	idExample: 'lung-ct, or an ID',
	urlExample: `${SITE}/archives/lung-ct/`,
});

export const archiveItemField = locator({
	name: 'archiveItem',
	displayName: 'Archive Item',
	search: 'searchArchiveItems',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/archives/items/${PK}/`,
});

export const imageField = locator({
	name: 'image',
	displayName: 'Image',
	search: 'searchImages',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/cases/images/${PK}/`,
});

export const socketField = locator({
	name: 'socket',
	displayName: 'Socket',
	search: 'searchSockets',
	by: 'Slug',
	idExample: 'ct-image, or an ID',
	urlExample: `${SITE}/api/v1/components/interfaces/12/`,
});

export const containerImageField = locator({
	name: 'containerImage',
	displayName: 'Container Image',
	search: 'searchContainerImages',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/algorithms/corads-ai/images/${PK}/`,
	description: 'The site calls it a container of an algorithm',
});

export const readerStudyField = locator({
	name: 'readerStudy',
	displayName: 'Reader Study',
	search: 'searchReaderStudies',
	by: 'Slug',
	idExample: 'nodule-reading, or an ID',
	urlExample: `${SITE}/reader-studies/nodule-reading/`,
});

export const questionField = locator({
	name: 'question',
	displayName: 'Question',
	search: 'searchQuestions',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/reader-studies/questions/${PK}/`,
});

export const displaySetField = locator({
	name: 'displaySet',
	displayName: 'Display Set',
	search: 'searchDisplaySets',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/reader-studies/display-sets/${PK}/`,
	description: 'A case of a reader study',
});

export const answerField = locator({
	name: 'answer',
	displayName: 'Answer',
	search: 'searchAnswers',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/reader-studies/answers/${PK}/`,
});

export const challengeField = locator({
	name: 'challenge',
	displayName: 'Challenge',
	search: 'searchChallenges',
	by: 'Slug',
	idExample: 'luna16',
	urlExample: 'https://luna16.grand-challenge.org/',
});

export const evaluationField = locator({
	name: 'evaluation',
	displayName: 'Evaluation',
	search: 'searchEvaluations',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/evaluations/${PK}/`,
});

export const claimableField = locator({
	name: 'evaluation',
	displayName: 'Evaluation',
	search: 'searchClaimableEvaluations',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/evaluations/${PK}/`,
	description: 'The list holds those that this account may claim',
});

export const uploadField = locator({
	name: 'upload',
	displayName: 'Upload',
	search: 'searchUploads',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/uploads/${PK}/`,
});

export const uploadSessionField = locator({
	name: 'uploadSession',
	displayName: 'Upload Session',
	search: 'searchUploadSessions',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/cases/upload-sessions/${PK}/`,
});

export const viewerField = locator({
	name: 'viewer',
	displayName: 'Viewer',
	search: 'searchViewers',
	by: 'Slug',
	idExample: 'cirrus-core, or an ID',
	urlExample: `${SITE}/api/v1/workstations/${PK}/`,
});

export const viewerConfigurationField = locator({
	name: 'viewerConfiguration',
	displayName: 'Viewer Configuration',
	search: 'searchViewerConfigurations',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/workstations/configs/${PK}/`,
});

export const viewerSessionField = locator({
	name: 'viewerSession',
	displayName: 'Viewer Session',
	search: 'searchViewerSessions',
	by: 'ID',
	idExample: PK,
	urlExample: `${SITE}/api/v1/workstations/sessions/${PK}/`,
});

/** A locator as one of the filters of a list: nothing chosen means no filter. */
export const asFilter = (field: INodeProperties, name = field.name, displayName = field.displayName, description?: string): INodeProperties => {
	const about = description === undefined ? {} : { description };
	return { ...field, required: undefined, name, displayName, ...about };
};
