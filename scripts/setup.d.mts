/** Installs the project's own packages (npm ci, without install scripts) if they are missing or not those of the lock. */
export const ensureProject: () => Promise<void>;
/** Builds dist (needs ensureProject) if it is missing or older than its sources. */
export const ensureBuilt: () => Promise<void>;
/** Installs n8n and its Node into test/n8n unless the installation there is complete and that of the lock. */
export const ensureN8n: () => Promise<void>;
