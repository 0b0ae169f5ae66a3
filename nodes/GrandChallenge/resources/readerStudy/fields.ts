import type { INodeProperties } from 'n8n-workflow';

/** @param description what they are for, and what comes without any */
export const readersField = (description: string): INodeProperties => ({
	displayName: 'Readers',
	name: 'readers',
	type: 'string',
	default: '',
	placeholder: 'e.g. jdoe, asmith',
	description,
});
