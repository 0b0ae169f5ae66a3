import { ownUrl, type BaseUrl } from '../transport/baseUrl';
import { badInput } from '../transport/errors';
import { decoded } from './json';
import type { Resource } from './resources';

export type Identifier = { pk: string } | { slug: string };

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const byValue = (resource: Resource, value: string): Identifier | undefined => {
	if (resource.pk === 'uuid' ? UUID.test(value) : /^\d+$/.test(value)) return { pk: value.toLowerCase() };
	return resource.slug && /^[\w.-]+$/.test(value) ? { slug: value } : undefined;
};

/**
 * Understands whatever a person pastes: a pk, a slug, an API URL or the URL of a page of the site.
 * @throws GrandChallengeError (badInput: nothing that names one; foreignAddress: a URL of another site)
 */
export const identify = (base: BaseUrl, resource: Resource, text: string): Identifier => {
	const value = text.trim();
	if (value === '') throw badInput(`No ${resource.singular} is chosen`, `Choose one from the list, or give its pk${resource.slug ? ', slug' : ''} or URL`);
	const direct = byValue(resource, value);
	if (direct) return direct;
	if (URL.canParse(value) || value.startsWith('/')) {
		const { pathname } = ownUrl(base, value);
		const api = `/api/v1/${resource.path}`;
		// Below `algorithms/` there are `jobs/` and `images/` too: an API URL of this resource has one step more, not two.
		const steps = pathname.startsWith(api) ? pathname.slice(api.length).split('/').filter(Boolean) : [];
		const named = steps.length === 1 ? steps[0] : resource.page?.exec(pathname)?.[1];
		const found = byValue(resource, decoded(named ?? ''));
		if (found) return found;
		throw badInput(`This is not the address of one ${resource.singular}: ${pathname}`, `Paste the address of its page, or its pk${resource.slug ? ' or slug' : ''}`);
	}
	throw badInput(
		`'${value.slice(0, 100)}' does not name one ${resource.singular}`,
		`Give its pk${resource.pk === 'uuid' ? ' (such as 0d11fc7b-c63f-4fd7-b80b-51d2e21492c0)' : ''}${resource.slug ? ', its slug' : ''} or its URL`,
	);
};
