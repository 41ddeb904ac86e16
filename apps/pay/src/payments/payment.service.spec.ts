import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { BoundedRead } from '@txmsg/service';
import {
  CommitOutcomeUnknownError,
  TransactionDeadlineError,
  type DatabaseTransactions,
  type LocalMessageOutbox,
  type TransactionContext,
} from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import type { PaySettings } from '../pay-settings.js';
import { PaymentService, type PaymentAnswer } from './payment.service.js';
import { PaymentStore } from './payment.store.js';

const ORDER = { txNo: 't-1', accountNo: '1', amount: '100.00' };
const PAYMENT = { id: 't-1', accountNo: '1', payAmount: '100.00', result: 'success' };

describe('a payment whose row is there when its transaction has failed', () => {
  /** Its INSERT waits until the transaction fails. */
  const payWith = (failure: Error): Promise<PaymentAnswer> => {
    const run: DatabaseTransactions['run'] = (work) => {
      const entityManager = { query: () => new Promise(() => undefined) };
      void work({ entityManager } as unknown as TransactionContext);
      return Promise.reject(failure);
    };
    const settings = { payAmountMax: '50000.00', payTimeoutMs: 3000 } as PaySettings;
    const store = new PaymentStore(
      { run } as DatabaseTransactions,
      {} as LocalMessageOutbox,
      { run: () => Promise.resolve(PAYMENT) } as unknown as BoundedRead,
      new NoFaults(),
      settings,
    );
    return new PaymentService(store, new NoFaults(), settings).pay(ORDER);
  };

  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it.each([
    ['it met a lock', Object.assign(new Error('Deadlock found'), { errno: 1213 })],
    ['its time ended while it waited', new TransactionDeadlineError(3000, true)],
  ])('repeats that of an earlier call when %s', async (_what, failure) => {
    expect(await payWith(failure)).toEqual({ kind: 'REPEATED', body: PAYMENT });
  });

  it('is the first when only the answer to its COMMIT was lost', async () => {
    expect(await payWith(new CommitOutcomeUnknownError({ cause: new Error('ECONNRESET') }))).toEqual({
      kind: 'FIRST',
      body: PAYMENT,
    });
  });
});
