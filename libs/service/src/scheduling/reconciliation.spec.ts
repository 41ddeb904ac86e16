import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually } from 'txmsg/testing';
import { Reconciliation, type ReconciledItem } from './reconciliation.js';
import type { ReconciliationOutcome } from './reconciliation-round.js';

/** Asks another side that never answers. */
class UnansweredReconciliation extends Reconciliation<ReconciledItem> {
  readonly asked: string[] = [];

  constructor(txNos: readonly string[]) {
    const items = txNos.map((txNo) => ({ txNo }));
    super(
      {
        claim: () => Promise.resolve(items),
        claimOne: (key) => Promise.resolve(items.find(({ txNo }) => txNo === key) ?? 'NOT_FOUND'),
      },
      'test',
    );
  }

  protected end({ txNo }: ReconciledItem, signal: AbortSignal): Promise<ReconciliationOutcome> {
    this.asked.push(txNo);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('the service ends'));
      });
    });
  }
}

describe('Reconciliation', () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

  it('waits for the other side no longer when the service ends, and begins with no further one', async () => {
    const txNos = Array.from({ length: 20 }, (_, number) => `t-${number}`);
    const reconciliation = new UnansweredReconciliation(txNos);
    const round = reconciliation.reconcile();
    await eventually(() => reconciliation.asked.length > 0);
    const asked = [...reconciliation.asked];
    reconciliation.onModuleDestroy();
    const { length: checked } = asked;
    await expect(round).resolves.toEqual({ checked, settled: 0, republished: 0, postponed: checked });
    expect(checked).toBeLessThan(txNos.length);
    expect(reconciliation.asked).toEqual(asked);
  });
});
