// The files of tests in the order in which jest shall begin them: those of faults first, which take minutes each. Jest knows how long
// a file takes only where it has run before, and else begins with the largest, which these are not: on a fresh clone they came last.
import Sequencer from '@jest/test-sequencer';

const isLong = ({ context }) => context.config.displayName?.name === 'faults';

export default class LongestFirst extends Sequencer {
	sort(tests) {
		const sorted = super.sort(tests);
		return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
	}
}
