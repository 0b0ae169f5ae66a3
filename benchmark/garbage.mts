import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Frees what this process does not use any more, before its memory is measured. */
export const collectGarbage = async (): Promise<void> => {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	for (let i = 0; i < 5; i++) {
		collect();
		await delay(100);
	}
};
