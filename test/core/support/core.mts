// n8n-core's own copies of the container and the logger: several versions of both lie in node_modules, and only these are in use.
import { createRequire } from 'node:module';

interface Container {
	/** The one instance of a service. */
	get<T>(service: abstract new (...args: never[]) => T): T;
}

interface WinstonLogger {
	log: (level: string, message: string, metadata: object) => void;
}

interface CoreLogger {
	getInternalLogger(): WinstonLogger;
}

const requireFromCore = createRequire(createRequire(import.meta.url).resolve('n8n-core'));
const di = requireFromCore('@n8n/di') as { Container: Container };
const common = requireFromCore('@n8n/backend-common') as { Logger: new () => CoreLogger };

export const container = di.Container;

/** n8n's logger (what `this.logger` of a node is). */
export const coreLogger = (): CoreLogger => container.get(common.Logger);
