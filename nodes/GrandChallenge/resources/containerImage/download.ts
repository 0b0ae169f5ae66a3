import type { INodeExecutionData } from 'n8n-workflow';

import type { RemoteFile } from '../../../../client';
import { text } from '../../../../client/api/json';
import { algorithmFile } from '../../../../client/files/remote';
import { asIs, GrandChallengeError, hasReason, withLeft } from '../../../../client/transport/errors';
import { containerImageField } from '../../fields/locator';
import type { Call, Operation } from '../../operation';
import { downloadedItem } from '../downloading';

/** External evaluators may download a container that they cannot look up: they have its address from their claim. */
const containerUrl = async ({ gc }: Call, identifier: string): Promise<string> => {
	if (identifier.includes('/media/')) return identifier;
	const entity = await gc.containerImages.get(identifier);
	const url = text(entity, 'image');
	if (url !== '') return url;
	throw new GrandChallengeError('notFound', `The container image ${text(entity, 'pk')} has no file: its import is '${text(entity, 'import_status')}'`, {
		advice: 'Choose one whose import is completed',
	});
};

const fetchFile = async (call: Call, file: RemoteFile, kind: 'container' | 'model'): Promise<INodeExecutionData> => {
	try {
		return await downloadedItem(call, file, { kind });
	} catch (error) {
		throw hasReason(error, 'noPermission')
			? withLeft(error, {}, 'Containers and models are given to the external evaluators of a challenge; who may edit an algorithm may not download them for that')
			: asIs(error);
	}
};

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download container image',
	description: 'Get the container of an algorithm as binary data, and its model, for external evaluators of a challenge',
	transfers: true,
	fields: [
		{ ...containerImageField, description: "Takes 'container_url' of Evaluation: Claim too. The site calls a container image a container of an algorithm." },
		{
			displayName: 'Model URL',
			name: 'modelUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. {{ $json.model_url }}',
			description: "Address of the model to download besides, 'model_url' of Evaluation: Claim; none where it is empty",
		},
	],
	execute: async (call) => {
		const modelUrl = call.parameters.text('modelUrl').trim();
		const { transport } = call.gc;
		const model = modelUrl === '' ? undefined : algorithmFile(transport, modelUrl);
		const container = algorithmFile(transport, await containerUrl(call, call.parameters.text('containerImage').trim()));
		const items = [await fetchFile(call, container, 'container')];
		if (model) items.push(await fetchFile(call, model, 'model'));
		return items;
	},
};
