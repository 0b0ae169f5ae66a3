import { text } from '../../../../client/api/json';
import { asData } from '../../../n8n/data';
import { simplifyField } from '../../fields/lists';
import type { ResourceOperations } from '../../operation';

export const account: ResourceOperations = {
	value: 'account',
	name: 'Account',
	operations: [
		{
			value: 'get',
			name: 'Get',
			action: 'Get account',
			description: 'Read the account that the API token belongs to',
			fields: [simplifyField],
			execute: async ({ gc, parameters }) => {
				const simple = parameters.flag('simplify', 'Simplify');
				const data = asData(await gc.account());
				if (!simple) return [{ json: data }];
				const { user, institution, department, location, website } = data;
				return [{ json: { username: text(user, 'username'), institution, department, location, website } }];
			},
		},
	],
};
