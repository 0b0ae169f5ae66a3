import { identity, isObject, parseJson, text, type JsonObject } from '../api/json';
import type { HttpAnswer, HttpRequest, Method, Ports } from '../ports';
import { limits, type Limits } from '../slots';
import { Tally } from '../tally';
import { ownUrl, type BaseUrl } from './baseUrl';
import { asIs, cancelled, GrandChallengeError, hasReason, somethingElse } from './errors';
import { cleanText, explain } from './explain';
import { failureKind, mayHaveBeenApplied, WrongLength, type Failure, type FailureKind } from './failure';
import { LONGEST_RETRY_AFTER, parseRetryAfter, type RetryStrategy } from './retry';
import { watch, type Watchdog } from './watchdog';

export interface Connection {
	base: BaseUrl;
	ports: Ports;
	retry: RetryStrategy;
	/** Aborted when the execution is canceled. */
	signal: AbortSignal;
	/** Aborted when what only waits for the platform's work is to end, and what has begun may still be finished. */
	ending?: AbortSignal;
	/** The longest silence of the server, in ms. Default 60 s. */
	idleMs?: number;
	/** By default eight transfers at the same time each way. */
	limits?: Limits;
	/** Counts for several clients together; each has its own by default. */
	tally?: Tally;
}

/** Values that are undefined or empty are left out: an empty filter would return everything. */
export type Query = Record<string, string | number | boolean | undefined>;

export interface ApiRequest {
	method: Method;
	/** Below the API (`archives/items/`), or a URL on our origin. */
	path: string;
	query?: Query;
	body?: unknown;
	/** In words, for messages: `archive 'lung-ct'`. */
	subject: string;
	labels?: Record<string, string[]>;
	/** Whether it does no harm when it is carried out twice: so unless given for all but POST. */
	repeatable?: boolean;
	/** Statuses that tell about what was asked, not how the platform is: they are never retried. */
	final?: number[];
}

/** An open answer whose bytes have still to be read. */
export interface OpenAnswer extends HttpAnswer {
	/** Where it came from: our origin, or the platform's storage. */
	origin: string;
	watchdog: Watchdog;
}

type TextAnswer = Omit<HttpAnswer, 'body'> & { body: string };

interface Attempt {
	method: Method;
	/** Without query, for the log: subjects may hold names of patients' files. */
	path: string;
	subject: string;
	labels?: Record<string, string[]>;
	repeatable: boolean;
	final?: number[];
}

const IDLE_MS = 60_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const LONGEST_ERROR_BODY = 64 * 1024;

const WORDS: Record<Exclude<FailureKind, 'status' | 'unknown'>, [message: string, advice: string]> = {
	refused: ['could not be reached (connection refused)', "Check the 'Base URL' of the credential and your network"],
	dns: ['could not be found (unknown host name)', "Check the 'Base URL' of the credential and your network"],
	reset: ['broke the connection off', 'Run the node again later'],
	timeout: ['did not answer in time', 'Run the node again later'],
	tls: ['has no certificate that this machine trusts', "For a development server, switch on 'Ignore SSL Issues' in the credential"],
	blocked: ['may not be reached from this n8n (SSRF protection)', 'Ask whoever runs this n8n to allow the address'],
};

/** A failed try that may be worth another; never leaves this file. */
class FailedTry extends Error {
	constructor(
		readonly failure: Omit<Failure, 'count'>,
		readonly explained: GrandChallengeError,
	) {
		super(explained.message);
	}
}

/**
 * One way out to the platform: signs for its own origin only, retries as the strategy says, follows redirects by hand,
 * turns every failure into a `GrandChallengeError`.
 */
export class Transport {
	readonly limits: Limits;
	readonly tally: Tally;

	constructor(readonly connection: Connection) {
		this.limits = connection.limits ?? limits();
		this.tally = connection.tally ?? new Tally(connection.ports);
	}

	get origin(): string {
		return this.connection.base.origin;
	}

	/** A URL from data or a person, checked to be ours. */
	own(pathOrUrl: string): string {
		return ownUrl(this.connection.base, pathOrUrl).href;
	}

	/** Reads JSON. GETs may be redirected within our origin. */
	get(path: string, subject: string, query?: Query): Promise<unknown> {
		return this.json({ method: 'GET', path, query, subject });
	}

	/**
	 * As `json`, for a request that is answered with one object of the platform.
	 * @throws GrandChallengeError also where the answer has no pk; where a POST was answered so, nobody knows what it did
	 */
	async entity(request: ApiRequest): Promise<JsonObject> {
		const answer = await this.json(request);
		if (isObject(answer) && identity(answer) !== undefined) return answer;
		throw isRepeatable(request) ? somethingElse(request.subject) : outcomeUnknown(request.subject, 'answered with something else');
	}

	/**
	 * Sends one API request and reads its answer as JSON (undefined when it is empty).
	 * @throws GrandChallengeError
	 */
	async json(request: ApiRequest): Promise<unknown> {
		const url = this.address(request.path, request.query);
		const repeatable = isRepeatable(request);
		return this.tries({ ...request, path: new URL(url).pathname, repeatable }, async (failed) => {
			const answer = await this.signedText(request, url);
			if (answer.status < 200 || answer.status > 299) throw failed(answer.status, answer.headers, answer.body);
			if (answer.body.trim() === '') return undefined;
			const parsed = parseJson(answer.body);
			if (parsed) return parsed.value;
			// A body that begins as JSON and cannot be read was cut on its way; anything else is not from the API.
			if (/^\s*[[{]/.test(answer.body)) throw new WrongLength('The answer is not complete');
			throw repeatable ? webPage(url, request.subject, answer.status) : outcomeUnknown(request.subject, 'answered with a web page');
		});
	}

	/**
	 * Opens a protected file: signed on our origin, and unsigned behind a redirect to another one.
	 * The caller reads the body and stops the watchdog.
	 * @param mediaUrl on our origin
	 * @throws GrandChallengeError
	 */
	async open(mediaUrl: string, subject: string, headers: Record<string, string> = {}): Promise<OpenAnswer> {
		const url = this.own(mediaUrl);
		const attempt: Attempt = { method: 'GET', path: new URL(url).pathname, subject, repeatable: true };
		return this.tries(attempt, async (failed) => {
			const answer = await this.notExpired(() => this.followed(url, { 'Accept-Encoding': 'identity', ...headers }, subject));
			if (answer.status >= 200 && answer.status < 300) return noWebPage(answer, subject);
			throw failed(answer.status, answer.headers, await readShort(answer));
		});
	}

	/**
	 * Sends one request to a presigned or header-signed address: never with our token, never redirected.
	 * `fresh` is asked for the address before each try, since it ages.
	 */
	plain(
		attempt: { method: Method; subject: string },
		fresh: () => Promise<{ url: string; headers: Record<string, string>; body?: Uint8Array }>,
	): Promise<OpenAnswer> {
		return this.tries({ ...attempt, path: 'signed address', repeatable: true }, async (failed) => {
			const answer = await this.notExpired(async () => {
				const request = await fresh();
				const { href } = this.secure(targetOf(request.url, undefined, attempt.subject), attempt.subject);
				return this.stream({ ...request, method: attempt.method, url: href, signed: false }, attempt.subject);
			});
			if (answer.status >= 200 && answer.status < 300) return noWebPage(answer, attempt.subject);
			const body = await readShort(answer);
			if (answer.status < 500 && answer.status !== 429) throw this.storageRefused(attempt, answer.status);
			throw failed(answer.status, answer.headers, body);
		});
	}

	/**
	 * Storage answers 400 to a body that was damaged or too slow on its way, 409 and 423 while it is busy with the same
	 * part: all pass with another try, as gcapi does it too. Everything else is final.
	 */
	private storageRefused({ method, subject }: { method: Method; subject: string }, status: number): Error {
		const explained = new GrandChallengeError('unexpectedAnswer', `The storage of Grand Challenge did not answer for ${subject} as expected (${status})`, {
			status,
			advice: 'Run the node again later',
		});
		return method === 'PUT' && [400, 409, 423].includes(status) ? new FailedTry({ method, kind: 'reset' }, explained) : explained;
	}

	/** Signed addresses age out, and their host then answers 403: worth one fresh address, whatever the strategy. */
	private async notExpired(ask: () => Promise<OpenAnswer>): Promise<OpenAnswer> {
		const answer = await ask();
		if (answer.status !== 403 || answer.origin === this.origin) return answer;
		await readShort(answer);
		return ask();
	}

	/**
	 * Runs `work` until it succeeds or its failure is final. For work that is more than one request, such as a download
	 * whose body is read by `work`: its own requests have their own retries, this adds those for a broken body.
	 * @param counts failures so far, by status or kind; work that goes on where it broke off keeps them from one call to the next
	 */
	async tries<T>(
		attempt: Attempt,
		work: (failed: (status: number, headers: Record<string, string>, body: string) => FailedTry) => Promise<T>,
		counts = new Map<string, number>(),
	): Promise<T> {
		const { signal, ports, retry } = this.connection;
		let answerLost = false;
		for (;;) {
			if (signal.aborted) throw cancelled();
			const outcome = await settle(work((status, headers, body) => this.refused(attempt, status, headers, body)));
			if ('value' in outcome) return outcome.value;
			const { failure, explained } = this.failedTry(attempt, outcome.error);
			const lost = answerLost;
			answerLost ||= mayHaveBeenApplied(failure);
			const key = failure.limit ? 'limit' : (failure.status ?? failure.kind);
			const count = (counts.get(String(key)) ?? 0) + 1;
			counts.set(String(key), count);
			if (mayHaveBeenApplied(failure) && !attempt.repeatable) throw outcomeUnknown(attempt.subject, explained.status === undefined ? 'broke the connection off' : 'could not answer', explained.status);
			const isFinal = failure.status !== undefined && attempt.final?.includes(failure.status);
			const delay = isFinal ? undefined : retry.delay({ ...failure, count });
			if (delay === undefined) throw lost ? afterLostAnswer(explained) : explained;
			const { retryAfterMs } = failure;
			if (retryAfterMs !== undefined && retryAfterMs > LONGEST_RETRY_AFTER) throw comeBackLater(explained, retryAfterMs, ports.now());
			const ms = retryAfterMs === undefined ? delay : retryAfterMs + ports.random() * Math.min(1000, retryAfterMs / 10);
			ports.log?.(`Grand Challenge: ${attempt.method} ${attempt.path}: ${key}, try ${count + 1} in ${Math.round(ms)} ms`);
			this.tally.retried(ms);
			await this.pause(ms);
		}
	}

	/** Waits; @throws GrandChallengeError (cancelled) at once when the execution is canceled. */
	async pause(ms: number): Promise<void> {
		const { signal, ports } = this.connection;
		await settle(ports.sleep(ms, signal));
		if (signal.aborted) throw cancelled();
	}

	/**
	 * As `pause`, for the time in which the platform works on something.
	 * @param news ends it early when aborted
	 * @throws GrandChallengeError (cancelled) also when nobody is interested in it any more
	 */
	async rest(ms: number, news?: AbortSignal): Promise<void> {
		const { signal, ending, ports } = this.connection;
		const signals = [signal, ending, news].filter((one) => one !== undefined);
		await settle(ports.sleep(ms, signals.length === 1 ? signal : AbortSignal.any(signals)));
		this.goOn();
	}

	/** @throws GrandChallengeError (cancelled) when nobody is interested any more in what has not begun yet */
	goOn(): void {
		const { signal, ending } = this.connection;
		if (signal.aborted || ending?.aborted) throw cancelled();
	}

	private address(path: string, query: Query = {}): string {
		const url = ownUrl(this.connection.base, path);
		// Without the trailing slash the platform redirects, and a redirected POST would become a GET.
		if (!url.pathname.endsWith('/')) url.pathname += '/';
		for (const [key, value] of Object.entries(query)) {
			if (value !== undefined && value !== '') url.searchParams.set(key, String(value));
		}
		return url.href;
	}

	/** Storage of an https site is never called without encryption. */
	private secure(url: URL, subject: string): URL {
		if (url.protocol === 'https:' || new URL(this.origin).protocol === 'http:') return url;
		throw new GrandChallengeError('notSecure', `Grand Challenge sent ${subject} to an address that is not encrypted`, {
			advice: 'Ask whoever runs this Grand Challenge to give its storage an https address',
		});
	}

	private async signedText(request: ApiRequest, url: string): Promise<TextAnswer> {
		const headers: Record<string, string> = { Accept: 'application/json' };
		const body = request.body === undefined ? undefined : JSON.stringify(request.body);
		if (body !== undefined) headers['Content-Type'] = 'application/json';
		let target = url;
		for (let hop = 0; ; hop++) {
			const answer = await this.text({ method: request.method, url: target, headers, body, signed: true }, request.subject);
			const location = answer.headers.location;
			if (request.method !== 'GET' || !REDIRECTS.includes(answer.status) || !location) return answer;
			if (hop === MOST_REDIRECTS) throw tooManyRedirects(request.subject);
			target = this.own(targetOf(location, target, request.subject).href);
		}
	}

	private async followed(url: string, headers: Record<string, string>, subject: string): Promise<OpenAnswer> {
		let target = url;
		for (let hop = 0; ; hop++) {
			const answer = await this.stream({ method: 'GET', url: target, headers, signed: new URL(target).origin === this.origin }, subject);
			const location = answer.headers.location;
			if (!REDIRECTS.includes(answer.status) || !location) return answer;
			await readShort(answer);
			if (hop === MOST_REDIRECTS) throw tooManyRedirects(subject);
			target = this.secure(targetOf(location, target, subject), subject).href;
		}
	}

	private async text(request: Omit<HttpRequest, 'signal'>, subject: string): Promise<TextAnswer> {
		const { status, headers, body, watchdog } = await this.stream(request, subject);
		const chunks: Uint8Array[] = [];
		try {
			for await (const chunk of body) {
				watchdog.seen();
				chunks.push(chunk);
			}
			return { status, headers, body: Buffer.concat(chunks).toString('utf8') };
		} catch (error) {
			throw asIs(noAnswer(error, watchdog, subject));
		} finally {
			watchdog.stop();
		}
	}

	private async stream(request: Omit<HttpRequest, 'signal'>, subject: string): Promise<OpenAnswer> {
		const { ports, signal, idleMs = IDLE_MS } = this.connection;
		// Sending a body has no sign of life, so it gets the time that its bytes need at 64 KiB/s on top.
		const sending = request.body === undefined ? 0 : request.body.length / 64;
		const watchdog = watch(ports, signal, idleMs + sending);
		const outcome = await settle(ports.http.send({ ...request, signal: watchdog.signal }));
		if ('value' in outcome) return { ...outcome.value, origin: new URL(request.url).origin, watchdog };
		watchdog.stop();
		throw noAnswer(outcome.error, watchdog, subject);
	}

	private refused(attempt: Attempt, status: number, headers: Record<string, string>, body: string): FailedTry {
		const retryAfterMs = parseRetryAfter(headers['retry-after'], this.connection.ports.now());
		const explained = explain({
			status,
			contentType: headers['content-type'] ?? '',
			body,
			subject: attempt.subject,
			origin: this.origin,
			labels: attempt.labels,
			retryAfterMs,
		});
		return new FailedTry({ method: attempt.method, kind: 'status', status, retryAfterMs, ...(explained.passes ? { limit: true } : {}) }, explained);
	}

	private failedTry(attempt: Attempt, error: unknown): FailedTry {
		if (error instanceof FailedTry) return error;
		if (this.connection.signal.aborted) throw cancelled();
		if (error instanceof GrandChallengeError) throw error;
		const kind = failureKind(error);
		// Not the network's doing, so nothing to retry: what it is must stay visible.
		if (kind === 'unknown' || kind === 'status') throw error;
		const [what, advice] = WORDS[kind];
		const reason = kind === 'tls' || kind === 'blocked' ? 'notSecure' : 'notReachable';
		const explained = new GrandChallengeError(reason, `Grand Challenge ${what} when asked for ${attempt.subject}`, { advice });
		return new FailedTry({ method: attempt.method, kind }, explained);
	}
}

const isRepeatable = ({ method, repeatable }: ApiRequest): boolean => repeatable ?? method !== 'POST';

const webPage = (url: string, subject: string, status: number) =>
	new GrandChallengeError('unexpectedAnswer', `${new URL(url).host} answered with a web page instead of ${subject}`, {
		status,
		advice: "Check the 'Base URL' of the credential; it may not be a Grand Challenge site",
	});

/** No file of the platform is a web page: what comes instead of one, such as a page to sign in, must not be stored under its name. */
const noWebPage = async (answer: OpenAnswer, subject: string): Promise<OpenAnswer> => {
	if (!/^text\/html\b/i.test(answer.headers['content-type'] ?? '')) return answer;
	await readShort(answer);
	throw webPage(answer.origin, subject, answer.status);
};

export type Settled<T> = { value: T } | { error: unknown };

/** Failures as values, so that one place can decide about them. */
export const settle = async <T>(promise: Promise<T>): Promise<Settled<T>> => {
	try {
		return { value: await promise };
	} catch (error) {
		return { error };
	}
};

/** An answer that a long wait asks for: undefined while the platform is away, since an outage must not end the wait. */
export const unlessAway = async <T>(asked: Promise<T>): Promise<T | undefined> => {
	const outcome = await settle(asked);
	if ('value' in outcome) return outcome.value;
	if (hasReason(outcome.error, 'unavailable', 'notReachable')) return undefined;
	throw outcome.error;
};

/** Reads an answer of which at most a message is wanted, and closes it. A body that breaks off is as good as one that ends. */
export const readShort = async (answer: OpenAnswer): Promise<string> => {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	await settle(
		(async () => {
			for await (const chunk of answer.body) {
				answer.watchdog.seen();
				chunks.push(chunk);
				bytes += chunk.length;
				if (bytes > LONGEST_ERROR_BODY) break;
			}
		})(),
	);
	answer.watchdog.stop();
	return Buffer.concat(chunks).toString('utf8');
};

/**
 * Why a port gave no answer. Libraries call a stall "canceled", so the reason of the signal comes first. They also hang
 * the request, with token and signed address, onto what they throw: of an error that is not known only the words go on.
 */
const noAnswer = (error: unknown, { signal }: Watchdog, subject: string): unknown => {
	if (signal.aborted) return signal.reason;
	if (error instanceof GrandChallengeError || failureKind(error) !== 'unknown') return error;
	return new GrandChallengeError('notReachable', `Grand Challenge could not be asked for ${subject}: ${cleanText(text(error, 'message'))}`, {
		advice: 'Check the credential and your network',
	});
};

const targetOf = (address: string, from: string | undefined, subject: string): URL => {
	if (URL.canParse(address, from)) return new URL(address, from);
	throw new GrandChallengeError('unexpectedAnswer', `Grand Challenge gave no address that can be called for ${subject}`);
};

const tooManyRedirects = (subject: string) =>
	new GrandChallengeError('unexpectedAnswer', `Grand Challenge sent ${subject} from one address to the next without end`, {
		advice: "Check the 'Base URL' of the credential",
	});

/** @param how it ended, as in "it broke the connection off after the request was sent" */
const outcomeUnknown = (subject: string, how: string, status?: number) =>
	new GrandChallengeError('outcomeUnknown', `It is not known whether Grand Challenge has taken ${subject}: it ${how} after the request was sent`, {
		status,
		advice: 'Look on Grand Challenge before you run the node again, so that nothing is made twice',
	});

const afterLostAnswer = (explained: GrandChallengeError) =>
	new GrandChallengeError(explained.reason, explained.message, { ...explained, answerLost: true });

const comeBackLater = (explained: GrandChallengeError, retryAfterMs: number, now: number) =>
	new GrandChallengeError(explained.reason, explained.message, {
		status: explained.status,
		retryAfterMs,
		advice: `Run the node again in ${Math.ceil(retryAfterMs / 60_000)} minutes, as Grand Challenge asks (at ${new Date(now + retryAfterMs).toISOString()})`,
	});

