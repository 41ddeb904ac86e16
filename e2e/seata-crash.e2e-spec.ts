import { describe, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS, type TwoPhasePattern } from '@txmsg/contracts';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { SeataBanks } from './kit/seata-banks.js';
import { CrashingBanks, crashesOf, isOfPhaseTwo, type Crash } from './kit/seata-crashes.js';

const DEADLINE_MS = 15 * 60_000;

/** Every step of phase two once, by turns at either bank; AT has those that it does not share with TCC. */
function crashesUnder(pattern: TwoPhasePattern): Crash[] {
  const crashes = crashesOf(pattern).filter(
    (crash) => isOfPhaseTwo(crash) && (pattern === 'TCC' || crash.point.includes('seata.at.')),
  );
  const points = [...new Set(crashes.map(({ point }) => point))];
  return points.flatMap((point, index) => {
    const atBanks = crashes.filter((crash) => crash.point === point);
    return atBanks[index % atBanks.length] ?? [];
  });
}

/** All other steps, and each at both banks, are killed by `npm run test:seata` (seata-crash.long-spec.ts). */
describe.each(TWO_PHASE_PATTERNS)('a bank that is killed in phase two under %s', (pattern) => {
  it(
    'leaves money where it belongs: both banks have the transfer, or neither',
    async () => {
      const banks = await SeataBanks.create(`crash_${pattern.toLowerCase()}`, await sharedCoordinator());
      try {
        const crashing = await CrashingBanks.start(banks, pattern);
        for (const crash of crashesUnder(pattern)) await crashing.play(crash);
        await crashing.expectAllEnded();
      } finally {
        await banks.close();
      }
    },
    DEADLINE_MS,
  );
});
