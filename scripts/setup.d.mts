/** Installs the project's own packages (npm ci, without install scripts) if they are missing or not those of the lock. */
export const ensureProject: () => Promise<void>;
/** Builds dist (needs ensureProject) if it is missing or older than its sources. */
export const ensureBuilt: () => Promise<void>;
/** The line of n8n that the demo shows: a folder of test/n8n/lines. */
export const currentLine: string;
/** The lines of n8n that the package is tested with. */
export const lines: string[];
/** Installs a line of n8n and its Node unless the installation there is complete and that of the lock. */
export const ensureN8n: (line?: string) => Promise<void>;
