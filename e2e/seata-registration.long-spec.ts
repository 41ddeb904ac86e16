import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { playRegistrationCrash, REGISTRATION_CRASHES } from './kit/registration-crashes.js';
import { RegistrationServices } from './kit/registration-services.js';

const DEADLINE_MS = 40 * 60_000;

describe.each(coordinatorVersions())('with Seata %s', (version) => {
  let coordinator: OwnCoordinator;

  beforeAll(async () => {
    coordinator = await ownCoordinator({ version });
  }, DEADLINE_MS);
  afterAll(() => coordinator.stop(), DEADLINE_MS);

  it.each(TWO_PHASE_PATTERNS)(
    'under %s, user and account agree when either service is killed in any phase',
    async (pattern) => {
      const services = await RegistrationServices.create(
        `every_reg_${pattern.toLowerCase()}`,
        coordinator.server,
      );
      try {
        await services.startBoth();
        for (const crash of REGISTRATION_CRASHES.filter((one) => one.pattern === pattern)) {
          await playRegistrationCrash(services, crash);
        }
      } finally {
        await services.close();
      }
    },
    DEADLINE_MS,
  );
});
