import type { ILoadOptionsFunctions, INodeListSearchResult, ResourceMapperField, ResourceMapperFields } from 'n8n-workflow';

import { readInterfaces, type Socket } from '../../../client';
import type { JsonObject } from '../../../client/api/json';
import { connect } from '../../n8n/connect';
import { toNodeError } from '../../n8n/errors';
import { asString } from '../../n8n/parameters';
import { fieldTypeOf, interfaceOf, moreFieldsOf, nameOfInterface } from '../fields/socketFields';

const chosen = (context: ILoadOptionsFunctions, field: string): string => asString(context.getCurrentNodeParameter(field), field).trim();

/** The algorithm that is chosen in the editor; undefined where there is none yet, or an expression finds it when the node runs. */
const chosenAlgorithm = async (context: ILoadOptionsFunctions): Promise<JsonObject | undefined> => {
	const identifier = chosen(context, 'algorithm');
	if (identifier === '' || identifier.startsWith('=')) return undefined;
	const gc = await connect(context, {}, new AbortController().signal);
	return gc.algorithms.get(identifier);
};

/** The field of a socket, and those that say more about its files. */
const fieldsOf = (socket: Socket): ResourceMapperField[] => {
	const field = { defaultMatch: false, display: true };
	return [
		{ ...field, id: socket.slug, displayName: `${socket.title} (${socket.kind})`, required: true, type: fieldTypeOf(socket) },
		...moreFieldsOf(socket).map(({ id, name, type }): ResourceMapperField => ({ ...field, id, displayName: `${socket.title}: ${name}`, required: false, type })),
	];
};

/** The fields for the inputs of the chosen algorithm, and of the chosen interface. */
async function algorithmInputs(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	try {
		const algorithm = await chosenAlgorithm(this);
		if (algorithm === undefined) return { fields: [], emptyFieldsNotice: "Choose an 'Algorithm' to see its inputs. Where an expression names it, use rows" };
		const wanted = chosen(this, 'interface');
		// The interface may be that of the algorithm that was chosen before.
		const known = readInterfaces(algorithm).some((entry) => nameOfInterface(entry) === wanted);
		return { fields: interfaceOf(algorithm, known ? wanted : '').inputs.flatMap(fieldsOf) };
	} catch (error) {
		throw toNodeError(this.getNode(), error, 0);
	}
}

/** The combinations of inputs that the chosen algorithm takes. */
async function searchInterfaces(this: ILoadOptionsFunctions, filter = ''): Promise<INodeListSearchResult> {
	try {
		const wanted = filter.trim().toLowerCase();
		const all = readInterfaces(await chosenAlgorithm(this)).map((entry) => ({ name: entry.inputs.map(({ title }) => title).join(', '), value: nameOfInterface(entry) }));
		return { results: all.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted)) };
	} catch (error) {
		throw toNodeError(this.getNode(), error, 0);
	}
}

export const resourceMapping = { algorithmInputs };
export const interfaceSearch = { searchInterfaces };
