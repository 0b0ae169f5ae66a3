import { unauthenticated } from './errors.mts';
import type { Platform } from './platform.mts';
import type { User } from './store.mts';

/**
 * The user of an Authorization header. Null for no header and for any other scheme: the platform then goes on as
 * `AnonymousUser`. Throws the exact 401 for a bad Bearer header.
 */
export const authenticate = (platform: Platform, header: string | undefined): User | null => {
	const [scheme, token, ...more] = (header ?? '').trim().split(/\s+/u);
	if (scheme?.toLowerCase() !== 'bearer') return null;
	if (token === undefined) throw unauthenticated('Invalid token header. No credentials provided.');
	if (more.length > 0) throw unauthenticated('Invalid token header. Token string should not contain spaces.');
	const user = platform.store.users.find((candidate) => candidate.token === token);
	if (user === undefined) throw unauthenticated('Invalid token.');
	if (!user.active) throw unauthenticated('User inactive or deleted.');
	return user;
};

/** As `authenticate`, but a bad token is no error: media URLs degrade to the anonymous user. */
export const authenticateMedia = (platform: Platform, header: string | undefined): User | null => {
	try {
		return authenticate(platform, header);
	} catch {
		return null;
	}
};
