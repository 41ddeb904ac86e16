import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CoordinatorRefusedError, GlobalTransactions, type GlobalTransactionContext } from '@txmsg/seata';
import type { BoundedRead, ProblemException } from '@txmsg/service';
import {
  DatabaseUnavailableError,
  Deadline,
  TransactionDeadlineError,
  type DatabaseTransactions,
  type TransactionContext,
} from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { withoutCoordinator } from '../../../../libs/seata/test/without-coordinator.js';
import type { AccountRegistrationBranches } from './account-registration.branches.js';
import { AccountRegistrationService } from './account-registration.service.js';

const ORDER = { txNo: 't-1', pattern: 'TCC', name: 'Alice' } as const;
const LATE = new TransactionDeadlineError(5000, true);
const DEADLOCK = Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
const CONTEXT = { xid: '10.0.0.1:8091:42', deadline: Deadline.in(60_000) } as GlobalTransactionContext;

type Run = DatabaseTransactions['run'];
const failing =
  (failure: Error): Run =>
  () =>
    Promise.reject(failure);
/** Its INSERT waits for the row of an earlier call. */
const waiting =
  (failure: Error): Run =>
  (work) => {
    const entityManager = { query: () => new Promise(() => undefined) };
    void work({ entityManager } as unknown as TransactionContext);
    return Promise.reject(failure);
  };

/** What a caller is told when nobody can look at the row of its txNo, which may be that of an earlier call. */
describe('a registration that cannot be begun', () => {
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });

  const answerWith = (
    global: Pick<GlobalTransactions, 'run'>,
    run: Run,
    row: object = {},
  ): Promise<unknown> => {
    const service = new AccountRegistrationService(
      global as GlobalTransactions,
      { run } as DatabaseTransactions,
      { run: () => Promise.resolve(row) } as unknown as BoundedRead,
      {} as AccountRegistrationBranches,
      new NoFaults(),
    );
    return service
      .register(ORDER, 'correct horse')
      .catch((error: unknown) => (error as ProblemException).toDocument());
  };
  const rollingBack = withoutCoordinator(CONTEXT);

  it.each([
    ['its database does not answer', LATE],
    ['its COMMIT is not answered', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ])('since %s has done nothing, which says nothing about an earlier call', async (_, failure) => {
    expect(await answerWith(rollingBack, failing(failure))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      txNo: 't-1',
      detail: expect.stringContaining('when an earlier call with it is still unknown'),
    });
  });

  it('since another call works on the row of its txNo, which has other contents, is a conflict', async () => {
    for (const state of ['OPEN', 'COMMITTED', 'ROLLED_BACK']) {
      expect(
        await answerWith(rollingBack, failing(DEADLOCK), { ...ORDER, name: 'Bob', state }),
      ).toMatchObject({
        status: 409,
        code: 'TX_NO_CONFLICT',
        txNo: 't-1',
      });
    }
  });

  it.each([
    ['COMMITTED', 'REPEATED'],
    ['OPEN', 'UNKNOWN'],
  ])(
    'since its time ended while an earlier call held the row is told of that call: %s is %s',
    async (state, kind) => {
      expect(await answerWith(rollingBack, waiting(LATE), { ...ORDER, state })).toMatchObject({ kind });
    },
  );

  it('since an earlier call held the row in a round before is told of that call', async () => {
    const away = new DatabaseUnavailableError('no connection');
    const row = { ...ORDER, state: 'COMMITTED' };
    for (const failure of [away, LATE]) {
      const runs = [waiting(DEADLOCK)];
      const run: Run = (work, options) => (runs.shift() ?? failing(failure))(work, options);
      expect(await answerWith(rollingBack, run, row)).toMatchObject({ kind: 'REPEATED' });
    }
  });

  it('since the coordinator refuses has done nothing', async () => {
    const refusing = { run: () => Promise.reject(new CoordinatorRefusedError('Begin', 1, 'no store')) };
    expect(await answerWith(refusing, failing(new Error('not called')))).toMatchObject({
      status: 503,
      txNo: 't-1',
    });
  });
});
