import { describe, expect, it } from '@jest/globals';
import { judgeTransfers, type SentTransfer } from './verdict.js';
import type { IncomingRow, OutgoingRow } from './ledger.js';

const order = { txNo: 't', accountNo: '1', toAccountNo: '2', amount: '1.00' };
const told = (...statuses: (number | undefined)[]): SentTransfer => ({
  txNo: order.txNo,
  order,
  statuses,
  isAskedAtRest: false,
});
const out = (state: OutgoingRow['state'], changes = {}): OutgoingRow => ({
  ...order,
  state,
  republished: 0,
  tookMs: 1,
  ...changes,
});
const into = (state: IncomingRow['state'], changes = {}): IncomingRow => ({ ...order, state, ...changes });

describe('judgeTransfers', () => {
  it.each([
    ['debited and completed', told(201), [out('COMPLETED')], [into('CREDITED')]],
    ['debited and refunded', told(undefined, 200), [out('REFUNDED')], [into('REJECTED')]],
    ['refused', told(422), [], []],
    ['told that nothing was done', told(503, 503), [], []],
  ] as const)('is content with a transfer that was %s', (_how, sent, outgoing, incoming) => {
    expect(judgeTransfers([sent], outgoing, incoming)).toEqual([]);
  });

  it.each([
    ['was answered DEBITED and not made', told(201), [], []],
    ['was answered 503 and made', told(503), [out('COMPLETED')], [into('CREDITED')]],
    ['was refused and made', told(422), [out('COMPLETED')], [into('CREDITED')]],
    ['nobody can tell about', told(202), [out('COMPLETED')], [into('CREDITED')]],
    ['has not ended', told(201), [out('DEBITED')], [into('CREDITED')]],
    ['was refunded and credited', told(201), [out('REFUNDED')], [into('CREDITED')]],
    ['was completed and never arrived', told(201), [out('COMPLETED')], []],
    ['arrived with another amount', told(201), [out('COMPLETED')], [into('CREDITED', { amount: '2.00' })]],
    [
      'was made with another amount',
      told(201),
      [out('COMPLETED', { amount: '2.00' })],
      [into('CREDITED', { amount: '2.00' })],
    ],
    ['arrived from nowhere', told(422), [], [into('CREDITED')]],
  ] as const)('names a transfer that %s', (_how, sent, outgoing, incoming) => {
    expect(judgeTransfers([sent], outgoing, incoming).map(({ txNo }) => txNo)).toEqual(['t']);
  });
});
