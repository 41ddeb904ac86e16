import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { NoFaults } from 'txmsg/faults';
import type { UserEntity } from '../users/user.entity.js';
import { RegistrationService } from './registration.service.js';
import type { StoreOutcome } from '@txmsg/service';
import type { NewUser, UserStore } from './user.store.js';

const REGISTRATION = { txNo: 't-1', name: 'Alice' };

describe('RegistrationService', () => {
  let outcome: StoreOutcome | Error;
  /** The row as it is found afterwards; `OWN` is that of the call itself. */
  let row: Partial<UserEntity> | 'OWN' | Error | undefined;
  let tried: NewUser | undefined;

  const store = {
    store: (user: NewUser) => {
      tried = user;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    find: () => (row instanceof Error ? Promise.reject(row) : Promise.resolve(row === 'OWN' ? tried : row)),
  } as unknown as UserStore;
  const service = new RegistrationService(store, new NoFaults());

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    row = undefined;
  });

  it('answers what it stored, with an id of its own for each call', async () => {
    outcome = 'STORED';
    const [one, other] = [await service.register(REGISTRATION), await service.register(REGISTRATION)];
    expect(one).toEqual({ kind: 'FIRST', body: { ...REGISTRATION, userId: expect.any(String) } });
    expect(other.body).not.toEqual(one.body);
  });

  it.each(['EXISTS', 'HELD', 'UNKNOWN'] as const)(
    'answers the first result of a repeated txNo (%s)',
    async (stored) => {
      outcome = stored;
      row = { ...REGISTRATION, userId: 'u-1' };
      await expect(service.register(REGISTRATION)).resolves.toEqual({
        kind: 'REPEATED',
        body: { ...REGISTRATION, userId: 'u-1' },
      });
    },
  );

  it.each(['EXISTS', 'HELD', 'UNKNOWN'] as const)('refuses a txNo of another name (%s)', async (stored) => {
    outcome = stored;
    row = { txNo: 't-1', name: 'alice', userId: 'u-1' };
    await expect(service.register(REGISTRATION)).rejects.toMatchObject({ code: ProblemCode.TX_NO_CONFLICT });
  });

  describe('when the answer to COMMIT was lost', () => {
    beforeEach(() => {
      outcome = 'UNKNOWN';
    });

    it('is the first to have registered when the row is its own', async () => {
      row = 'OWN';
      await expect(service.register(REGISTRATION)).resolves.toMatchObject({ kind: 'FIRST' });
    });

    it('says that nothing was done when there is no row', async () => {
      await expect(service.register(REGISTRATION)).rejects.toMatchObject({
        code: ProblemCode.SERVICE_UNAVAILABLE,
      });
    });

    it('says that it does not know while the row cannot be read, and never guesses', async () => {
      row = new Error('the database is away');
      await expect(service.register(REGISTRATION)).resolves.toEqual({
        kind: 'UNKNOWN',
        body: { txNo: 't-1', state: 'UNKNOWN' },
      });
    });
  });

  it('says that nothing was done when the transaction never came to its COMMIT', async () => {
    outcome = new Error('deadlock');
    row = { ...REGISTRATION, userId: 'u-1' };
    await expect(service.register(REGISTRATION)).rejects.toMatchObject({
      code: ProblemCode.SERVICE_UNAVAILABLE,
      extras: { cause: outcome, txNo: 't-1' },
    });
  });
});
