import type { SandboxState, SpawnedSandbox } from '../../sandbox/client.mts';

/** What is to be moved. Each contender does it in its own way. */
export type Task =
	/** Makes a case of the files of each group, in one socket. */
	| { kind: 'up'; archive: string; socket: string; groups: string[][] }
	/** Fetches what all items of an archive hold in one socket each. */
	| { kind: 'archiveDown'; archive: SandboxState['archives'][string]; holds: 'files' | 'images' }
	| { kind: 'imageDown'; image: string };

/** A process that has done everything but the work. */
export interface Ready {
	/** Whose memory is watched. */
	pid: number;
	/** Does the work. @returns seconds of it alone, without start-up */
	go(): Promise<number>;
	/** SHA-256 of each file that has come; none for an upload. */
	received(): Promise<string[]>;
	/** Ends it and removes the files that have come. */
	close(): Promise<void>;
}

export interface Contender {
	name: string;
	/** e.g. "gcapi 0.16.1" */
	version: string;
	/** Whether it is made for that. */
	takes(task: Task): boolean;
	open(task: Task): Promise<Ready>;
}

/** What all of them work with. */
export interface Arena {
	sandbox: SpawnedSandbox;
	/** Where they may put files. */
	folder: string;
	/** A file with the certificate of the sandbox, to be trusted. */
	certificate: string;
	/** Transfers at the same time, where that can be set. */
	connections: number;
}
