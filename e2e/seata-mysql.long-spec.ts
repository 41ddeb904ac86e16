import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { OwnMysql } from './kit/own-mysql.js';
import { SeataBanks } from './kit/seata-banks.js';
import { CrashingBanks, crashesOf } from './kit/seata-crashes.js';
import { sharedServers } from './kit/servers.js';

const DEADLINE_MS = 40 * 60_000;

describe.each(coordinatorVersions())('with Seata %s', (version) => {
  let coordinator: OwnCoordinator;
  let mysql: OwnMysql;

  beforeAll(async () => {
    coordinator = await ownCoordinator({ version });
    mysql = await OwnMysql.start([], '');
  }, DEADLINE_MS);
  afterAll(async () => {
    await coordinator.stop();
    await mysql.stop();
  }, DEADLINE_MS);

  it.each(TWO_PHASE_PATTERNS)(
    'under %s, MySQL that is killed at any step leaves money where it belongs',
    async (pattern) => {
      const servers = { ...sharedServers(), mysqlRootUrl: mysql.rootUrl };
      const banks = await SeataBanks.create(`db_${pattern.toLowerCase()}`, coordinator.server, servers);
      try {
        const crashing = await CrashingBanks.start(banks, pattern);
        for (const crash of crashesOf(pattern)) {
          await crashing.playServerCrash(crash, () => mysql.killAndStart());
        }
        await crashing.expectAllEnded();
      } finally {
        await banks.close();
      }
    },
    DEADLINE_MS,
  );
});
