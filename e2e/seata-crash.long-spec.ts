import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { NO_PHASE_TWO_YET } from './kit/faults.js';
import { ENDED_WITHIN_MS, SeataBanks } from './kit/seata-banks.js';
import { CrashingBanks, crashesOf } from './kit/seata-crashes.js';

const DEADLINE_MS = 40 * 60_000;
const KILLS = 5;
const TRANSFERS_PER_KILL = 8;

describe.each(coordinatorVersions())('with Seata %s', (version) => {
  let coordinator: OwnCoordinator;

  beforeAll(async () => {
    coordinator = await ownCoordinator({ version });
  }, DEADLINE_MS);
  afterAll(() => coordinator.stop(), DEADLINE_MS);

  describe.each(TWO_PHASE_PATTERNS)('under %s', (pattern) => {
    it(
      'a bank that is killed at any step leaves money where it belongs',
      async () => {
        const banks = await SeataBanks.create(`every_${pattern.toLowerCase()}`, coordinator.server);
        try {
          const crashing = await CrashingBanks.start(banks, pattern);
          for (const crash of crashesOf(pattern)) await crashing.play(crash);
          await crashing.expectAllEnded();
        } finally {
          await banks.close();
        }
      },
      DEADLINE_MS,
    );

    it.each([
      ['at both banks', ['bank1', 'bank2']],
      ['at bank2', ['bank2']],
    ] as const)(
      'what the coordinator has answered COMMITTED stays so when it is killed before phase two %s',
      async (_where, waiting) => {
        const banks = await SeataBanks.create(`kept_${pattern.toLowerCase()}`, coordinator.server);
        try {
          const both = await banks.startBoth(ADMIN_SETTINGS);
          for (const name of waiting) await new Admin(both[name]).meetFaults(NO_PHASE_TWO_YET);
          expect((await banks.transfer(both.bank1, pattern)).status).toBe(201);
          await coordinator.kill();
          await coordinator.start();
          for (const name of waiting) await new Admin(both[name]).meetFaults();
          await banks.ended();
          expect(await banks.expectAgreement()).toBe(1);
        } finally {
          await banks.close();
        }
      },
      DEADLINE_MS,
    );

    it(
      'what bank1 has begun is rolled back after the timeout, at bank2 also while bank1 stays away',
      async () => {
        const banks = await SeataBanks.create(`away_${pattern.toLowerCase()}`, coordinator.server);
        try {
          const { bank1, bank2 } = await banks.startBoth(ADMIN_SETTINGS);
          const point = 'service:seata.tm.before-commit';
          await new Admin(bank1).meetFaults({ point, action: 'kill' });
          await bank1.killedAt(point, () => banks.transfer(bank1, pattern));
          // 2.0.0 asks in the order of registration, and stops at bank1.
          if (version === '1.8.0') await banks.ended(ENDED_WITHIN_MS, ['seata-bank2']);
          await banks.start('seata-bank1', { BANK2_URL: new URL(bank2.url).origin });
          await banks.ended();
          expect(await banks.expectAgreement()).toBe(0);
        } finally {
          await banks.close();
        }
      },
      DEADLINE_MS,
    );

    it(
      'a coordinator that is killed in traffic, and comes back, ends every transfer at both banks alike',
      async () => {
        const banks = await SeataBanks.create(`tc_${pattern.toLowerCase()}`, coordinator.server);
        try {
          const crashing = await CrashingBanks.start(banks, pattern);
          for (let kill = 0; kill < KILLS; kill++) {
            const traffic = Array.from({ length: TRANSFERS_PER_KILL }, () => crashing.transfer());
            await Promise.race(traffic);
            await coordinator.kill();
            await coordinator.start();
            await Promise.all(traffic);
          }
          expect(await crashing.expectAllEnded()).toBeGreaterThan(0);
        } finally {
          await banks.close();
        }
      },
      DEADLINE_MS,
    );
  });
});
