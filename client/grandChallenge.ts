import { member, text } from './api/json';
import { Collection } from './api/collection';
import { ALGORITHM, ALGORITHM_JOB, ARCHIVE, ARCHIVE_ITEM, IMAGE, READER_STUDY, SOCKET, UPLOAD_SESSION } from './api/resources';
import { GrandChallengeError, somethingElse } from './transport/errors';
import { Transport, type Connection } from './transport/transport';

/**
 * A connection to one Grand Challenge with one account.
 *
 * ```ts
 * const gc = new GrandChallenge({ base: parseBaseUrl('grand-challenge.org'), ports, retry: standardRetries(Math.random), signal });
 * for await (const item of gc.archiveItems.iterate({ archive: pk })) …
 * ```
 */
export class GrandChallenge {
	readonly transport: Transport;
	readonly algorithms: Collection;
	readonly jobs: Collection;
	readonly archives: Collection;
	readonly archiveItems: Collection;
	readonly images: Collection;
	readonly readerStudies: Collection;
	readonly sockets: Collection;
	readonly uploadSessions: Collection;

	constructor(connection: Connection) {
		this.transport = new Transport(connection);
		const collection = (resource: ConstructorParameters<typeof Collection>[1]) => new Collection(this.transport, resource);
		this.algorithms = collection(ALGORITHM);
		this.jobs = collection(ALGORITHM_JOB);
		this.archives = collection(ARCHIVE);
		this.archiveItems = collection(ARCHIVE_ITEM);
		this.images = collection(IMAGE);
		this.readerStudies = collection(READER_STUDY);
		this.sockets = collection(SOCKET);
		this.uploadSessions = collection(UPLOAD_SESSION);
	}

	/**
	 * The account that the token belongs to.
	 * @throws GrandChallengeError (tokenRefused) also when the platform took the request for an anonymous one
	 */
	async account(): Promise<unknown> {
		const account = await this.transport.get('profiles/users/self/', 'the account');
		const username = text(member(account, 'user'), 'username');
		if (username !== '' && username !== 'AnonymousUser') return account;
		if (username === '') throw somethingElse('the account');
		throw new GrandChallengeError('tokenRefused', 'Grand Challenge took this for the request of an anonymous visitor', {
			advice: 'The API token did not arrive. Check the credential, and any proxy in between',
		});
	}
}
