import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DatabaseTransactions, TransactionTemplate } from 'txmsg';
import type { OutgoingTransferLedger } from '../transfers/outgoing-transfer.ledger.js';
import type { Bank2Client } from './bank2.client.js';
import type { DueTransfers } from './due-transfers.js';
import { ReconciliationService } from './reconciliation.service.js';

/** How many are asked about at once. */
const AT_ONCE = 8;

describe('ReconciliationService while the bank is stopping', () => {
  const asked: string[] = [];
  let service: ReconciliationService;

  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const orders = Array.from({ length: 50 }, (_, number) => ({ txNo: `t-${number}` }));
    const mute = (txNo: string, signal: AbortSignal): Promise<never> => {
      if (asked.push(txNo) === AT_ONCE)
        queueMicrotask(() => {
          service.onModuleDestroy();
        });
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('bank2 is not waited for'));
        });
      });
    };
    service = new ReconciliationService(
      { claim: () => Promise.resolve(orders) } as unknown as DueTransfers,
      { find: mute } as unknown as Bank2Client,
      {} as OutgoingTransferLedger,
      {} as TransactionTemplate,
      {} as DatabaseTransactions,
      { at: () => Promise.resolve() },
    );
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it('lets go of a mute bank2, and begins with no further transfer', async () => {
    expect(await service.reconcile()).toMatchObject({ checked: AT_ONCE, postponed: AT_ONCE });
    expect(asked).toHaveLength(AT_ONCE);
  });
});
