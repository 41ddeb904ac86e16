import { expect } from '@jest/globals';
import type { RegistrationService, TwoPhasePattern } from '@txmsg/contracts';
import type { FaultRule } from 'txmsg/faults';
import { faults } from './faults.js';
import type { RegistrationServices } from './registration-services.js';

/** Where a process is killed, and whether user and account are there in the end. */
export interface RegistrationCrash {
  readonly pattern: TwoPhasePattern;
  readonly killed: RegistrationService;
  readonly point: FaultRule['point'];
  readonly isMade: boolean;
}

const crash = (
  pattern: TwoPhasePattern,
  killed: RegistrationService,
  point: FaultRule['point'],
  isMade: boolean,
): RegistrationCrash => ({ pattern, killed, point, isMade });

/** Of each phase at each service. */
export const REGISTRATION_CRASHES: readonly RegistrationCrash[] = [
  crash('AT', 'user', 'service:account-registration.begun', false),
  crash('AT', 'user', 'service:account-registration.user-made', false),
  crash('AT', 'user', 'service:account-registration.account-made', false),
  crash('AT', 'user', 'service:seata.tm.commit-answered', true),
  crash('AT', 'user', 'service:seata.at.commit-deleted', true),
  crash('AT', 'identity', 'service:account.received', false),
  crash('AT', 'identity', 'service:seata.at.undo-written', false),
  crash('AT', 'identity', 'service:account.made', false),
  crash('AT', 'identity', 'service:seata.rm.commit-received', true),
  crash('TCC', 'user', 'service:account-registration.begun', false),
  crash('TCC', 'user', 'service:account-registration.user-made', false),
  crash('TCC', 'user', 'service:account-registration.account-made', false),
  crash('TCC', 'user', 'service:seata.tcc.confirm-before-commit', true),
  crash('TCC', 'identity', 'service:account.made', false),
  crash('TCC', 'identity', 'service:seata.tcc.try-before-commit', false),
  crash('TCC', 'identity', 'service:seata.tcc.confirm-executed', true),
  crash('TCC', 'identity', 'service:seata.tcc.confirmed', true),
];

/** Kills the process during a registration, starts it again, and repeats the call. */
export async function playRegistrationCrash(
  services: RegistrationServices,
  { pattern, killed, point, isMade }: RegistrationCrash,
): Promise<void> {
  const before = await services.expectAgreement();
  const name = `Killed at ${point} of ${killed}`;
  const order = { txNo: `${killed}-${point.replaceAll(':', '-')}`, name };
  const faulty = await services.replace(killed, faults({ point, action: 'kill' }));
  const statuses: (number | undefined)[] = [];
  await faulty.killedAt(point, async () => {
    const answer = await services.register(pattern, order).catch(() => undefined);
    statuses.push(answer?.status);
  });
  await services.replace(killed);
  await services.ended();
  expect(await services.expectAgreement()).toEqual(isMade ? [...before, name].sort() : before);
  // UNKNOWN and no answer are always true. A call that is repeated before the fault is met finds it made by an earlier one,
  // unless each of those said that nothing was made.
  const mayBeMade = statuses.slice(0, -1).some((status) => [undefined, 201, 202].includes(status));
  const made = mayBeMade ? [200, 201] : [201];
  expect([undefined, 202, ...(isMade ? made : [409])]).toContain(statuses.at(-1));
  const repeated = await services.register(pattern, order);
  expect(repeated.status).toBe(isMade ? 200 : 201);
  await services.ended();
  expect(await services.expectAgreement()).toEqual([...before, name].sort());
  expect((await services.logIn(name)).status).toBe(200);
}
