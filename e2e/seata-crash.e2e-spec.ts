import { describe, it } from '@jest/globals';
import type { TwoPhasePattern } from '@txmsg/contracts';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { SeataBanks } from './kit/seata-banks.js';
import { CrashingBanks, crashesOf, isOfPhaseTwo } from './kit/seata-crashes.js';

const DEADLINE_MS = 15 * 60_000;

/** Every step of phase two under TCC; all others, and AT, are killed by `npm run test:seata` (seata-crash.long-spec.ts). */
describe.each<TwoPhasePattern>(['TCC'])('a bank that is killed in phase two under %s', (pattern) => {
  it(
    'leaves money where it belongs: both banks have the transfer, or neither',
    async () => {
      const banks = await SeataBanks.create(`crash_${pattern.toLowerCase()}`, await sharedCoordinator());
      try {
        const crashing = await CrashingBanks.start(banks, pattern);
        for (const crash of crashesOf(pattern).filter(isOfPhaseTwo)) await crashing.play(crash);
        await crashing.expectAllEnded();
      } finally {
        await banks.close();
      }
    },
    DEADLINE_MS,
  );
});
