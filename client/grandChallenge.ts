import { member, text } from './api/json';
import { Collection } from './api/collection';
import * as resources from './api/resources';
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
	readonly algorithmEndpoints: Collection;
	readonly algorithmInvocations: Collection;
	readonly algorithms: Collection;
	readonly answers: Collection;
	readonly archiveItems: Collection;
	readonly archives: Collection;
	readonly challenges: Collection;
	readonly containerImages: Collection;
	readonly displaySets: Collection;
	readonly evaluations: Collection;
	readonly images: Collection;
	readonly jobs: Collection;
	/** Can be listed only. */
	readonly ownAnswers: Collection;
	readonly questions: Collection;
	readonly readerStudies: Collection;
	readonly sockets: Collection;
	readonly uploads: Collection;
	readonly uploadSessions: Collection;
	readonly viewerConfigurations: Collection;
	readonly viewers: Collection;
	readonly viewerSessions: Collection;

	constructor(connection: Connection) {
		this.transport = new Transport(connection);
		const collection = (resource: resources.Resource) => new Collection(this.transport, resource);
		this.algorithmEndpoints = collection(resources.ALGORITHM_ENDPOINT);
		this.algorithmInvocations = collection(resources.ALGORITHM_INVOCATION);
		this.algorithms = collection(resources.ALGORITHM);
		this.answers = collection(resources.ANSWER);
		this.archiveItems = collection(resources.ARCHIVE_ITEM);
		this.archives = collection(resources.ARCHIVE);
		this.challenges = collection(resources.CHALLENGE);
		this.containerImages = collection(resources.CONTAINER_IMAGE);
		this.displaySets = collection(resources.DISPLAY_SET);
		this.evaluations = collection(resources.EVALUATION);
		this.images = collection(resources.IMAGE);
		this.jobs = collection(resources.ALGORITHM_JOB);
		this.ownAnswers = collection(resources.OWN_ANSWER);
		this.questions = collection(resources.QUESTION);
		this.readerStudies = collection(resources.READER_STUDY);
		this.sockets = collection(resources.SOCKET);
		this.uploads = collection(resources.UPLOAD);
		this.uploadSessions = collection(resources.UPLOAD_SESSION);
		this.viewerConfigurations = collection(resources.VIEWER_CONFIGURATION);
		this.viewers = collection(resources.VIEWER);
		this.viewerSessions = collection(resources.VIEWER_SESSION);
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
