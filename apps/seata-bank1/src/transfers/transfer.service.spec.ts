import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CoordinatorRefusedError, GlobalTransactions, type GlobalTransactionContext } from '@txmsg/seata';
import type { BoundedRead, ProblemException } from '@txmsg/service';
import { Deadline, TransactionDeadlineError, type DatabaseTransactions } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { withoutCoordinator } from '../../../../libs/seata/test/without-coordinator.js';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import type { TransferBranches } from './transfer.branches.js';
import { TransferService } from './transfer.service.js';

const ORDER = { txNo: 't-1', pattern: 'TCC', accountNo: '1', toAccountNo: '2', amount: '7.00' } as const;
const CONTEXT = { xid: '10.0.0.1:8091:42', deadline: Deadline.in(60_000) } as GlobalTransactionContext;

/** What a caller is told when nobody can look at the row of its txNo, which may be that of an earlier call. */
describe('a transfer that cannot be begun', () => {
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });

  const answerWith = (
    global: Pick<GlobalTransactions, 'run'>,
    failure: Error,
    row: object = {},
  ): Promise<unknown> => {
    const transactions = { run: () => Promise.reject(failure) } as unknown as DatabaseTransactions;
    const service = new TransferService(
      global as GlobalTransactions,
      transactions,
      { run: () => Promise.resolve(row) } as unknown as BoundedRead,
      {} as TransferBranches,
      new NoFaults(),
      new SeataBank1Settings(),
    );
    return service.transfer(ORDER).catch((error: unknown) => (error as ProblemException).toDocument());
  };
  const rollingBack = withoutCoordinator(CONTEXT);

  it.each([
    ['its database does not answer', new TransactionDeadlineError(5000, true)],
    ['its COMMIT is not answered', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ])('since %s has done nothing, which says nothing about an earlier call', async (_, failure) => {
    expect(await answerWith(rollingBack, failure)).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
      txNo: 't-1',
      detail: expect.stringContaining('when an earlier call with it is still unknown'),
    });
  });

  it('since another call works on the row of its txNo, which has other contents, is a conflict', async () => {
    const deadlock = Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK', errno: 1213 });
    for (const state of ['OPEN', 'COMMITTED', 'ROLLED_BACK']) {
      expect(await answerWith(rollingBack, deadlock, { ...ORDER, amount: '8.00', state })).toMatchObject({
        status: 409,
        code: 'TX_NO_CONFLICT',
        txNo: 't-1',
      });
    }
  });

  it('since the coordinator refuses has done nothing', async () => {
    const refusing = { run: () => Promise.reject(new CoordinatorRefusedError('Begin', 1, 'no store')) };
    expect(await answerWith(refusing, new Error('not called'))).toMatchObject({ status: 503, txNo: 't-1' });
  });
});
