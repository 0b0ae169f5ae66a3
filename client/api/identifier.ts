import { ownUrl, type BaseUrl } from '../transport/baseUrl';
import { badInput } from '../transport/errors';
import { decoded } from './json';
import type { Resource } from './resources';

export type Identifier = { pk: string } | { slug: string };

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const SLUG = /^[\w.-]+$/;
/** Part of a path and of a host name. */
const SHORT_NAME = /^[\w-]+$/;

const byValue = (resource: Resource, value: string): Identifier | undefined => {
	if (resource.pk === 'slug') return SHORT_NAME.test(value) ? { pk: value } : undefined;
	if (resource.pk === 'uuid' ? UUID.test(value) : /^\d+$/.test(value)) return { pk: value.toLowerCase() };
	return resource.slug && SLUG.test(value) ? { slug: value } : undefined;
};

/**
 * What the address of a page on a site below the platform's names: `https://<slug>.grand-challenge.org/…`. It is only read, never
 * called.
 */
const onSubdomain = (base: BaseUrl, resource: Resource, value: string): Identifier | undefined => {
	if (!resource.subdomain || !URL.canParse(value)) return undefined;
	const { hostname, pathname } = new URL(value);
	const site = `.${new URL(base.origin).hostname}`;
	if (!hostname.endsWith(site)) return undefined;
	const named = resource.pk === 'slug' ? hostname.slice(0, -site.length) : resource.page?.exec(pathname)?.[1];
	return byValue(resource, named ?? '');
};

/** What names an object besides its URL, in words. */
const namesOf = ({ pk, slug }: Resource, example = ''): string[] =>
	pk === 'slug' ? ['slug'] : [`pk${pk === 'uuid' ? example : ''}`, ...(slug ? ['slug'] : [])];

/**
 * Understands whatever a person pastes: a pk, a slug, an API URL or the URL of a page of the site.
 * @throws GrandChallengeError (badInput: nothing that names one; foreignAddress: a URL of another site)
 */
export const identify = (base: BaseUrl, resource: Resource, text: string): Identifier => {
	const value = text.trim();
	if (value === '') throw badInput(`No ${resource.singular} is chosen`, `Choose one from the list, or give its ${namesOf(resource).join(', ')} or URL`);
	const direct = byValue(resource, value) ?? onSubdomain(base, resource, value);
	if (direct) return direct;
	if (URL.canParse(value) || value.startsWith('/')) {
		const { pathname } = ownUrl(base, value);
		const api = `/api/v1/${resource.path}`;
		// Below `algorithms/` there are `jobs/` and `images/` too: an API URL of this resource has one step more, not two.
		const steps = pathname.startsWith(api) ? pathname.slice(api.length).split('/').filter(Boolean) : [];
		const named = steps.length === 1 ? steps[0] : resource.page?.exec(pathname)?.[1];
		const found = byValue(resource, decoded(named ?? ''));
		if (found) return found;
		throw badInput(`This is not the address of one ${resource.singular}: ${pathname}`, `Paste the address of its page, or its ${namesOf(resource).join(' or ')}`);
	}
	const names = namesOf(resource, ' (such as 0d11fc7b-c63f-4fd7-b80b-51d2e21492c0)');
	throw badInput(
		`'${value.slice(0, 100)}' does not name one ${resource.singular}`,
		`Give its ${names.join(', its ')} or its URL${names.includes('slug') && /\s/.test(value) ? '. A slug has no blanks: it stands in the address of the page' : ''}`,
	);
};
