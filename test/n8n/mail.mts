import { text } from 'node:stream/consumers';

import { SMTPServer } from 'smtp-server';

/** A mail server on 127.0.0.1 that keeps what it is sent. */
export interface MailServer {
	port: number;
	/** Each as it was sent: headers and text. */
	messages: string[];
	stop: () => Promise<void>;
}

export const startMailServer = async (): Promise<MailServer> => {
	const messages: string[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['AUTH', 'STARTTLS'],
		disableReverseLookup: true,
		onData: (stream, _session, done) => {
			text(stream).then((message) => {
				messages.push(message);
				done();
			}, done);
		},
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.server.address();
	if (typeof address !== 'object' || address === null) throw new Error('No port');
	return { port: address.port, messages, stop: () => new Promise((resolve) => server.close(() => resolve())) };
};
