/** Counts what was checked and prints a line for each. */
export interface Checks {
	/** Runs one check; what it throws is its reason to fail, and the next check goes on. */
	check: (title: string, run: () => Promise<void> | void) => Promise<void>;
	/** How many were run, and how many of them have passed. */
	counts: () => { run: number; passed: number };
	/** Prints "N passed, N failed" and says whether all passed. */
	summary: () => boolean;
}

export const createChecks = (): Checks => {
	let passed = 0;
	let failed = 0;
	return {
		check: async (title, run) => {
			try {
				await run();
				passed += 1;
				console.log(`  ok    ${title}`);
			} catch (error) {
				failed += 1;
				const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
				const reason = error instanceof Error ? error.message + cause : String(error);
				console.log(`  FAIL  ${title}\n        ${reason.replaceAll('\n', '\n        ')}`);
			}
		},
		counts: () => ({ run: passed + failed, passed }),
		summary: () => {
			console.log(`${passed} passed, ${failed} failed`);
			return failed === 0 && passed > 0;
		},
	};
};
