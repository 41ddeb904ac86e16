import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { SeataBanks } from './kit/seata-banks.js';
import { CrashingBanks, crashesOf } from './kit/seata-crashes.js';

const DEADLINE_MS = 40 * 60_000;

describe.each(coordinatorVersions())('with Seata %s', (version) => {
  let coordinator: OwnCoordinator;

  beforeAll(async () => {
    coordinator = await ownCoordinator({ version });
  }, DEADLINE_MS);
  afterAll(() => coordinator.stop(), DEADLINE_MS);

  it.each(TWO_PHASE_PATTERNS)(
    'under %s, a coordinator that is killed at any step leaves money where it belongs',
    async (pattern) => {
      const banks = await SeataBanks.create(`tc_at_${pattern.toLowerCase()}`, coordinator.server);
      try {
        const crashing = await CrashingBanks.start(banks, pattern);
        for (const crash of crashesOf(pattern)) {
          await crashing.playServerCrash(crash, async () => {
            await coordinator.kill();
            await coordinator.start();
          });
        }
        await crashing.expectAllEnded();
      } finally {
        await banks.close();
      }
    },
    DEADLINE_MS,
  );
});
