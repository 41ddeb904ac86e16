import TestSequencer from '@jest/test-sequencer';

const TIERS = ['e2e', 'integration', 'unit'];

/**
 * The tiers whose suites take minutes before those whose suites take seconds, so that the workers end at about the same time.
 * Without durations of an earlier run jest begins with the largest files, and the size of a file says nothing about its time.
 */
export default class SlowTiersFirstSequencer extends TestSequencer {
  sort(tests) {
    const tierOf = ({ context }) => TIERS.indexOf(context.config.displayName?.name);
    return super.sort(tests).sort((one, other) => tierOf(one) - tierOf(other));
  }
}
