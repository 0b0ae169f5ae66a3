import { NodeConnectionTypes, type INodeExecutionData, type INodeType, type INodeTypeDescription, type IPollFunctions } from 'n8n-workflow';

import { listSearch } from '../GrandChallenge/methods/listSearch';
import { events } from './events';
import { propertiesOf, subtitleOf } from './properties';
import { run } from './run';

export class GrandChallengeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Grand Challenge Trigger',
		name: 'grandChallengeTrigger',
		icon: { light: 'file:../GrandChallenge/grandChallenge.svg', dark: 'file:../GrandChallenge/grandChallenge.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: subtitleOf(events),
		description: 'Starts the workflow when something happens on the medical imaging platform Grand Challenge',
		defaults: { name: 'Grand Challenge Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'grandChallengeApi', required: true }],
		properties: propertiesOf(events),
	};

	methods = { listSearch };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return run(this, events);
	}
}
