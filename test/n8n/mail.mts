import { createServer } from 'node:net';

/** A mail server on 127.0.0.1 that keeps what it is sent. */
export interface MailServer {
	port: number;
	/** Each as it was sent: headers and text. */
	messages: string[];
	stop: () => Promise<void>;
}

const replies: Array<[RegExp, string]> = [
	[/^(EHLO|HELO|MAIL FROM|RCPT TO|RSET|NOOP)/i, '250 OK'],
	[/^DATA/i, '354 Go on'],
	[/^QUIT/i, '221 Bye'],
	[/^/, '502 Not known'],
];

/** As much of SMTP as it takes to receive a message (RFC 5321). */
export const startMailServer = async (): Promise<MailServer> => {
	const messages: string[] = [];
	const server = createServer((socket) => {
		let message: string[] | undefined;
		let rest = '';
		const say = (reply: string) => socket.write(`${reply}\r\n`);
		const read = (line: string) => {
			if (message === undefined) {
				if (/^DATA/i.test(line)) message = [];
				say(replies.find(([command]) => command.test(line))?.[1] ?? '');
			} else if (line !== '.') message.push(line);
			else {
				messages.push(message.join('\n'));
				message = undefined;
				say('250 OK');
			}
		};
		socket.setEncoding('utf8').on('error', () => undefined);
		socket.on('data', (data: string) => {
			const lines = (rest + data).split('\r\n');
			rest = lines.pop() ?? '';
			lines.forEach(read);
		});
		say('220 mail.example.org');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (typeof address !== 'object' || address === null) throw new Error('No port');
	return { port: address.port, messages, stop: () => new Promise((resolve) => server.close(() => resolve())) };
};
