import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { interfaceSearch, resourceMapping } from './methods/algorithmInputs';
import { listSearch } from './methods/listSearch';
import { propertiesOf, subtitleOf } from './properties';
import { resources } from './resources';
import { run } from './run';

export class GrandChallenge implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Grand Challenge',
		name: 'grandChallenge',
		icon: { light: 'file:grandChallenge.svg', dark: 'file:grandChallenge.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Work with algorithms, archives and images of the medical imaging platform Grand Challenge',
		defaults: { name: 'Grand Challenge' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'grandChallengeApi', required: true }],
		properties: propertiesOf(resources),
	};

	methods = { listSearch: { ...listSearch, ...interfaceSearch }, resourceMapping };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await run(this, resources)];
	}
}
